-- Time-stamps on checkpoints, each told of by an entry of the institution's trail (docs/witness.md).
CREATE TABLE "audit"."anchor" (
	"institution" text NOT NULL,
	"size" bigint NOT NULL,
	"token" "bytea" NOT NULL,
	"gen_time" timestamp with time zone NOT NULL,
	"trail" uuid NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "anchor_institution_size_pk" PRIMARY KEY("institution","size")
);
--> statement-breakpoint
ALTER TABLE "audit"."anchor" OWNER TO bevis_audit_owner;
--> statement-breakpoint
ALTER TABLE "audit"."anchor" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "audit"."anchor" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_institution ON audit.anchor USING (institution = (SELECT nullif(current_setting('app.institution', true), '')))
  WITH CHECK (institution = (SELECT nullif(current_setting('app.institution', true), '')));
--> statement-breakpoint
CREATE TRIGGER anchor_never_changes BEFORE UPDATE OR DELETE ON audit.anchor FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER anchor_never_emptied BEFORE TRUNCATE ON audit.anchor FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
ALTER TABLE audit.anchor ENABLE ALWAYS TRIGGER anchor_never_changes, ENABLE ALWAYS TRIGGER anchor_never_emptied;
