CREATE TABLE "record" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"identity" uuid DEFAULT gen_random_uuid() NOT NULL,
	"accepted_mark" bigint,
	"accepted_at" timestamp with time zone,
	CONSTRAINT "record_one" CHECK (one)
);
--> statement-breakpoint
INSERT INTO record DEFAULT VALUES;
--> statement-breakpoint

-- How far the record has come: grows with every committed entry, and is smaller again only in an older copy. Counts over all
-- institutions and tells nothing else about them.
CREATE POLICY audit_owner_counts_all ON audit.pending FOR SELECT TO bevis_audit_owner USING (true);
--> statement-breakpoint
CREATE FUNCTION audit.reached() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(max(p.pid), 0) FROM audit.pending p $$;
--> statement-breakpoint
ALTER FUNCTION audit.reached() OWNER TO bevis_audit_owner;
