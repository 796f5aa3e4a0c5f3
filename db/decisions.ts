/** What people decide, in their own names. Without the checks in this one transaction an approval could stand on what nobody saw (contracts §7). */
import { and, asc, eq, sql } from 'drizzle-orm'
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { currentAppointments } from '#db/appointments.ts'
import { actorRef, appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { type CaseRow, lockCases } from '#db/cases.ts'
import { among, type Tx } from '#db/client.ts'
import { subjectCipher } from '#db/crypto.ts'
import { caseWorkflowId, decisionId } from '#db/ids.ts'
import { enqueue } from '#db/outbox.ts'
import { cases, decision } from '#db/schema/cases.ts'
import { latestVerdicts, type StoredVerdict } from '#db/verdicts.ts'
import type { ApproverRole, CaseInput } from '#domain/case.ts'
import { separationOf } from '#domain/draw.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { isEnd } from '#domain/issuance/state.ts'
import { type CaseState, type Cause, nextStates, transitions } from '#domain/issuance/transitions.ts'
import { isSampleOpened, type ListAct, mayBeListed } from '#domain/list-approval.ts'
import { actsAreVoid, samePerson } from '#domain/people.ts'
import type { CaseId, DecisionId, Instant, Loa, PersonId } from '#domain/words.ts'

/** The first three are the approver's, the others the officer's (contracts §7.4). */
export type DecisionOutcome =
  | 'approve'
  | 'return'
  | 'reject'
  | 'appoint'
  | 'order-reassessment'
  | 'choose-achievement'
  | 'refuse'
  | 'withdraw'

/** Move of the case that each decision leads to, as transitions.ts names it. */
const causes: Readonly<Record<DecisionOutcome, Cause>> = {
  approve: 'approved',
  return: 'returned',
  reject: 'rejected',
  appoint: 'appointed',
  'order-reassessment': 'reassessment-ordered',
  'choose-achievement': 'achievement-chosen',
  refuse: 'refused',
  withdraw: 'withdrawn',
}

/** Encrypted for the learner: free text never enters a leaf. */
export interface DecisionDetail {
  readonly text?: string
  /** What the case is sent back for, item by item. */
  readonly items?: readonly string[]
  readonly appoint?: { readonly role: ApproverRole; readonly person: PersonId }
  readonly achievement?: { readonly id: string; readonly version: number }
}

export interface DecisionDraft {
  readonly caseId: CaseId
  readonly person: PersonId
  readonly role: ApproverRole | 'officer'
  readonly outcome: DecisionOutcome
  /** A code. */
  readonly reason: string
  readonly detail?: DecisionDetail
  readonly loa: Loa
  readonly acr: string
  readonly authTime: Instant
  /** What the person was shown: evidence version and `seenDigest`. */
  readonly seen: { readonly evidenceVersion: number; readonly digest: string }
  /** Chosen by the client; the same key with the same decision is the same decision. */
  readonly idempotencyKey: string
  /** The act on a list this is part of. */
  readonly list?: ListAct
}

export type DecisionAnswer =
  | { readonly kind: 'recorded'; readonly decisionId: DecisionId; readonly isNew: boolean }
  | { readonly kind: 'not-found' }
  /** The key was used for another decision on this case. */
  | { readonly kind: 'conflict-key' }
  /** Nothing of the kind can be decided where the case stands. */
  | { readonly kind: 'state'; readonly state: CaseState }
  | { readonly kind: 'not-appointed' }
  /** Something has changed since; look again. */
  | { readonly kind: 'stale'; readonly evidenceVersion: number; readonly digest: string }
  | { readonly kind: 'separation'; readonly findings: readonly Finding[] }
  /** Here each case is decided by itself, or the sample has not been opened. */
  | { readonly kind: 'not-in-lists' }

export interface StoredDecision {
  readonly id: DecisionId
  readonly caseId: CaseId
  readonly person: PersonId
  readonly role: ApproverRole | 'officer'
  readonly outcome: DecisionOutcome
  readonly reason: string
  readonly detail?: DecisionDetail
  readonly loa: Loa
  readonly acr: string
  readonly authTime: Instant
  readonly evidenceVersion: number
  readonly seen: string
  readonly at: Instant
}

/** Name of the Update that tells the workflow (workflows/messages.ts). */
export const decidedUpdate = 'decided'
/** How long the relay leaves the Update to the API, which sends it at once. */
const headStartMs = 5_000

/**
 * Records a decision as `bevis_api`: locks the case, checks state, appointment, what was seen and separation, then writes row,
 * human entry and the Update that tells the workflow. A refusal is an answer; nothing is written then.
 * @param demand asked of the case as it stands locked, unless the decision is recorded already: the answer to a repetition was lost,
 *   the case has moved since, and that is no reason to refuse. What it throws ends the transaction
 */
export async function recordDecision(
  tx: Tx,
  draft: DecisionDraft,
  demand: (now: Standing) => void = () => undefined,
): Promise<DecisionAnswer> {
  const [row] = await lockCases(tx, [draft.caseId])
  if (row === undefined) return { kind: 'not-found' }
  const repeated = await repeatedOf(tx, draft)
  if (repeated !== undefined) return repeated
  const [[input], verdicts] = await Promise.all([collectInputs(tx, [row.id]), latestVerdicts(tx, [row.id])])
  if (input === undefined) return { kind: 'not-found' }
  const digest = seenDigest(input, verdicts.get(row.id) ?? [])
  const { evidenceVersion } = row
  demand({ row, seen: { evidenceVersion, digest } })
  if (!canDecide(row, draft.outcome) || (await isBeingEnded(tx, row))) return { kind: 'state', state: row.state }
  if (!(await mayDecide(tx, input, draft))) return { kind: 'not-appointed' }
  const { list } = draft
  if (list !== undefined && !(mayBeListed(row.promised, input.achievement) && isSampleOpened(list)))
    return { kind: 'not-in-lists' }
  if (draft.seen.evidenceVersion !== evidenceVersion || draft.seen.digest !== digest)
    return { kind: 'stale', evidenceVersion, digest }
  if (draft.role !== 'officer') {
    const findings = separationOf(input, draft.person, draft.role)
    if (findings.length > 0) return { kind: 'separation', findings }
  }
  return { kind: 'recorded', decisionId: await write(tx, row, draft), isNew: true }
}

/** How a case stands for somebody who decides on it. */
export interface Standing {
  readonly row: CaseRow
  readonly seen: { readonly evidenceVersion: number; readonly digest: string }
}

/**
 * Digest of what a decider is shown: the facts, the rules and what the gates found, base64url. Approvals are left out, or the
 * first of two approvers would make the second one's view stale.
 */
export function seenDigest(input: CaseInput, verdicts: readonly StoredVerdict[]): string {
  const shown = {
    case: input.case,
    achievement: [input.achievement.id, input.achievement.version],
    rules: input.profiles.version,
    evidence: input.evidence.map((fact) => fact.id).toSorted(),
    verdicts: verdicts
      .filter(({ gate }) => gate !== 'approval' && gate !== 'level')
      .toSorted((a, b) => (a.entry < b.entry ? -1 : 1))
      .map(({ entry, verdict }) => [entry, verdict]),
  }
  return b64url(sha256(canonicalBytes(shown, { numbers: 'finite' })))
}

/** All decisions on these cases, oldest first. */
export async function decisionsOf(tx: Tx, ids: readonly CaseId[]): Promise<StoredDecision[]> {
  if (ids.length === 0) return []
  const rows = await tx.orm
    .select({ row: decision, learner: cases.person })
    .from(decision)
    .innerJoin(cases, and(eq(cases.institution, decision.institution), eq(cases.id, decision.caseId)))
    .where(and(eq(decision.institution, tx.institution), among(decision.caseId, [...ids])))
    .orderBy(asc(decision.at), asc(decision.id))
  const cipher = await subjectCipher(
    tx,
    rows.map(({ learner }) => learner as PersonId),
  )
  return rows.map(({ row, learner }) => {
    const detail = row.detail === null ? undefined : cipher.open(learner as PersonId, purposeOf(row.id), row.detail)
    return {
      id: row.id as DecisionId,
      caseId: row.caseId as CaseId,
      person: row.person as PersonId,
      role: row.role as StoredDecision['role'],
      outcome: row.outcome as DecisionOutcome,
      reason: row.reason,
      ...(detail === undefined ? {} : { detail: JSON.parse(Buffer.from(detail).toString()) as DecisionDetail }),
      loa: row.loa as Loa,
      acr: row.acr,
      authTime: row.authTime,
      evidenceVersion: row.evidenceVersion,
      seen: row.seen,
      at: row.at,
    }
  })
}

/** Those of the decisions on a case that it has not followed yet: they came since it began to wait. */
export function unapplied<Decision extends { readonly at: Instant }>(
  { waitingSince }: CaseRow,
  decisions: readonly Decision[],
): Decision[] {
  return decisions.filter(({ at }) => waitingSince !== undefined && at >= waitingSince)
}

/** True of rejection, refusal and withdrawal: they win over whatever else is decided before the case has followed them. */
export function endsCase(outcome: DecisionOutcome): boolean {
  return transitions.some(({ by, to }) => by === causes[outcome] && isEnd(to))
}

/** Only where a case waits: a workflow between its waits follows no decision, and one that nobody follows must not be taken. */
function canDecide({ state }: CaseRow, outcome: DecisionOutcome): boolean {
  return isWaiting(state) && nextStates(state).some((transition) => transition.by === causes[outcome])
}

function isWaiting(state: CaseState): boolean {
  return state === 'waiting' || state === 'stopped' || state === 'deciding'
}

async function isBeingEnded(tx: Tx, row: CaseRow): Promise<boolean> {
  const rows = await tx.orm
    .select({ outcome: decision.outcome, at: decision.at })
    .from(decision)
    .where(and(eq(decision.institution, tx.institution), eq(decision.caseId, row.id)))
  return unapplied(row, rows as Pick<StoredDecision, 'outcome' | 'at'>[]).some(({ outcome }) => endsCase(outcome))
}

const approverOutcomes: readonly DecisionOutcome[] = ['approve', 'return', 'reject']

/** Approvers are appointed in the case, officers in the register. Nobody decides on themself or under a declared conflict. */
async function mayDecide(tx: Tx, input: CaseInput, draft: DecisionDraft): Promise<boolean> {
  const { register, case: it, achievement, now } = input
  const isApprover = draft.role !== 'officer'
  if (isApprover !== approverOutcomes.includes(draft.outcome)) return false
  if (isApprover) {
    const held = await currentAppointments(tx, [it.id])
    return held.some((one) => one.role === draft.role && samePerson(register, one.person, draft.person))
  }
  if (actsAreVoid(register, draft.person, it.learner)) return false
  return register.appointments.some(
    (one) =>
      one.role === 'officer' &&
      samePerson(register, one.person, draft.person) &&
      (one.achievements === undefined || one.achievements.includes(achievement.id)) &&
      one.from <= now &&
      (one.until === undefined || now < one.until),
  )
}

/** The answer where this key was used before, or undefined. */
async function repeatedOf(tx: Tx, draft: DecisionDraft): Promise<DecisionAnswer | undefined> {
  const [row] = await tx.orm
    .select()
    .from(decision)
    .where(
      and(
        eq(decision.institution, tx.institution),
        eq(decision.caseId, draft.caseId),
        eq(decision.idempotencyKey, draft.idempotencyKey),
      ),
    )
  if (row === undefined) return undefined
  const isSame =
    row.person === draft.person &&
    row.role === draft.role &&
    row.outcome === draft.outcome &&
    row.reason === draft.reason &&
    row.seen === draft.seen.digest
  return isSame ? { kind: 'recorded', decisionId: row.id as DecisionId, isNew: false } : { kind: 'conflict-key' }
}

async function write(tx: Tx, row: CaseRow, draft: DecisionDraft): Promise<DecisionId> {
  const { caseId, person, idempotencyKey, seen, detail, ...rest } = draft
  const id = decisionId(caseId, person, idempotencyKey)
  const cipher = await subjectCipher(tx, [row.person])
  const sealed =
    detail === undefined ? null : cipher.seal(row.person, purposeOf(id), Buffer.from(JSON.stringify(detail)))
  await tx.orm.insert(decision).values({
    ...rest,
    id,
    institution: tx.institution,
    caseId,
    person,
    idempotencyKey,
    detail: sealed,
    evidenceVersion: seen.evidenceVersion,
    seen: seen.digest,
    // Of a case that waits since later, because the clock was set back, it would count as decided before.
    at: sql`greatest(clock_timestamp(), ${row.waitingSince ?? null}::timestamptz)`,
  })
  await appendEntries(tx, [entryOf(tx, { row, draft, id })])
  const update = { update: decidedUpdate, updateId: id, args: [id] }
  const target = caseWorkflowId(tx.institution, caseId)
  await enqueue(tx, [{ id: updateRow(id), kind: 'update', target, payload: update, dueInMs: headStartMs }])
  return id
}

/** Id of the outbox row that carries a decision's Update; whoever sends it directly marks this one (`markStarted`). */
export function updateRow(id: DecisionId): string {
  return `update/${id}`
}

function entryOf(tx: Tx, { row, draft, id }: { row: CaseRow; draft: DecisionDraft; id: DecisionId }): EntryDraft {
  const { person, role, outcome, reason, acr, authTime, seen, detail } = draft
  const authn = { acr, auth_time: Math.floor(Date.parse(authTime) / 1000) }
  const told = detail === undefined ? [] : [{ name: 'detail', value: { ...detailJson(detail) }, subject: row.person }]
  return {
    trail: row.trail,
    id: `${row.id}:decision:${id}`,
    type: 'decision.recorded/1',
    actor: { ref: actorRef(tx.keys, tx.institution, person), kind: 'human', role, authn },
    act: { meaning: 'decision', outcome, reason },
    data: {
      decision: id,
      role,
      outcome,
      evidenceVersion: seen.evidenceVersion,
      loa: draft.loa,
      ...listData(draft.list),
    },
    private: [{ name: 'seen', value: seen.digest, subject: row.person }, ...told],
  }
}

/** The act on a list: with the seed anybody can draw its sample again. */
function listData(list: ListAct | undefined) {
  if (list === undefined) return {}
  return { list: list.id, listSeed: list.seed, listSize: list.size, listOpened: list.opened }
}

function detailJson({ text, items, appoint, achievement }: DecisionDetail) {
  return {
    ...(text === undefined ? {} : { text }),
    ...(items === undefined ? {} : { items: [...items] }),
    ...(appoint === undefined ? {} : { appoint: { ...appoint } }),
    ...(achievement === undefined ? {} : { achievement: { ...achievement } }),
  }
}

function purposeOf(id: string): string {
  return `decision/${id}`
}
