-- How far the record has come, now that what waits is taken away: the newest entry that waits or was ever taken (docs/decisions/0043).
ALTER TABLE "audit"."log" ADD COLUMN "taken" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
CREATE POLICY audit_owner_counts_all ON audit.log FOR SELECT TO bevis_audit_owner USING (true);
--> statement-breakpoint
CREATE OR REPLACE FUNCTION audit.reached() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT greatest((SELECT max(p.pid) FROM audit.pending p), (SELECT max(l.taken) FROM audit.log l), 0) $$;
--> statement-breakpoint
-- The same as audit_owner_counts_all.
DROP POLICY audit_owner_sees_waiting ON audit.pending;
