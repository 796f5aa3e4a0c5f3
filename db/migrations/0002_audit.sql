-- The trail (contracts §9). Everything in schema audit belongs to bevis_audit_owner, who cannot log in; runtime roles may
-- only call audit.heads and audit.append. Entries never change; heads do.

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'audit.% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '55000';
END $$;
--> statement-breakpoint
CREATE TRIGGER entry_never_changes BEFORE UPDATE OR DELETE ON audit.entry FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER entry_never_emptied BEFORE TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER trail_never_ends BEFORE DELETE ON audit.trail FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
CREATE TRIGGER trail_never_emptied BEFORE TRUNCATE ON audit.trail FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
--> statement-breakpoint
-- ALWAYS: a session that plays replica must not slip past.
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER entry_never_changes, ENABLE ALWAYS TRIGGER entry_never_emptied;
--> statement-breakpoint
ALTER TABLE audit.trail ENABLE ALWAYS TRIGGER trail_never_ends, ENABLE ALWAYS TRIGGER trail_never_emptied;
--> statement-breakpoint

-- Origin of the log of the institution this transaction is bound to.
CREATE FUNCTION audit.origin() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found text;
BEGIN
  SELECT i.origin INTO found FROM public.institution i
  WHERE i.institution = nullif(current_setting('app.institution', true), '');
  IF found IS NULL THEN
    RAISE EXCEPTION 'no-such-log' USING ERRCODE = 'BV001', DETAIL = 'the transaction names no registered institution';
  END IF;
  RETURN found;
END $$;
--> statement-breakpoint

-- Helpers without a pinned path of their own are called from pinned functions only, and stay cheap because Postgres can inline them.

-- Which kinds of actor the logged-in role may speak for. session_user, because current_user is the owner in here and
-- SET ROLE could lend another name.
CREATE FUNCTION audit.may_act(kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE session_user
    WHEN 'bevis_api' THEN kind IN ('human', 'service')
    WHEN 'bevis_intake' THEN kind IN ('service', 'workflow')
    WHEN 'bevis_pipeline' THEN kind IN ('service', 'workflow')
    WHEN 'bevis_signing' THEN kind IN ('service', 'workflow')
    ELSE false
  END
$$;
--> statement-breakpoint

-- base64url without padding, as JOSE and the envelope write digests.
CREATE FUNCTION audit.b64url(bytes bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT rtrim(translate(encode(bytes, 'base64'), E'+/\n', '-_'), '=')
$$;
--> statement-breakpoint

-- Locks the heads of the trails in trail order, creating what is missing, and tells where each chain stands and what time
-- it is once all locks are held. Call once per transaction, with all its trails: a second list breaks the order.
CREATE FUNCTION audit.heads(trails uuid[]) RETURNS TABLE (trail uuid, n bigint, head bytea, at timestamptz, origin text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  log text := audit.origin();
  tenant text := current_setting('app.institution', true);
BEGIN
  INSERT INTO audit.trail AS t (institution, trail, n, head)
  SELECT tenant, wanted.trail, 0, sha256(convert_to('bevis-audit/1 genesis' || E'\n' || log || E'\n' || wanted.trail, 'UTF8'))
  FROM (SELECT DISTINCT u.trail FROM unnest(trails) AS u(trail)) AS wanted
  WHERE NOT EXISTS (SELECT FROM audit.trail k WHERE k.institution = tenant AND k.trail = wanted.trail)
  ORDER BY wanted.trail
  ON CONFLICT DO NOTHING;

  PERFORM FROM audit.trail t WHERE t.institution = tenant AND t.trail = ANY (trails) ORDER BY t.trail FOR UPDATE;

  -- A statement of its own: it must see what the lock waited for, and take the time after it.
  RETURN QUERY SELECT t.trail, t.n, t.head, date_trunc('milliseconds', clock_timestamp()), log
  FROM audit.trail t WHERE t.institution = tenant AND t.trail = ANY (trails) ORDER BY t.trail;
END $$;
--> statement-breakpoint

-- One leaf taken apart, beside what the chain expects it to say.
CREATE TYPE audit.candidate AS (
  trail uuid, n bigint, entry_id text, type text, at timestamptz, actor_kind text, version text, log text, prev text,
  commitments jsonb, leaf bytea, hash bytea, ordinal integer, expected_n bigint, expected_prev text
);
--> statement-breakpoint

-- Takes leaves (hex) apart. The head stands in for the entry before the first; rows of one trail follow each other by n.
CREATE FUNCTION audit.candidates(leaves text[]) RETURNS audit.candidate[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH given AS MATERIALIZED (
    SELECT u.ordinal, decode(u.leaf, 'hex') AS leaf, convert_from(decode(u.leaf, 'hex'), 'UTF8')::jsonb AS said
    FROM unnest(leaves) WITH ORDINALITY AS u(leaf, ordinal)
  ), parsed AS MATERIALIZED (
    SELECT ordinal, leaf, said, (said ->> 'trail')::uuid AS trail, (said ->> 'n')::bigint AS n, sha256('\x00'::bytea || leaf) AS hash
    FROM given
  )
  SELECT array_agg(ROW(
    p.trail, p.n, p.said ->> 'id', p.said ->> 'type', (p.said ->> 'at')::timestamptz, p.said -> 'actor' ->> 'kind', p.said ->> 'v',
    p.said ->> 'log', p.said ->> 'prev', p.said -> '_sd', p.leaf, p.hash, p.ordinal, p.expected_n, p.expected_prev
  )::audit.candidate ORDER BY p.trail, p.n)
  FROM (
    SELECT q.*, t.n + row_number() OVER chain AS expected_n, audit.b64url(coalesce(lag(q.hash) OVER chain, t.head)) AS expected_prev
    FROM parsed q
    LEFT JOIN audit.trail t ON t.trail = q.trail AND t.institution = nullif(current_setting('app.institution', true), '')
    WINDOW chain AS (PARTITION BY q.trail ORDER BY q.n)
  ) AS p
$$;
--> statement-breakpoint

-- Name of the first thing wrong with a leaf; null when nothing is.
CREATE FUNCTION audit.problem(c audit.candidate, log text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN c.version IS DISTINCT FROM 'bevis-audit/1' THEN 'version'
    WHEN c.log IS DISTINCT FROM log THEN 'log'
    WHEN c.n IS DISTINCT FROM c.expected_n THEN 'n'
    WHEN c.prev IS DISTINCT FROM c.expected_prev THEN 'prev'
    WHEN c.at IS NULL OR c.at < date_trunc('milliseconds', transaction_timestamp()) OR c.at > clock_timestamp() THEN 'at'
    WHEN c.actor_kind IS NULL OR NOT audit.may_act(c.actor_kind) THEN 'actor'
  END
$$;
--> statement-breakpoint

-- Appends leaves (hex) to their trails and stores their disclosures (bodies in hex, encrypted by the caller; of_leaf counts
-- from 1). Everything is read out of the leaf and nothing in it is believed: gap-free n, prev, time within this transaction,
-- the log of this institution, an actor this login may speak for, disclosures the leaf commits to.
-- Raises BV002 with the name of the first thing that is wrong as detail.
CREATE FUNCTION audit.append(
  leaves text[], of_leaf integer[], positions integer[], digests text[], subjects text[], bodies text[]
) RETURNS TABLE (entry_id text, trail uuid, n bigint, leaf_hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  own_log text := audit.origin();
  tenant text := current_setting('app.institution', true);
  given audit.candidate[] := audit.candidates(leaves);
  wrong text;
BEGIN
  SELECT p.what INTO wrong
  FROM (SELECT c.ordinal, audit.problem(c, own_log) AS what FROM unnest(given) AS c OFFSET 0) AS p
  WHERE p.what IS NOT NULL ORDER BY p.ordinal LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'leaf-refused' USING ERRCODE = 'BV002', DETAIL = wrong;
  END IF;

  -- Compare and swap: without audit.heads another transaction may have moved the head since it was read.
  UPDATE audit.trail t SET n = last.n, head = last.hash
  FROM (SELECT DISTINCT ON (c.trail) c.trail, c.n, c.hash, c.n - count(*) OVER (PARTITION BY c.trail) AS before
        FROM unnest(given) AS c ORDER BY c.trail, c.n DESC) AS last
  WHERE t.institution = tenant AND t.trail = last.trail AND t.n = last.before;
  IF (SELECT count(DISTINCT c.trail) FROM unnest(given) AS c)
     <> (SELECT count(*) FROM audit.trail t JOIN unnest(given) AS c ON t.trail = c.trail AND t.head = c.hash WHERE t.institution = tenant) THEN
    RAISE EXCEPTION 'leaf-refused' USING ERRCODE = 'BV002', DETAIL = 'head';
  END IF;

  INSERT INTO audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
  SELECT tenant, c.trail, c.n, c.entry_id, c.type, c.at, c.actor_kind, c.leaf FROM unnest(given) AS c;

  INSERT INTO audit.pending (institution, trail, n, leaf_hash)
  SELECT tenant, c.trail, c.n, c.hash FROM unnest(given) AS c ORDER BY c.trail, c.n;

  IF EXISTS (
    SELECT FROM unnest(of_leaf, digests) AS d(of_leaf, digest)
    LEFT JOIN unnest(given) AS c ON c.ordinal = d.of_leaf
    WHERE c.commitments IS NULL OR NOT c.commitments ? d.digest
  ) THEN
    RAISE EXCEPTION 'leaf-refused' USING ERRCODE = 'BV002', DETAIL = 'disclosure';
  END IF;
  INSERT INTO audit.disclosure (institution, trail, n, position, digest, subject, body)
  SELECT tenant, c.trail, c.n, d.position, d.digest, d.subject, decode(d.body, 'hex')
  FROM unnest(of_leaf, positions, digests, subjects, bodies) AS d(of_leaf, position, digest, subject, body)
  JOIN unnest(given) AS c ON c.ordinal = d.of_leaf;

  RETURN QUERY SELECT c.entry_id, c.trail, c.n, c.hash FROM unnest(given) AS c ORDER BY c.ordinal;
END $$;
--> statement-breakpoint

ALTER SCHEMA audit OWNER TO bevis_audit_owner;
--> statement-breakpoint
DO $$
DECLARE
  thing record;
BEGIN
  FOR thing IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'r' LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO bevis_audit_owner', thing.name);
  END LOOP;
  FOR thing IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'audit'::regnamespace LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO bevis_audit_owner', thing.name);
  END LOOP;
END $$;
--> statement-breakpoint
ALTER TYPE audit.candidate OWNER TO bevis_audit_owner;
