/** Events taken in, cases, their evidence, verdicts and decisions: the record the workflows conduct over. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, instant, institutionColumn } from '#db/schema/columns.ts'

/** Every event ever accepted, once (contracts §2: unique event key). */
export const inbox = pgTable(
  'inbox',
  {
    eventKey: bytes('event_key').primaryKey(),
    institution: institutionColumn(),
    source: text('source').notNull(),
    kind: text('kind').notNull(),
    /** Keyed digest of the JCS payload; "same content" compares this. Empty once erased. */
    content: bytes('content').notNull(),
    payload: bytes('payload').notNull(),
    subjectRef: text('subject_ref').notNull(),
    kid: text('kid'),
    state: text('state').notNull(),
    /** HMAC of the learner reference while nobody is known by it. */
    unresolved: bytes('unresolved'),
    repeats: integer('repeats').notNull().default(0),
    receivedAt: instant('received_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('inbox_unresolved').on(t.institution, t.unresolved).where(sql`unresolved is not null`),
    index('inbox_received').on(t.institution, t.receivedAt),
  ],
)

export const cases = pgTable(
  'cases',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    person: text('person').notNull(),
    achievement: text('achievement').notNull(),
    achievementVersion: integer('achievement_version').notNull(),
    offering: text('offering').notNull(),
    attempt: integer('attempt').notNull(),
    occasion: text('occasion'),
    groupId: text('group_id'),
    eventKey: bytes('event_key').notNull(),
    trail: uuid('trail').notNull(),
    state: text('state').notNull(),
    step: text('step').notNull(),
    waitingFor: jsonb('waiting_for'),
    waitingSince: instant('waiting_since'),
    waitingUntil: instant('waiting_until'),
    evidenceVersion: integer('evidence_version').notNull().default(1),
    promised: text('promised').notNull(),
    evidenceLevel: text('evidence_level'),
    level: text('level'),
    /** Set at `open`: achievement version and profiles, in `rule_set` under this digest (design 5). */
    frozenDigest: text('frozen_digest'),
    test: boolean('test').notNull(),
    /** W3C Trace Context of the completion that opened it; none where nobody traced it. */
    traceparent: text('traceparent'),
    openedAt: instant('opened_at').notNull().default(sql`now()`),
    changedAt: instant('changed_at').notNull().default(sql`now()`),
  },
  (t) => [
    unique('award_key').on(t.institution, t.person, t.achievement, t.offering, t.attempt),
    uniqueIndex('cases_trail').on(t.trail),
    index('cases_join').on(t.institution, t.person, t.offering, t.attempt),
    // Lists (db/queries/case-list.ts): each order, and what officers search by
    index('cases_changed').on(t.institution, t.changedAt, t.id),
    index('cases_opened').on(t.institution, t.openedAt, t.id),
    index('cases_waiting_until').on(t.institution, t.waitingUntil, t.id).where(sql`waiting_until is not null`),
    index('cases_waiting').on(t.institution, t.changedAt, t.id).where(sql`waiting_for is not null`),
    index('cases_in_state').on(t.institution, t.state, t.changedAt, t.id),
    index('cases_achievement').on(t.institution, t.achievement, t.changedAt, t.id),
    // What few cases have would be looked for among all of them
    index('cases_promised').on(t.institution, t.promised, t.changedAt, t.id),
    index('cases_step').on(t.institution, t.step, t.changedAt, t.id).where(sql`step <> 'delivery'`),
    index('cases_test').on(t.institution, t.changedAt, t.id).where(sql`test`),
    index('cases_offering').on(t.institution, t.offering),
    index('cases_occasion').on(t.institution, t.occasion).where(sql`occasion is not null`),
    index('cases_group').on(t.institution, t.groupId).where(sql`group_id is not null`),
  ],
)

/** Rules that cases were frozen on, each once: rows are added and never changed. */
export const ruleSet = pgTable(
  'rule_set',
  {
    institution: institutionColumn(),
    /** base64url of the SHA-256 of the body's JCS bytes. */
    digest: text('digest').notNull(),
    body: jsonb('body').notNull(),
    keptAt: instant('kept_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.institution, t.digest] })],
)

export const evidence = pgTable(
  'evidence',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    person: text('person').notNull(),
    offering: text('offering').notNull(),
    attempt: integer('attempt').notNull(),
    occasion: text('occasion'),
    kind: text('kind').notNull(),
    eventKey: bytes('event_key').notNull().unique(),
    source: jsonb('source').notNull(),
    occurredAt: instant('occurred_at').notNull(),
    /** The event, encrypted under the learner's key; person references inside are resolved when read. */
    body: bytes('body').notNull(),
    withdrawnBy: text('withdrawn_by'),
    receivedAt: instant('received_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('evidence_join').on(t.institution, t.person, t.offering, t.attempt),
    index('evidence_kind').on(t.institution, t.person, t.kind),
  ],
)

export const verdict = pgTable(
  'verdict',
  {
    institution: institutionColumn(),
    caseId: text('case_id').notNull(),
    gate: text('gate').notNull(),
    evidenceVersion: integer('evidence_version').notNull(),
    outcome: text('outcome').notNull(),
    result: jsonb('result').notNull(),
    /** Salt and JCS bytes of the exact input, deflated, encrypted under the learner's key (contracts §5). Empty once erased. */
    input: bytes('input').notNull(),
    /** Both beside inputs sealed before migration `erasure` only, which hold no salt. */
    inputSalt: bytes('input_salt'),
    inputDigest: text('input_digest'),
    entry: text('entry').notNull(),
    at: instant('at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.institution, t.caseId, t.gate, t.evidenceVersion] })],
)

/** Who may decide on a case now, drawn or appointed (contracts §5, separation). */
export const caseAppointment = pgTable(
  'case_appointment',
  {
    institution: institutionColumn(),
    caseId: text('case_id').notNull(),
    role: text('role').notNull(),
    person: text('person').notNull(),
    rule: text('rule').notNull(),
    appointedAt: instant('appointed_at').notNull().default(sql`now()`),
    endedAt: instant('ended_at'),
    endedBecause: text('ended_because'),
  },
  (t) => [
    primaryKey({ columns: [t.institution, t.caseId, t.role, t.person, t.appointedAt] }),
    uniqueIndex('case_appointment_current').on(t.institution, t.caseId, t.role).where(sql`ended_at is null`),
    index('case_appointment_person').on(t.institution, t.person).where(sql`ended_at is null`),
    index('case_appointment_history').on(t.institution, t.person, t.appointedAt, t.caseId, t.role),
  ],
)

/** What a person decided, in their own name (contracts §7). */
export const decision = pgTable(
  'decision',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    caseId: text('case_id').notNull(),
    person: text('person').notNull(),
    role: text('role').notNull(),
    outcome: text('outcome').notNull(),
    reason: text('reason').notNull(),
    /** Free text, marked items, encrypted under the learner's key. */
    detail: bytes('detail'),
    loa: integer('loa').notNull(),
    acr: text('acr').notNull(),
    authTime: instant('auth_time').notNull(),
    evidenceVersion: integer('evidence_version').notNull(),
    seen: text('seen').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    /** The act on a list in which it was given (domain/list-approval.ts). */
    list: jsonb('list'),
    at: instant('at').notNull().default(sql`now()`),
  },
  (t) => [
    unique('decision_idempotency').on(t.institution, t.caseId, t.idempotencyKey),
    index('decision_case').on(t.institution, t.caseId),
  ],
)

/** Cases that one approver means to approve in one act, with the sample that must be opened first (docs/levels.md). */
export const decisionList = pgTable('decision_list', {
  id: text('id').primaryKey(),
  institution: institutionColumn(),
  person: text('person').notNull(),
  seed: text('seed').notNull(),
  /** What each case showed when the list was drawn, and whether it is in the sample. */
  cases: jsonb('cases').notNull(),
  opened: text('opened').array().notNull().default(sql`'{}'::text[]`),
  drawnAt: instant('drawn_at').notNull().default(sql`now()`),
})

/** An event that could not become case or evidence; never occupies an event key (contracts §2). */
export const deadLetter = pgTable(
  'dead_letter',
  {
    id: text('id').primaryKey(),
    /** Null where the event did not even say. */
    institution: text('institution'),
    stream: text('stream').notNull(),
    subject: text('subject').notNull(),
    code: text('code').notNull(),
    problems: jsonb('problems').notNull(),
    payload: bytes('payload').notNull(),
    headers: bytes('headers').notNull(),
    digest: bytes('digest').notNull(),
    state: text('state').notNull().default('open'),
    repeats: integer('repeats').notNull().default(0),
    closedBy: text('closed_by'),
    closedReason: text('closed_reason'),
    closedAt: instant('closed_at'),
    receivedAt: instant('received_at').notNull().default(sql`now()`),
  },
  (t) => [index('dead_letter_open').on(t.institution, t.state, t.receivedAt)],
)

/** Issued cases whose facts turned out wrong, for an officer (contracts §3, withdrawal). */
export const review = pgTable(
  'review',
  {
    institution: institutionColumn(),
    caseId: text('case_id').notNull(),
    because: text('because').notNull(),
    evidenceVersion: integer('evidence_version').notNull(),
    openedAt: instant('opened_at').notNull().default(sql`now()`),
    closedAt: instant('closed_at'),
  },
  (t) => [primaryKey({ columns: [t.institution, t.caseId, t.evidenceVersion] })],
)

/** The only way out: NATS events, workflow starts, signals and updates, repeated until marked (design 4.7). */
export const outbox = pgTable(
  'outbox',
  {
    id: text('id').primaryKey(),
    institution: institutionColumn(),
    kind: text('kind').notNull(),
    target: text('target').notNull(),
    payload: jsonb('payload').notNull(),
    dueAt: instant('due_at').notNull().default(sql`now()`),
    attempts: integer('attempts').notNull().default(0),
    doneAt: instant('done_at'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('outbox_due').on(t.dueAt).where(sql`done_at is null`),
    index('outbox_decided').on(t.dueAt).where(sql`done_at is null and kind = 'update'`),
  ],
)
