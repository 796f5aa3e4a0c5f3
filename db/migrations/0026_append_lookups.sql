-- Trails are looked up one by one. A plan is kept as long as its connection, and one made while there were few trails read all of the
-- institution's for every entry, until autovacuum had looked. What is checked and answered is as before (migration trail_seals).
CREATE OR REPLACE FUNCTION audit.heads(trails uuid[]) RETURNS TABLE (trail uuid, n bigint, head bytea, at timestamptz, origin text, sealed boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  log text := audit.origin();
  tenant text := current_setting('app.institution', true);
  moment timestamptz;
BEGIN
  INSERT INTO audit.trail AS t (institution, trail, n, head)
  SELECT tenant, wanted.trail, 0, sha256(convert_to('bevis-audit/1 genesis' || E'\n' || log || E'\n' || wanted.trail, 'UTF8'))
  FROM (SELECT DISTINCT u.trail FROM unnest(trails) AS u(trail)) AS wanted
  -- OFFSET 0: see audit.append.
  WHERE NOT EXISTS (SELECT FROM audit.trail k WHERE k.institution = tenant AND k.trail = wanted.trail OFFSET 0)
  ORDER BY wanted.trail
  ON CONFLICT DO NOTHING;

  PERFORM FROM audit.trail t WHERE t.institution = tenant AND t.trail = ANY (trails) ORDER BY t.trail FOR UPDATE;

  -- After the lock. Never before the transaction began, though the clock be set back meanwhile.
  moment := date_trunc('milliseconds', greatest(clock_timestamp(), transaction_timestamp()));
  -- A statement of its own: it must see what the lock waited for.
  RETURN QUERY SELECT t.trail, t.n, t.head, greatest(moment, t.at), log, t.sealed
  FROM audit.trail t WHERE t.institution = tenant AND t.trail = ANY (trails) ORDER BY t.trail;
END $$;
--> statement-breakpoint

CREATE OR REPLACE FUNCTION audit.append(
  leaves text[], of_leaf integer[], positions integer[], digests text[], subjects text[], bodies text[]
) RETURNS TABLE (entry_id text, trail uuid, n bigint, leaf_hash bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  own_log text := audit.origin();
  tenant text := current_setting('app.institution', true);
  wrong text;
  trails bigint;
  moved bigint;
  disclosed bigint;
  ids text[];
  of_trail uuid[];
  numbers bigint[];
  hashes bytea[];
BEGIN
  WITH given AS MATERIALIZED (
    SELECT u.ordinal, decode(u.leaf, 'hex') AS leaf, convert_from(decode(u.leaf, 'hex'), 'UTF8')::jsonb AS said
    FROM unnest(leaves) WITH ORDINALITY AS u(leaf, ordinal)
  ), parsed AS MATERIALIZED (
    SELECT g.ordinal, g.leaf, g.said, (g.said ->> 'trail')::uuid AS trail, (g.said ->> 'n')::bigint AS n,
      (g.said ->> 'at')::timestamptz AS at, g.said -> 'actor' ->> 'kind' AS actor_kind, sha256('\x00'::bytea || g.leaf) AS hash
    FROM given g
  ), chained AS MATERIALIZED (
    -- The head stands in for the entry before the first; rows of one trail follow each other by n.
    SELECT p.*, t.n AS before, t.at AS before_at, t.n + row_number() OVER chain AS expected_n,
      audit.b64url(coalesce(lag(p.hash) OVER chain, t.head)) AS expected_prev
    FROM parsed p
    -- OFFSET 0 keeps it a lookup for each row: planned while the table was small, a join would read all trails of the institution.
    LEFT JOIN LATERAL (
      SELECT k.n, k.head, k.at FROM audit.trail k WHERE k.institution = tenant AND k.trail = p.trail OFFSET 0
    ) t ON true
    WINDOW chain AS (PARTITION BY p.trail ORDER BY p.n)
  ), judged AS MATERIALIZED (
    SELECT c.*, CASE
      WHEN c.said ->> 'v' IS DISTINCT FROM 'bevis-audit/1' THEN 'version'
      WHEN c.said ->> 'log' IS DISTINCT FROM own_log THEN 'log'
      WHEN c.n IS DISTINCT FROM c.expected_n THEN 'n'
      WHEN c.said ->> 'prev' IS DISTINCT FROM c.expected_prev THEN 'prev'
      WHEN c.at IS NULL OR c.at < greatest(date_trunc('milliseconds', transaction_timestamp()), c.before_at)
        OR c.at > greatest(clock_timestamp(), c.before_at) THEN 'at'
      WHEN c.actor_kind IS NULL OR NOT audit.may_act(c.actor_kind) THEN 'actor'
      WHEN c.before IS NULL THEN 'head'
      WHEN c.said ->> 'type' = 'trail.sealed/1' AND (c.said -> 'data' ->> 'head' IS DISTINCT FROM c.expected_prev
        OR c.said -> 'data' -> 'count' IS DISTINCT FROM to_jsonb(c.expected_n - 1)) THEN 'seal'
    END AS what
    FROM chained c
  ), heads AS (
    -- Compare and swap: without audit.heads another transaction may have moved the head since it was read.
    UPDATE audit.trail t SET n = last.n, head = last.hash, at = last.at, sealed = last.sealed
    FROM (SELECT DISTINCT ON (j.trail) j.trail, j.n, j.hash, j.at, j.before, j.said ->> 'type' = 'trail.sealed/1' AS sealed
      FROM judged j WHERE j.what IS NULL ORDER BY j.trail, j.n DESC) AS last
    WHERE t.institution = tenant AND t.trail = last.trail AND t.n = last.before
    RETURNING 1
  ), entries AS (
    INSERT INTO audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
    SELECT tenant, j.trail, j.n, j.said ->> 'id', j.said ->> 'type', j.at, j.actor_kind, j.leaf FROM judged j WHERE j.what IS NULL
  ), waiting AS (
    INSERT INTO audit.pending (institution, trail, n, leaf_hash)
    SELECT tenant, j.trail, j.n, j.hash FROM judged j WHERE j.what IS NULL ORDER BY j.trail, j.n
  ), secrets AS (
    INSERT INTO audit.disclosure (institution, trail, n, position, digest, subject, body)
    SELECT tenant, j.trail, j.n, d.position, d.digest, d.subject, decode(d.body, 'hex')
    FROM unnest(of_leaf, positions, digests, subjects, bodies) AS d(of_leaf, position, digest, subject, body)
    JOIN judged j ON j.ordinal = d.of_leaf AND j.what IS NULL AND j.said -> '_sd' ? d.digest
    RETURNING 1
  )
  SELECT (SELECT j.what FROM judged j WHERE j.what IS NOT NULL ORDER BY j.ordinal LIMIT 1),
    (SELECT count(DISTINCT j.trail) FROM judged j), (SELECT count(*) FROM heads), (SELECT count(*) FROM secrets),
    array_agg(j.said ->> 'id' ORDER BY j.ordinal), array_agg(j.trail ORDER BY j.ordinal), array_agg(j.n ORDER BY j.ordinal),
    array_agg(j.hash ORDER BY j.ordinal)
  INTO wrong, trails, moved, disclosed, ids, of_trail, numbers, hashes
  FROM judged j;

  -- Raising takes back what was written above.
  wrong := coalesce(wrong, CASE
    WHEN moved <> trails THEN 'head'
    WHEN disclosed <> coalesce(cardinality(of_leaf), 0) THEN 'disclosure'
  END);
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'leaf-refused' USING ERRCODE = 'BV002', DETAIL = wrong;
  END IF;

  RETURN QUERY SELECT u.id, u.trail, u.n, u.hash FROM unnest(ids, of_trail, numbers, hashes) AS u(id, trail, n, hash);
END $$;
