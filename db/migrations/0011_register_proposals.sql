CREATE TABLE "register_proposal" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"files" "bytea",
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"revision" integer
);
--> statement-breakpoint
CREATE INDEX "register_proposal_proposed" ON "register_proposal" USING btree ("institution","proposed_at","id");--> statement-breakpoint
ALTER TABLE register_proposal ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE register_proposal FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_institution ON register_proposal
  USING (institution = (SELECT nullif(current_setting('app.institution', true), '')))
  WITH CHECK (institution = (SELECT nullif(current_setting('app.institution', true), '')));
