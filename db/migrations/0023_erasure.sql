-- Erasure, legal holds and protected persons (docs/erasure.md); the salt of a judged input is sealed with it from now on.
CREATE TABLE "erasure" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"person" text NOT NULL,
	"case_id" text,
	"classes" text[] NOT NULL,
	"basis" text NOT NULL,
	"archive" text,
	"decision" text NOT NULL,
	"detail" "bytea" NOT NULL,
	"rule" text,
	"state" text DEFAULT 'proposed' NOT NULL,
	"proposed_by" text,
	"proposed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"because" text,
	"counts" jsonb,
	CONSTRAINT "erasure_state" CHECK (state in ('suggested', 'proposed', 'approved', 'refused', 'expired', 'blocked', 'executed')),
	CONSTRAINT "erasure_by_two" CHECK (state not in ('approved', 'executed') or coalesce(proposed_by <> decided_by, false))
);
--> statement-breakpoint
CREATE TABLE "legal_hold" (
	"id" text PRIMARY KEY NOT NULL,
	"institution" text NOT NULL,
	"person" text NOT NULL,
	"case_id" text,
	"reason" text NOT NULL,
	"decision" text NOT NULL,
	"placed_by" text NOT NULL,
	"placed_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"lifted_by" text,
	"lifted_at" timestamp with time zone,
	"lift_decision" text
);
--> statement-breakpoint
CREATE TABLE "protected_person" (
	"institution" text NOT NULL,
	"person" text NOT NULL,
	"reason" text NOT NULL,
	"decision" text NOT NULL,
	"marked_by" text NOT NULL,
	"marked_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"ended_by" text,
	"ended_at" timestamp with time zone,
	"end_decision" text,
	CONSTRAINT "protected_person_institution_person_marked_at_pk" PRIMARY KEY("institution","person","marked_at")
);
--> statement-breakpoint
ALTER TABLE "verdict" ALTER COLUMN "input_salt" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "verdict" ALTER COLUMN "input_digest" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "subject_key" ALTER COLUMN "wrapped" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "subject_key" ADD COLUMN "destroyed_at" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "erasure_open" ON "erasure" USING btree ("institution","person",coalesce(case_id, '')) WHERE state in ('suggested', 'proposed', 'approved');--> statement-breakpoint
CREATE INDEX "erasure_proposed" ON "erasure" USING btree ("institution","proposed_at","id");--> statement-breakpoint
CREATE INDEX "legal_hold_standing" ON "legal_hold" USING btree ("institution","person") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "legal_hold_placed" ON "legal_hold" USING btree ("institution","placed_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "protected_person_now" ON "protected_person" USING btree ("institution","person") WHERE ended_at is null;--> statement-breakpoint
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['erasure', 'legal_hold', 'protected_person'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY one_institution ON %I USING (institution = (SELECT nullif(current_setting(''app.institution'', true), ''''))) '
      'WITH CHECK (institution = (SELECT nullif(current_setting(''app.institution'', true), '''')))', name);
  END LOOP;
END $$;
--> statement-breakpoint

-- A machine suggests, people decide: the pipeline may put nothing into the table that two persons have not still to say.
CREATE POLICY pipeline_only_suggests ON erasure AS RESTRICTIVE FOR INSERT TO bevis_pipeline
  WITH CHECK (state = 'suggested' AND proposed_by IS NULL AND decided_by IS NULL);
--> statement-breakpoint
-- What intake deletes from streams and histories it marks itself (docs/decisions/0063).
DROP POLICY intake_marks_wake_ups ON outbox;
--> statement-breakpoint
CREATE POLICY intake_marks_wake_ups ON outbox AS RESTRICTIVE FOR UPDATE TO bevis_intake USING (kind IN ('start', 'signal', 'erase'));
--> statement-breakpoint
-- Nobody else asks for it than who erases: what it names is deleted from the stream.
CREATE POLICY intake_asks_no_erasure ON outbox AS RESTRICTIVE FOR INSERT TO bevis_intake WITH CHECK (kind <> 'erase');
--> statement-breakpoint
CREATE POLICY api_asks_no_erasure ON outbox AS RESTRICTIVE FOR INSERT TO bevis_api WITH CHECK (kind <> 'erase');
--> statement-breakpoint

-- All ids of the human being that this id means.
CREATE FUNCTION same_human(of_person text) RETURNS text[] LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE same(id) AS (
    SELECT of_person
    UNION
    SELECT CASE WHEN l.a = s.id THEN l.b ELSE l.a END FROM same s JOIN public.person_link l
      ON l.institution = nullif(current_setting('app.institution', true), '') AND s.id IN (l.a, l.b)
  )
  SELECT array_agg(id ORDER BY id) FROM same
$$;
--> statement-breakpoint

-- What forbids the erasure now: a code of domain/erasure.ts, or null. Asked by the API before a decision and by erase() itself.
CREATE FUNCTION erasure_blocked(of_person text, of_case text, classes text[], basis text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant text := nullif(current_setting('app.institution', true), '');
  persons text[] := public.same_human(of_person);
BEGIN
  IF EXISTS (SELECT FROM public.legal_hold h WHERE h.institution = tenant AND h.person = ANY (persons) AND h.lifted_at IS NULL
      AND (of_case IS NULL OR h.case_id IS NULL OR h.case_id = of_case)) THEN
    RETURN 'hold';
  END IF;
  -- Facts of one place may serve several cases of the person.
  IF EXISTS (SELECT FROM public.cases c WHERE c.institution = tenant AND c.person = ANY (persons)
      AND c.state NOT IN ('issued', 'recorded', 'refused', 'withdrawn')
      AND (of_case IS NULL OR (c.offering, c.attempt) IN (SELECT k.offering, k.attempt FROM public.cases k WHERE k.id = of_case))) THEN
    RETURN 'running';
  END IF;
  IF classes && ARRAY['credentials', 'identity'] AND basis <> 'court-order' AND EXISTS (
      SELECT FROM public.credential d JOIN public.cases c ON c.institution = tenant AND c.id = d.case_id
      WHERE d.institution = tenant AND c.person = ANY (persons) AND (of_case IS NULL OR c.id = of_case)
        AND octet_length(d.body) > 0 AND coalesce(d.valid_until > clock_timestamp(), true)
        AND NOT EXISTS (SELECT FROM public.revocation r WHERE r.institution = tenant AND r.credential_id = d.id AND r.state = 'executed')) THEN
    RETURN 'in-force';
  END IF;
  IF classes && ARRAY['identity'] AND EXISTS (SELECT FROM public.register_item i WHERE i.institution = tenant AND i.kind = 'person'
      AND i.id = ANY (persons) AND i.revision_until IS NULL) THEN
    RETURN 'in-register';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint

-- Erases what an approved erasure names: the only way in which rows of the record go. Whoever calls it can choose nothing but which
-- dead letters and kept answers are the person's, for only the caller can open them. It refuses with BV003 and the reason as detail
-- unless two persons have said so in their own names, each with an entry that only the API's role can append, and nothing holds it back.
CREATE FUNCTION erase(wanted text, letters text[], answers text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant text := nullif(current_setting('app.institution', true), '');
  e public.erasure;
  whole boolean;
  persons text[];
  of_cases text[];
  of_trails uuid[];
  events bytea[] := '{}';
  tally jsonb := '{}';
  done bigint;
  more bigint;
  blocked text;
BEGIN
  SELECT * INTO e FROM public.erasure x WHERE x.institution = tenant AND x.id = wanted FOR UPDATE;
  IF e.id IS NULL OR e.state <> 'approved' OR e.proposed_by IS NULL OR e.decided_by IS NULL OR e.proposed_by = e.decided_by
    OR (SELECT count(DISTINCT convert_from(n.leaf, 'UTF8')::jsonb -> 'actor' ->> 'ref') FROM audit.entry n
        WHERE n.institution = tenant AND n.actor_kind = 'human' AND n.entry_id IN (e.id || ':proposed', e.id || ':approved')) <> 2 THEN
    RAISE EXCEPTION 'erasure-refused' USING ERRCODE = 'BV003', DETAIL = 'not-approved';
  END IF;
  whole := e.case_id IS NULL;
  persons := public.same_human(e.person);
  -- Whoever takes in facts about the person waits, and then meets somebody unknown (db/humans.ts, queueForPersons).
  PERFORM pg_advisory_xact_lock(k) FROM (
    SELECT DISTINCT hashtextextended('intake/' || tenant || '/' || p, 0) AS k FROM unnest(persons) AS p ORDER BY k OFFSET 0) AS keys;
  blocked := public.erasure_blocked(e.person, e.case_id, e.classes, e.basis);
  IF blocked IS NOT NULL THEN
    RAISE EXCEPTION 'erasure-refused' USING ERRCODE = 'BV003', DETAIL = blocked;
  END IF;
  SELECT coalesce(array_agg(c.id), '{}'), coalesce(array_agg(c.trail), '{}') INTO of_cases, of_trails FROM public.cases c
  WHERE c.institution = tenant AND c.person = ANY (persons) AND (whole OR c.id = e.case_id);

  IF 'facts' = ANY (e.classes) THEN
    WITH gone AS (
      DELETE FROM public.evidence v WHERE v.institution = tenant AND v.person = ANY (persons)
        AND (whole OR EXISTS (SELECT FROM public.cases c WHERE c.id = e.case_id AND c.offering = v.offering AND c.attempt = v.attempt
          AND (c.occasion IS NULL OR v.occasion IS NULL OR c.occasion = v.occasion)))
      RETURNING v.event_key
    ) SELECT coalesce(array_agg(event_key), '{}'), count(*) INTO events, done FROM gone;
    tally := tally || jsonb_build_object('evidence', done);
    -- The key stays: the same event must not come in again as a new one.
    WITH refs AS (
      SELECT r.reference FROM public.person_reference r WHERE r.institution = tenant AND whole AND r.person = ANY (persons)
    ), gone AS (
      UPDATE public.inbox i SET payload = '', content = '', unresolved = NULL, state = 'erased'
      WHERE i.institution = tenant AND (i.event_key = ANY (events) OR i.unresolved IN (SELECT reference FROM refs))
      RETURNING i.event_key
    ) SELECT coalesce(array_agg(event_key), '{}'), count(*) INTO events, done FROM gone;
    tally := tally || jsonb_build_object('events', done);
    DELETE FROM public.dead_letter d WHERE d.institution = tenant AND d.id = ANY (letters);
    GET DIAGNOSTICS done = ROW_COUNT;
    tally := tally || jsonb_build_object('deadLetters', done);
  END IF;
  IF 'judgements' = ANY (e.classes) THEN
    UPDATE public.verdict v SET input = '', input_salt = NULL, input_digest = NULL, result = jsonb_set(v.result, '{verdict,findings}', (
        SELECT coalesce(jsonb_agg(f - 'because' - 'missing' || '{"because": {"sv": "gallrat", "en": "erased"}}'), '[]')
        FROM jsonb_array_elements(v.result -> 'verdict' -> 'findings') AS f))
    WHERE v.institution = tenant AND v.case_id = ANY (of_cases) AND octet_length(v.input) > 0;
    GET DIAGNOSTICS done = ROW_COUNT;
    tally := tally || jsonb_build_object('verdicts', done);
  END IF;
  IF 'decisions' = ANY (e.classes) THEN
    UPDATE public.decision d SET detail = NULL, seen = '', idempotency_key = d.id WHERE d.institution = tenant AND d.case_id = ANY (of_cases);
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE public.revocation r SET detail = '', idempotency_key = r.id WHERE r.institution = tenant AND r.case_id = ANY (of_cases);
    GET DIAGNOSTICS more = ROW_COUNT;
    tally := tally || jsonb_build_object('decisions', done, 'revocations', more);
  END IF;
  IF 'credentials' = ANY (e.classes) THEN
    UPDATE public.credential d SET body = '', digest = '' WHERE d.institution = tenant AND d.case_id = ANY (of_cases);
    GET DIAGNOSTICS done = ROW_COUNT;
    UPDATE public.signing_request s SET document_digest = '' WHERE s.institution = tenant AND s.case_id = ANY (of_cases);
    tally := tally || jsonb_build_object('credentials', done);
  END IF;
  IF 'disclosures' = ANY (e.classes) THEN
    DELETE FROM audit.disclosure d WHERE d.institution = tenant AND d.subject = ANY (persons) AND (whole OR d.trail = ANY (of_trails));
    GET DIAGNOSTICS done = ROW_COUNT;
    tally := tally || jsonb_build_object('disclosures', done);
  END IF;
  IF 'identity' = ANY (e.classes) AND whole THEN
    DELETE FROM public.person_reference r WHERE r.institution = tenant AND r.person = ANY (persons);
    GET DIAGNOSTICS done = ROW_COUNT;
    DELETE FROM public.person_link l WHERE l.institution = tenant AND (l.a = ANY (persons) OR l.b = ANY (persons));
    UPDATE public.register_item i SET personal = NULL, digest = '',
      body = jsonb_build_object('id', i.id, 'protected', false, 'employments', '[]'::jsonb, 'managers', '[]'::jsonb)
    WHERE i.institution = tenant AND i.kind = 'person' AND i.id = ANY (persons);
    -- Rows without a key: nobody who was erased is ever given another.
    INSERT INTO public.subject_key AS k (institution, subject, wrapped, destroyed_at)
    SELECT tenant, p, NULL, clock_timestamp() FROM unnest(persons) AS p
    ON CONFLICT (institution, subject) DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(k.destroyed_at, excluded.destroyed_at);
    tally := tally || jsonb_build_object('references', done, 'keys', cardinality(persons));
  END IF;
  DELETE FROM public.kept_request q WHERE q.institution = tenant AND encode(q.id, 'hex') = ANY (answers) AND q.answer IS NOT NULL;
  GET DIAGNOSTICS done = ROW_COUNT;
  tally := tally || jsonb_build_object('answers', done);
  PERFORM pg_notify('bevis_erasures', '');
  UPDATE public.erasure x SET state = 'executed', ended_at = clock_timestamp(), detail = '', counts = tally WHERE x.id = e.id;
  RETURN jsonb_build_object('counts', tally, 'cases', to_jsonb(of_cases),
    'events', (SELECT coalesce(jsonb_agg(encode(k, 'hex')), '[]') FROM unnest(events) AS k));
END $$;
--> statement-breakpoint

GRANT SELECT, UPDATE (state, ended_at, detail, counts) ON erasure TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, person, case_id, lifted_at) ON legal_hold TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (person, trail, offering, attempt, occasion) ON cases TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, id, case_id, body, valid_until), UPDATE (body, digest) ON credential TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, case_id), UPDATE (document_digest) ON signing_request TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, id, credential_id, case_id, state), UPDATE (detail, idempotency_key) ON revocation TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, id, case_id), UPDATE (detail, seen, idempotency_key) ON decision TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, case_id, input, result), UPDATE (input, input_salt, input_digest, result) ON verdict TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, kind, id, revision_until), UPDATE (personal, digest, body) ON register_item TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, person, offering, attempt, occasion, event_key), DELETE ON evidence TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, event_key, unresolved), UPDATE (payload, content, unresolved, state) ON inbox TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, id), DELETE ON dead_letter TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, reference, person), DELETE ON person_reference TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, a, b), DELETE ON person_link TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, subject, destroyed_at), INSERT (institution, subject, wrapped, destroyed_at), UPDATE (wrapped, destroyed_at)
  ON subject_key TO bevis_audit_owner;
--> statement-breakpoint
GRANT SELECT (institution, id, answer), DELETE ON kept_request TO bevis_audit_owner;
--> statement-breakpoint
GRANT CREATE ON SCHEMA public TO bevis_audit_owner;
--> statement-breakpoint
ALTER FUNCTION same_human(text) OWNER TO bevis_audit_owner;
--> statement-breakpoint
ALTER FUNCTION erasure_blocked(text, text, text[], text) OWNER TO bevis_audit_owner;
--> statement-breakpoint
ALTER FUNCTION erase(text, text[], text[]) OWNER TO bevis_audit_owner;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM bevis_audit_owner;
