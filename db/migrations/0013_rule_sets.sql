CREATE TABLE "rule_set" (
	"institution" text NOT NULL,
	"digest" text NOT NULL,
	"body" jsonb NOT NULL,
	"kept_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rule_set_institution_digest_pk" PRIMARY KEY("institution","digest")
);
--> statement-breakpoint
INSERT INTO rule_set (institution, digest, body)
  SELECT DISTINCT ON (institution, frozen_digest) institution, frozen_digest, frozen FROM cases WHERE frozen IS NOT NULL;
--> statement-breakpoint
ALTER TABLE "cases" DROP COLUMN "frozen";
--> statement-breakpoint
ALTER TABLE rule_set ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE rule_set FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_institution ON rule_set
  USING (institution = (SELECT nullif(current_setting('app.institution', true), '')))
  WITH CHECK (institution = (SELECT nullif(current_setting('app.institution', true), '')));
