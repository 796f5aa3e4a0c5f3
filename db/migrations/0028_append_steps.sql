-- audit.append as small statements, one leaf after the other. As one large statement it was set up anew at every call, all its parts and
-- the table's checks, which for a single entry cost more than the entry. Both functions keep their plans: made anew for the trails asked for,
-- audit.heads spent half its time planning. What is checked and answered is as before (migration trail_seals).
CREATE OR REPLACE FUNCTION audit.heads(trails uuid[]) RETURNS TABLE (trail uuid, n bigint, head bytea, at timestamptz, origin text, sealed boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  log text := audit.origin();
  tenant text := current_setting('app.institution', true);
  moment timestamptz;
BEGIN
  IF (SELECT count(*) FROM audit.trail t WHERE t.institution = tenant AND t.trail = ANY (trails)) < cardinality(trails) THEN
    INSERT INTO audit.trail AS t (institution, trail, n, head)
    SELECT tenant, wanted.trail, 0, sha256(convert_to('bevis-audit/1 genesis' || E'\n' || log || E'\n' || wanted.trail, 'UTF8'))
    FROM (SELECT DISTINCT u.trail FROM unnest(trails) AS u(trail)) AS wanted
    -- OFFSET 0 keeps it a lookup for each: joined, all trails of the institution would be read.
    WHERE NOT EXISTS (SELECT FROM audit.trail k WHERE k.institution = tenant AND k.trail = wanted.trail OFFSET 0)
    ORDER BY wanted.trail
    ON CONFLICT DO NOTHING;
  END IF;

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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  own_log text := audit.origin();
  tenant text := current_setting('app.institution', true);
  leaf bytea;
  said jsonb;
  moment timestamptz;
  kind text;
  head audit.trail;
  prev text;
  wrong text;
  stored bigint;
  disclosed bigint := 0;
BEGIN
  FOR i IN 1 .. coalesce(cardinality(leaves), 0) LOOP
    leaf := decode(leaves[i], 'hex');
    said := convert_from(leaf, 'UTF8')::jsonb;
    entry_id := said ->> 'id';
    trail := (said ->> 'trail')::uuid;
    n := (said ->> 'n')::bigint;
    leaf_hash := sha256('\x00'::bytea || leaf);
    moment := (said ->> 'at')::timestamptz;
    kind := said -> 'actor' ->> 'kind';
    SELECT t.* INTO head FROM audit.trail t WHERE t.institution = tenant AND t.trail = append.trail;
    prev := audit.b64url(head.head);

    wrong := CASE
      WHEN said ->> 'v' IS DISTINCT FROM 'bevis-audit/1' THEN 'version'
      WHEN said ->> 'log' IS DISTINCT FROM own_log THEN 'log'
      WHEN n IS DISTINCT FROM head.n + 1 THEN 'n'
      WHEN said ->> 'prev' IS DISTINCT FROM prev THEN 'prev'
      WHEN moment IS NULL OR moment < greatest(date_trunc('milliseconds', transaction_timestamp()), head.at)
        OR moment > greatest(clock_timestamp(), head.at) THEN 'at'
      WHEN kind IS NULL OR NOT audit.may_act(kind) THEN 'actor'
      WHEN head.n IS NULL THEN 'head'
      WHEN said ->> 'type' = 'trail.sealed/1' AND (said -> 'data' ->> 'head' IS DISTINCT FROM prev
        OR said -> 'data' -> 'count' IS DISTINCT FROM to_jsonb(head.n)) THEN 'seal'
    END;
    EXIT WHEN wrong IS NOT NULL;

    -- Compare and swap: without audit.heads another transaction may have moved the head since it was read.
    UPDATE audit.trail t
    SET n = append.n, head = append.leaf_hash, at = moment, sealed = said ->> 'type' = 'trail.sealed/1'
    WHERE t.institution = tenant AND t.trail = append.trail AND t.n = head.n;
    wrong := CASE WHEN NOT FOUND THEN 'head' END;
    EXIT WHEN wrong IS NOT NULL;

    INSERT INTO audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
    VALUES (tenant, trail, n, entry_id, said ->> 'type', moment, kind, leaf);
    INSERT INTO audit.pending (institution, trail, n, leaf_hash) VALUES (tenant, trail, n, leaf_hash);
    IF i = ANY (of_leaf) THEN
      INSERT INTO audit.disclosure (institution, trail, n, position, digest, subject, body)
      SELECT tenant, append.trail, append.n, d.position, d.digest, d.subject, decode(d.body, 'hex')
      FROM unnest(of_leaf, positions, digests, subjects, bodies) AS d(of_leaf, position, digest, subject, body)
      WHERE d.of_leaf = i AND said -> '_sd' ? d.digest;
      GET DIAGNOSTICS stored = ROW_COUNT;
      disclosed := disclosed + stored;
    END IF;
    RETURN NEXT;
  END LOOP;

  -- Raising takes back what was written above.
  IF wrong IS NULL AND disclosed <> coalesce(cardinality(of_leaf), 0) THEN
    wrong := 'disclosure';
  END IF;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION 'leaf-refused' USING ERRCODE = 'BV002', DETAIL = wrong;
  END IF;
END $$;
