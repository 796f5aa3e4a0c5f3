CREATE TABLE "kept_request" (
	"institution" text NOT NULL,
	"id" "bytea" NOT NULL,
	"content" "bytea" NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"answer" "bytea",
	CONSTRAINT "kept_request_institution_id_pk" PRIMARY KEY("institution","id")
);
--> statement-breakpoint
CREATE INDEX "kept_request_started" ON "kept_request" USING btree ("institution","started_at");--> statement-breakpoint
ALTER TABLE kept_request ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE kept_request FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_institution ON kept_request
  USING (institution = (SELECT nullif(current_setting('app.institution', true), '')))
  WITH CHECK (institution = (SELECT nullif(current_setting('app.institution', true), '')));
