-- Row-level security: every table with an institution column shows and takes one institution's rows, the one that the
-- transaction named. An unset or emptied setting names none. Migrations run as the owner; FORCE binds the owner too.
DO $$
DECLARE
  tenant record;
BEGIN
  FOR tenant IN
    SELECT c.oid::regclass AS name
    FROM pg_class c
    JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname IN ('public', 'audit')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'institution' AND NOT a.attisdropped
    WHERE c.relkind = 'r'
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant.name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant.name);
    EXECUTE format(
      'CREATE POLICY one_institution ON %s USING (institution = (SELECT nullif(current_setting(''app.institution'', true), ''''))) '
      'WITH CHECK (institution = (SELECT nullif(current_setting(''app.institution'', true), '''')))', tenant.name);
  END LOOP;
END $$;
--> statement-breakpoint

-- The relay empties the outbox of all institutions, and does nothing else (docs/decisions/0011).
CREATE POLICY relay_reads_all ON outbox FOR SELECT TO bevis_relay USING (true);
--> statement-breakpoint
CREATE POLICY relay_marks_all ON outbox FOR UPDATE TO bevis_relay USING (true) WITH CHECK (true);
--> statement-breakpoint

-- An event that did not even say whose it is belongs to intake alone.
CREATE POLICY intake_keeps_homeless ON dead_letter TO bevis_intake USING (institution IS NULL) WITH CHECK (institution IS NULL);
--> statement-breakpoint

-- Intake wakes workflows and reports dead letters and gaps; it cannot send an Update, which only follows a recorded decision.
CREATE POLICY intake_sends_no_update ON outbox AS RESTRICTIVE FOR INSERT TO bevis_intake WITH CHECK (kind IN ('event', 'start', 'signal'));
--> statement-breakpoint
-- Who handed a wake-up over itself may mark it; events that leave the house are marked by the relay only.
CREATE POLICY intake_marks_wake_ups ON outbox AS RESTRICTIVE FOR UPDATE TO bevis_intake USING (kind IN ('start', 'signal'));
--> statement-breakpoint
CREATE POLICY api_marks_wake_ups ON outbox AS RESTRICTIVE FOR UPDATE TO bevis_api USING (kind IN ('start', 'signal', 'update'));
--> statement-breakpoint

-- Two references become one person through the register, an officer, or an assertion that carries both (contracts §3);
-- intake can only speak of assertions.
CREATE POLICY intake_refers_by_assertion ON person_reference AS RESTRICTIVE FOR INSERT TO bevis_intake WITH CHECK (origin LIKE 'assertion:%');
--> statement-breakpoint
CREATE POLICY intake_links_by_assertion ON person_link AS RESTRICTIVE FOR INSERT TO bevis_intake WITH CHECK (origin LIKE 'assertion:%');
--> statement-breakpoint

-- Workers that serve everybody need the list of institutions, nothing more of them.
CREATE FUNCTION institution_ids() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT institution FROM public.institution ORDER BY institution $$;
--> statement-breakpoint
CREATE POLICY audit_owner_knows_all ON institution FOR SELECT TO bevis_audit_owner USING (true);
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT ON institution TO bevis_audit_owner;
--> statement-breakpoint
GRANT CREATE ON SCHEMA public TO bevis_audit_owner;
--> statement-breakpoint
ALTER FUNCTION institution_ids() OWNER TO bevis_audit_owner;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM bevis_audit_owner;
--> statement-breakpoint

-- The relay waits for this instead of polling (design 9). One notice per statement; Postgres folds equal ones per transaction.
CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('bevis_outbox', '');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
