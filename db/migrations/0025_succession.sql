-- Logs that follow another under an origin of their own (docs/decisions/0073). No rows change.
CREATE TABLE "audit"."succession" (
	"institution" text NOT NULL,
	"generation" integer NOT NULL,
	"size" bigint NOT NULL,
	"kept" bigint NOT NULL,
	"last" text NOT NULL,
	CONSTRAINT "succession_institution_generation_pk" PRIMARY KEY("institution","generation")
);
--> statement-breakpoint
ALTER TABLE "audit"."succession" OWNER TO bevis_audit_owner;
--> statement-breakpoint
ALTER TABLE "audit"."succession" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "audit"."succession" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY one_institution ON audit.succession USING (institution = (SELECT nullif(current_setting('app.institution', true), '')))
  WITH CHECK (institution = (SELECT nullif(current_setting('app.institution', true), '')));
--> statement-breakpoint
CREATE TRIGGER succession_never_changes BEFORE UPDATE OR DELETE ON audit.succession FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER succession_never_emptied BEFORE TRUNCATE ON audit.succession FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
ALTER TABLE audit.succession ENABLE ALWAYS TRIGGER succession_never_changes, ENABLE ALWAYS TRIGGER succession_never_emptied;
--> statement-breakpoint

-- No role of ours says that a log has ended, not even through audit.append: that is the database's owner's to say.
CREATE FUNCTION audit.refuse_succession() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, 'bevis_audit_owner', 'MEMBER') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'leaf-refused' USING ERRCODE = 'BV002', DETAIL = 'type';
END $$;
--> statement-breakpoint
ALTER FUNCTION audit.refuse_succession() OWNER TO bevis_audit_owner;
--> statement-breakpoint
CREATE TRIGGER entry_of_succession BEFORE INSERT ON audit.entry FOR EACH ROW WHEN (NEW.type = 'log.succeeded/1')
  EXECUTE FUNCTION audit.refuse_succession();
--> statement-breakpoint
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_of_succession;
