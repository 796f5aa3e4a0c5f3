-- Rows of an institution that nobody registered are seen by nobody, and whoever takes the register's row away takes a whole institution out of
-- everybody's sight, the nightly look at it too. One function sees such rows, and nothing of them but whose they are and where.
DO $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'institution' AND NOT a.attisdropped
    WHERE s.nspname IN ('public', 'audit') AND c.relkind = 'r' AND c.oid <> 'public.institution'::regclass ORDER BY c.oid
  LOOP
    EXECUTE format('GRANT SELECT (institution) ON %s TO bevis_audit_owner', held.name);
    EXECUTE format('CREATE POLICY strays_are_seen ON %s FOR SELECT TO bevis_audit_owner '
      'USING (institution NOT IN (SELECT i.institution FROM public.institution i))', held.name);
  END LOOP;
END $$;
--> statement-breakpoint

-- Every table that bears the policy is looked into: `<institution> in <table>`.
CREATE FUNCTION unregistered() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  held text;
BEGIN
  FOR held IN SELECT y.polrelid::regclass::text FROM pg_policy y WHERE y.polname = 'strays_are_seen' ORDER BY 1 LOOP
    RETURN QUERY EXECUTE format('SELECT DISTINCT t.institution || '' in %s'' FROM %s t '
      'WHERE t.institution NOT IN (SELECT i.institution FROM public.institution i)', held, held);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT CREATE ON SCHEMA public TO bevis_audit_owner;
--> statement-breakpoint
ALTER FUNCTION unregistered() OWNER TO bevis_audit_owner;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM bevis_audit_owner;
