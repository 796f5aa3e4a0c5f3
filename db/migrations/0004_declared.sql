ALTER TABLE "register_item" ADD COLUMN "origin" text DEFAULT 'register' NOT NULL;
--> statement-breakpoint
ALTER TABLE "register_item" ADD CONSTRAINT "register_item_origin" CHECK (origin IN ('register', 'api'));
--> statement-breakpoint

-- A fact of the register changed on which running cases stand: each gets a new evidence version, so that every gate is asked
-- again and every approval renewed. This and nothing else (docs/decisions/0015). Its owner cannot log in and is bound by
-- row-level security. Locks in id order; a case that has ended stays as it is.
CREATE FUNCTION raise_evidence_versions(ids text[]) RETURNS TABLE (case_id text, version integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM public.cases c WHERE c.id = ANY (ids) ORDER BY c.id FOR UPDATE;
  RETURN QUERY
    UPDATE public.cases c SET evidence_version = c.evidence_version + 1, changed_at = clock_timestamp()
    WHERE c.id = ANY (ids) AND c.state NOT IN ('issued', 'recorded', 'refused', 'withdrawn')
    RETURNING c.id, c.evidence_version;
END $$;
--> statement-breakpoint
GRANT SELECT (institution, id, state, evidence_version), UPDATE (evidence_version, changed_at) ON cases TO bevis_audit_owner;
--> statement-breakpoint
GRANT CREATE ON SCHEMA public TO bevis_audit_owner;
--> statement-breakpoint
ALTER FUNCTION raise_evidence_versions(text[]) OWNER TO bevis_audit_owner;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM bevis_audit_owner;
