CREATE TABLE "decision_list" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"person" text NOT NULL,
	"seed" text NOT NULL,
	"cases" jsonb NOT NULL,
	"opened" text[] DEFAULT '{}'::text[] NOT NULL,
	"drawn_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "decision" ADD COLUMN "list" jsonb;
--> statement-breakpoint
ALTER TABLE decision_list ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE decision_list FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_institution ON decision_list
  USING (institution = (SELECT nullif(current_setting('app.institution', true), '')))
  WITH CHECK (institution = (SELECT nullif(current_setting('app.institution', true), '')));
