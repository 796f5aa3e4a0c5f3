-- The institution's log over its trails: positions, tree, checkpoints (docs/log.md). Nobody has sequenced before; no rows change.
CREATE TABLE "audit"."log" (
	"institution" text PRIMARY KEY NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"edge" "bytea" NOT NULL,
	"root" "bytea" NOT NULL,
	"frozen_because" text,
	"frozen_at" timestamp with time zone,
	"confirmed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "audit"."tile" (
	"institution" text NOT NULL,
	"level" integer NOT NULL,
	"idx" bigint NOT NULL,
	"hashes" "bytea" NOT NULL,
	CONSTRAINT "tile_institution_level_idx_pk" PRIMARY KEY("institution","level","idx")
);
--> statement-breakpoint
ALTER TABLE "audit"."checkpoint" DROP COLUMN "cosignatures";--> statement-breakpoint
ALTER TABLE "audit"."checkpoint" ADD COLUMN "root" "bytea" NOT NULL;--> statement-breakpoint
ALTER TABLE "signing_request" ADD COLUMN "proved_by" bigint;
--> statement-breakpoint
-- Read in pieces: what is stored compressed or in line would be unpacked whole each time.
ALTER TABLE "audit"."tile" ALTER COLUMN "hashes" SET STORAGE EXTERNAL;
--> statement-breakpoint
ALTER TABLE "audit"."log" OWNER TO bevis_audit_owner;
--> statement-breakpoint
ALTER TABLE "audit"."tile" OWNER TO bevis_audit_owner;
--> statement-breakpoint
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit.log', 'audit.tile'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY one_institution ON %s USING (institution = (SELECT nullif(current_setting(''app.institution'', true), ''''))) '
      'WITH CHECK (institution = (SELECT nullif(current_setting(''app.institution'', true), '''')))', name);
  END LOOP;
END $$;
--> statement-breakpoint
-- What was published, and where an entry stands, never changes.
CREATE TRIGGER checkpoint_never_changes BEFORE UPDATE OR DELETE ON audit.checkpoint FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER checkpoint_never_emptied BEFORE TRUNCATE ON audit.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER leaf_never_changes BEFORE UPDATE OR DELETE ON audit.leaf FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER leaf_never_emptied BEFORE TRUNCATE ON audit.leaf FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
ALTER TABLE audit.checkpoint ENABLE ALWAYS TRIGGER checkpoint_never_changes, ENABLE ALWAYS TRIGGER checkpoint_never_emptied;
--> statement-breakpoint
ALTER TABLE audit.leaf ENABLE ALWAYS TRIGGER leaf_never_changes, ENABLE ALWAYS TRIGGER leaf_never_emptied;
--> statement-breakpoint

-- The log worker speaks in the institution's own trail: keys, heads, anchors, checks.
CREATE OR REPLACE FUNCTION audit.may_act(kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE session_user
    WHEN 'bevis_api' THEN kind IN ('human', 'service')
    WHEN 'bevis_intake' THEN kind IN ('service', 'workflow')
    WHEN 'bevis_pipeline' THEN kind IN ('service', 'workflow')
    WHEN 'bevis_signing' THEN kind IN ('service', 'workflow')
    WHEN 'bevis_sequencer' THEN kind = 'service'
    ELSE false
  END
$$;
--> statement-breakpoint

-- Which logs have something waiting; one glance for all institutions, where the sequencer may else see one at a time.
CREATE POLICY audit_owner_sees_waiting ON audit.pending FOR SELECT TO bevis_audit_owner USING (true);
--> statement-breakpoint
CREATE FUNCTION audit.logs_waiting() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT i.institution FROM public.institution i
  WHERE EXISTS (SELECT FROM audit.pending p WHERE p.institution = i.institution)
$$;
--> statement-breakpoint
ALTER FUNCTION audit.logs_waiting() OWNER TO bevis_audit_owner;
