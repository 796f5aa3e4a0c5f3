/** Cases and their moves. Without one place that moves them a case could change state and nobody could tell when, why or by whom. */
import { and, asc, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { canonicalBytes, type Json } from '#audit/canonical.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { stepEvent } from '#db/case-events.ts'
import { among, list, type Tx } from '#db/client.ts'
import { enqueue } from '#db/outbox.ts'
import { keepRules, type Rules, readRules, rulesDigest } from '#db/rule-sets.ts'
import { cases } from '#db/schema/cases.ts'
import { isEnd } from '#domain/issuance/state.ts'
import { type CaseState, type Cause, mayMove } from '#domain/issuance/transitions.ts'
import type { Band, CaseId, Instant, Level, PersonId } from '#domain/words.ts'

export interface CaseRow {
  readonly id: CaseId
  readonly person: PersonId
  readonly achievement: string
  readonly achievementVersion: number
  readonly offering: string
  readonly attempt: number
  readonly occasion?: string
  readonly groupId?: string
  readonly trail: string
  readonly state: CaseState
  readonly step: string
  readonly waitingFor?: Json
  readonly waitingSince?: Instant
  readonly waitingUntil?: Instant
  readonly evidenceVersion: number
  readonly promised: Band
  readonly evidenceLevel?: Level
  readonly level?: Level
  /** The rules under `frozenDigest`, where they were asked for. */
  readonly frozen?: Rules
  readonly frozenDigest?: string
  readonly test: boolean
  /** W3C Trace Context of the completion that opened it. */
  readonly traceparent?: string
  readonly openedAt: Instant
  readonly changedAt: Instant
}

/** What is told in the trail about a move; left out parts come from the move itself. */
export interface MoveEntry {
  readonly type: string
  readonly actor?: EntryDraft['actor']
  /** Why, as a code; some types demand it. */
  readonly reason?: string
  /** Beside step, cause and evidence version, which are always told. */
  readonly data?: NonNullable<EntryDraft['data']>
  readonly private?: NonNullable<EntryDraft['private']>
  readonly proc?: NonNullable<EntryDraft['proc']>
  /** Whether the trail is sealed after it; left out, where the case ends. False for who tells more in the same transaction. */
  readonly seals?: boolean
}

export interface Move {
  readonly caseId: CaseId
  readonly to: CaseState
  readonly cause: Cause
  /** Where in the cycle, a code: `identity`, `approval`, `signing` … */
  readonly step: string
  /** Version the caller judged. When evidence has come since, nothing is moved and the caller judges again (contracts §6). */
  readonly judgedVersion?: number
  /** For whom or what the case waits, and until when. Cleared by every move that does not give it. */
  readonly waiting?: { readonly for: Json; readonly until?: Instant }
  /** Decision that caused it; becomes part of the entry's id. */
  readonly decision?: string
  readonly entry: MoveEntry
}

export type Moved =
  | { readonly caseId: CaseId; readonly moved: true; readonly from: CaseState; readonly entry: string }
  | {
      readonly caseId: CaseId
      readonly moved: false
      readonly because: 'version-moved' | 'already' | 'illegal' | 'not-found'
      readonly state?: CaseState
      readonly evidenceVersion?: number
    }

/** Rows of these cases in the order asked for; unknown ones are left out. */
export async function caseRows(tx: Tx, ids: readonly CaseId[]): Promise<CaseRow[]> {
  if (ids.length === 0) return []
  const rows = await tx.orm.select(caseColumns).from(cases).where(these(tx, ids)).orderBy(asc(cases.id))
  return inOrder(ids, await withRules(tx, rows))
}

/** The same, locked until the transaction ends; in id order, so that two lists never wait in a circle. */
export async function lockCases(tx: Tx, ids: readonly CaseId[]): Promise<CaseRow[]> {
  if (ids.length === 0) return []
  const rows = await tx.orm.select(caseColumns).from(cases).where(these(tx, ids)).orderBy(asc(cases.id)).for('update')
  return inOrder(ids, await withRules(tx, rows))
}

export const caseColumns = getTableColumns(cases)

async function withRules(tx: Tx, rows: readonly HeadColumns[]): Promise<CaseRow[]> {
  const rules = await readRules(
    tx,
    rows.flatMap(({ frozenDigest }) => frozenDigest ?? []),
  )
  return rows.map((row) => {
    const frozen = rules.get(row.frozenDigest ?? '')
    return { ...parseCase(row), ...(frozen === undefined ? {} : { frozen }) }
  })
}

/** Rows without their frozen rules, by id, locked in id order. Whoever writes entries about cases takes these locks before those of the trails. */
export async function lockHeads(tx: Tx, ids: readonly CaseId[]): Promise<Map<CaseId, CaseRow>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.orm.select(caseColumns).from(cases).where(these(tx, ids)).orderBy(asc(cases.id)).for('update')
  return byId(rows)
}

/** What an entry about a case needs of it. */
export type Standing = Pick<CaseRow, 'id' | 'trail' | 'state' | 'traceparent'>

/** The same locks for those who only tell. */
export async function lockStandings(tx: Tx, ids: readonly CaseId[]): Promise<Map<CaseId, Standing>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.execute<{ id: CaseId; trail: string; state: CaseState; traceparent: string | null }>(sql`
    select id, trail, state, traceparent from cases where institution = ${tx.institution} and id = any(${list([...new Set(ids)])}::text[])
    order by id for update`)
  return new Map(
    rows.map(({ traceparent, ...row }) => [row.id, { ...row, ...(traceparent === null ? {} : { traceparent }) }]),
  )
}

/**
 * Moves cases as `domain/issuance/transitions.ts` allows, each with its entry and its outgoing event, in this transaction.
 * An illegal move is an answer, not an exception: the caller lost a race, or is wrong, and the case stays unharmed.
 */
export async function moveCases(tx: Tx, moves: readonly Move[]): Promise<Moved[]> {
  if (moves.length === 0) return []
  const rows = await lockHeads(
    tx,
    moves.map((move) => move.caseId),
  )
  const answers = moves.map((move) => ({ move, answer: answerOf(move, rows.get(move.caseId)) }))
  const legal = answers.flatMap(({ move, answer }) => (answer.kind === 'move' ? [{ move, row: answer.row }] : []))
  const entries = await drafts(tx, legal)
  await store(tx, legal)
  const [first] = await appendEntries(tx, [...entries.values()])
  if (first !== undefined) await tell(tx, legal, { entries, time: first.at })
  return answers.map(({ move, answer }) =>
    answer.kind === 'move'
      ? { caseId: move.caseId, moved: true, from: answer.row.state, entry: entries.get(move.caseId)?.id ?? '' }
      : answer.moved,
  )
}

/** Freezes achievement version and profiles, kept under their digest; a case frozen before keeps what it has. */
export async function freezeCases(tx: Tx, frozen: readonly (Rules & { readonly caseId: CaseId })[]): Promise<void> {
  if (frozen.length === 0) return
  await keepRules(tx, frozen)
  const column = (pick: (row: (typeof frozen)[number]) => string | number) => list(frozen.map(pick))
  await tx.execute(sql`
    update cases c set frozen_digest = u.digest, achievement = u.achievement, achievement_version = u.version, promised = u.promised
    from unnest(${column((row) => row.caseId)}::text[], ${column(rulesDigest)}::text[],
      ${column((row) => row.achievement.id)}::text[], ${column((row) => row.achievement.version)}::int[],
      ${column((row) => row.achievement.band)}::text[]) as u(id, digest, achievement, version, promised)
    where c.institution = ${tx.institution} and c.id = u.id and c.frozen_digest is null`)
}

/**
 * Another published achievement for a case that stopped, as an officer decided (contracts §7.4): the rules are frozen anew, and the
 * version goes up, or what was judged by the old rules would stand. False where the learner has a case for that achievement already.
 */
export async function changeAchievement(tx: Tx, change: Rules & { readonly caseId: CaseId }): Promise<boolean> {
  const { caseId, achievement } = change
  const changed = await tx.orm
    .update(cases)
    .set({
      achievement: achievement.id,
      achievementVersion: achievement.version,
      promised: achievement.band,
      frozenDigest: null,
      evidenceLevel: null,
      level: null,
    })
    .where(and(these(tx, [caseId]), sql`not exists (${awardTaken(achievement.id)})`))
    .returning({ id: cases.id })
  if (changed.length === 0) return false
  await freezeCases(tx, [change])
  await tx.execute(sql`select version from raise_evidence_versions(${list([caseId])}::text[])`)
  return true
}

/** Keeps what was computed; a member left out stays as it is. The move that follows tells when: no index row is written twice. */
export async function setLevels(
  tx: Tx,
  levels: readonly { caseId: CaseId; evidenceLevel?: Level; level?: Level }[],
): Promise<void> {
  if (levels.length === 0) return
  const column = (pick: (row: (typeof levels)[number]) => string | null) => list(levels.map(pick))
  await tx.execute(sql`
    update cases c set evidence_level = coalesce(u.evidence, c.evidence_level), level = coalesce(u.level, c.level)
    from unnest(${column((row) => row.caseId)}::text[], ${column((row) => row.evidenceLevel ?? null)}::text[],
      ${column((row) => row.level ?? null)}::text[]) as u(id, evidence, level)
    where c.institution = ${tx.institution} and c.id = u.id`)
}

type Answer = { readonly kind: 'move'; readonly row: CaseRow } | { readonly kind: 'stay'; readonly moved: Moved }

function answerOf(move: Move, row: CaseRow | undefined): Answer {
  const { caseId } = move
  if (row === undefined) return { kind: 'stay', moved: { caseId, moved: false, because: 'not-found' } }
  const stay = (because: 'version-moved' | 'already' | 'illegal'): Answer => ({
    kind: 'stay',
    moved: { caseId, moved: false, because, state: row.state, evidenceVersion: row.evidenceVersion },
  })
  if (move.judgedVersion !== undefined && move.judgedVersion !== row.evidenceVersion) return stay('version-moved')
  if (isThere(move, row)) return stay('already')
  return mayMove(row.state, move.to, move.cause) ? { kind: 'move', row } : stay('illegal')
}

/** The same state at the same step, waiting for the same: a retry of what was recorded. */
function isThere(move: Move, row: CaseRow): boolean {
  if (row.state !== move.to || row.step !== move.step) return false
  return same(row.waitingFor ?? null, move.waiting?.for ?? null) && sameMoment(row.waitingUntil, move.waiting?.until)
}

/** A deadline is computed anew by each retry; only whether there is one counts. */
function sameMoment(a: Instant | undefined, b: Instant | undefined): boolean {
  return (a === undefined) === (b === undefined)
}

function same(a: Json, b: Json): boolean {
  return Buffer.compare(canonicalBytes(a, loose), canonicalBytes(b, loose)) === 0
}
const loose = { numbers: 'finite', nulls: 'allowed' } as const

interface LegalMove {
  readonly move: Move
  readonly row: CaseRow
}

/** `<case>:<state>:<version or decision>`; a case that comes by again at the same version gets its place in the trail added. */
async function drafts(tx: Tx, legal: readonly LegalMove[]): Promise<Map<CaseId, EntryDraft>> {
  const baseOf = ({ move, row }: LegalMove) => `${move.caseId}:${move.to}:${move.decision ?? row.evidenceVersion}`
  const taken = await takenIds(tx, legal, baseOf)
  return new Map(
    legal.map((one) => {
      const { move, row } = one
      const base = baseOf(one)
      const head = taken.get(base)
      const { actor = workflowActor, type, reason, data, ...rest } = move.entry
      const draft: EntryDraft = {
        ...rest,
        trail: row.trail,
        id: head === undefined ? base : `${base}:${head}`,
        type,
        actor,
        act: { meaning: 'case-moved', outcome: move.to, ...(reason === undefined ? {} : { reason }) },
        data: { step: move.step, cause: move.cause, evidenceVersion: row.evidenceVersion, ...data },
        seals: move.entry.seals ?? isEnd(move.to),
      }
      return [move.caseId, draft]
    }),
  )
}

/** One outgoing event per move; the rest of the entry's id keeps it apart from the verdicts of the same step. */
async function tell(
  tx: Tx,
  legal: readonly LegalMove[],
  { entries, time }: { readonly entries: ReadonlyMap<CaseId, EntryDraft>; readonly time: Instant },
): Promise<void> {
  await enqueue(
    tx,
    legal.map(({ move, row }) =>
      stepEvent(tx.institution, {
        caseId: move.caseId,
        step: move.step,
        outcome: move.to,
        state: move.to,
        version: (entries.get(move.caseId)?.id ?? '').slice(move.caseId.length + 1),
        time,
        traceparent: row.traceparent,
        ...(move.waiting === undefined ? {} : { waitingFor: move.waiting.for, since: time }),
        ...(move.waiting?.until === undefined ? {} : { until: move.waiting.until }),
      }),
    ),
  )
}

const workflowActor = { ref: 'issuance', kind: 'workflow', role: 'conductor' } as const

/** Ids that were used before in their case's trail → where it stands now. */
async function takenIds(
  tx: Tx,
  legal: readonly LegalMove[],
  baseOf: (move: LegalMove) => string,
): Promise<Map<string, number>> {
  if (legal.length === 0) return new Map()
  const rows = await tx.execute<{ id: string; n: string }>(sql`
    select e.entry_id as id, t.n from audit.entry e join audit.trail t on t.institution = e.institution and t.trail = e.trail
    join unnest(${list(legal.map(baseOf))}::text[], ${list(legal.map(({ row }) => row.trail))}::uuid[]) as u(id, trail)
      on e.entry_id = u.id and e.trail = u.trail
    where e.institution = ${tx.institution}`)
  return new Map(rows.map((row) => [row.id, Number(row.n)]))
}

async function store(tx: Tx, legal: readonly LegalMove[]): Promise<void> {
  if (legal.length === 0) return
  const column = (pick: (move: Move) => string | null) => list(legal.map(({ move }) => pick(move)))
  await tx.execute(sql`
    update cases c set state = u.state, step = u.step, waiting_for = u.waiting_for::jsonb, waiting_until = u.until::timestamptz,
      waiting_since = case when u.waiting_for is null then null else clock_timestamp() end, changed_at = clock_timestamp()
    from unnest(${column((move) => move.caseId)}::text[], ${column((move) => move.to)}::text[], ${column((move) => move.step)}::text[],
      ${column((move) => (move.waiting === undefined ? null : JSON.stringify(move.waiting.for)))}::text[],
      ${column((move) => move.waiting?.until ?? null)}::text[]) as u(id, state, step, waiting_for, until)
    where c.institution = ${tx.institution} and c.id = u.id`)
}

function awardTaken(achievement: string): SQL {
  return sql`select 1 from cases o where o.institution = ${cases.institution} and o.person = ${cases.person} and o.achievement = ${achievement}
    and o.offering = ${cases.offering} and o.attempt = ${cases.attempt} and o.id <> ${cases.id}`
}

function these(tx: Tx, ids: readonly CaseId[]): SQL | undefined {
  return and(eq(cases.institution, tx.institution), among(cases.id, [...new Set(ids)]))
}

function inOrder(ids: readonly CaseId[], rows: readonly CaseRow[]): CaseRow[] {
  const found = new Map(rows.map((row) => [row.id, row]))
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? [])
}

function byId(rows: readonly HeadColumns[]): Map<CaseId, CaseRow> {
  return new Map(rows.map((row) => [row.id as CaseId, parseCase(row)]))
}

type HeadColumns = typeof cases.$inferSelect

/** A row as the code knows it: absent instead of null. */
export function parseCase(row: HeadColumns): CaseRow {
  return {
    id: row.id as CaseId,
    person: row.person as PersonId,
    achievement: row.achievement,
    achievementVersion: row.achievementVersion,
    offering: row.offering,
    attempt: row.attempt,
    ...(row.occasion === null ? {} : { occasion: row.occasion }),
    ...(row.groupId === null ? {} : { groupId: row.groupId }),
    trail: row.trail,
    state: row.state as CaseState,
    step: row.step,
    ...(row.waitingFor === null ? {} : { waitingFor: row.waitingFor as Json }),
    ...(row.waitingSince === null ? {} : { waitingSince: row.waitingSince }),
    ...(row.waitingUntil === null ? {} : { waitingUntil: row.waitingUntil }),
    evidenceVersion: row.evidenceVersion,
    promised: row.promised as Band,
    ...(row.evidenceLevel === null ? {} : { evidenceLevel: row.evidenceLevel as Level }),
    ...(row.level === null ? {} : { level: row.level as Level }),
    ...(row.frozenDigest === null ? {} : { frozenDigest: row.frozenDigest }),
    test: row.test,
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    openedAt: row.openedAt,
    changedAt: row.changedAt,
  }
}
