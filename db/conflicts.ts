/** Conflicts of interest that people declare while a case runs. Without it somebody partial could only keep silent and decide (levels.md). */
import { eq } from 'drizzle-orm'
import { base32, hashParts } from '#audit/digest.ts'
import { actorRef, appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { type CaseRow, caseRows, lockHeads } from '#db/cases.ts'
import { databaseNow, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { lockRegister } from '#db/institution.ts'
import { dated, storeItems } from '#db/register-changes.ts'
import { readItemsById } from '#db/register-read.ts'
import { registerView } from '#db/register-view.ts'
import { casesNaming, factsChanged, type Rejudged, rejudge, runningCases } from '#db/rejudge.ts'
import { institution } from '#db/schema/register.ts'
import type { WakeUp } from '#db/wake-ups.ts'
import { type CaseState, isEnd } from '#domain/issuance/state.ts'
import { actsAreVoid, samePerson } from '#domain/people.ts'
import type { Conflict } from '#domain/register.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

export interface ConflictDraft {
  readonly caseId: CaseId
  /** Who is partial towards the case's learner. */
  readonly person: PersonId
  /** A code: it is told in the trail and in every verdict's input. */
  readonly reason: string
  readonly declaredBy: PersonId
  /** The same person as the trail names them, with role and login. */
  readonly actor: EntryDraft['actor']
  /** Chosen by the client; the same key with the same declaration is the same declaration. */
  readonly idempotencyKey: string
}

export type ConflictAnswer =
  | {
      readonly kind: 'declared'
      readonly id: string
      readonly isNew: boolean
      /** Whom to wake once the transaction has committed; empty when it was declared before. */
      readonly wakeUps: readonly WakeUp[]
    }
  | { readonly kind: 'not-found' }
  /** The register does not know the person. */
  | { readonly kind: 'unknown-person' }
  /** The key was used for another declaration on this case. */
  | { readonly kind: 'conflict-key' }
  /** The case has ended; what is to be done then concerns the credential. */
  | { readonly kind: 'state'; readonly state: CaseState }
  /** Who is the learner or partial themself has no say about others: they could pick their examiner. */
  | { readonly kind: 'partial' }

/** How long the relay leaves the signals to the API, which sends them at once. */
const headStartMs = 5_000

/**
 * Records a conflict as `bevis_api`: an item of the register that no application of the files ends, a human entry in the case's
 * trail, and a new evidence version for every running case of the learner that names the person (levels.md: a declared
 * conflict always counts; contracts §3, §7). Any other answer than `declared` has written nothing.
 */
export async function declareConflict(tx: Tx, draft: ConflictDraft): Promise<ConflictAnswer> {
  const [found] = await caseRows(tx, [draft.caseId])
  if (found === undefined) return { kind: 'not-found' }
  // The register before cases, cases before trails: the order in which an application of the register takes its locks too.
  const revision = await lockRegister(tx)
  const id = conflictItemId(draft)
  const before = (await readItemsById(tx, 'conflict', [id])).get(id)
  if (before !== undefined) return repeated(id, before, draft)
  if (!(await readItemsById(tx, 'person', [draft.person])).has(draft.person)) return { kind: 'unknown-person' }
  if (await isPartial(tx, found, draft)) return { kind: 'partial' }
  const touched = await lockHeads(tx, await touchedBy(tx, found, draft.person))
  const row = touched.get(found.id)
  if (row === undefined) return { kind: 'not-found' }
  if (isEnd(row.state)) return { kind: 'state', state: row.state }

  const { person, reason } = draft
  const body: Conflict = { person, learner: row.person, declaredAt: await databaseNow(tx), reason }
  await storeItems(tx, [dated(tx, { kind: 'conflict', id, body })], { revision: revision + 1, origin: 'api' })
  await tx.orm
    .update(institution)
    .set({ revision: revision + 1 })
    .where(eq(institution.institution, tx.institution))
  const rejudged = await rejudge(tx, [...touched.values()], headStartMs)
  await appendEntries(
    tx,
    rejudged.map((one) => entryOf(tx, one, { draft, id })),
  )
  return { kind: 'declared', id, isNew: true, wakeUps: rejudged.map(({ wakeUp }) => wakeUp) }
}

/** No id of the files begins like this. */
function conflictItemId({ caseId, declaredBy, idempotencyKey }: ConflictDraft): string {
  return `declared/${base32(hashParts(caseId, declaredBy, idempotencyKey).subarray(0, 16))}`
}

function repeated(id: string, before: Conflict, { person, reason }: ConflictDraft): ConflictAnswer {
  const isSame = before.person === person && before.reason === reason
  return isSame ? { kind: 'declared', id, isNew: false, wakeUps: [] } : { kind: 'conflict-key' }
}

/** Of oneself anybody may say it. */
async function isPartial(tx: Tx, row: CaseRow, { person, declaredBy }: ConflictDraft): Promise<boolean> {
  const register = await registerView(tx, [person, declaredBy, row.person], [row.achievement])
  return !samePerson(register, person, declaredBy) && actsAreVoid(register, declaredBy, row.person)
}

/** The case itself, and what else of the learner runs in which the person acts, decided, or is appointed; under any id of either. */
async function touchedBy(tx: Tx, row: CaseRow, person: PersonId): Promise<CaseId[]> {
  const humans = await humansOf(tx, [row.person, person])
  const running = await runningCases(tx, humans.get(row.person) ?? [row.person])
  const naming = await casesNaming(tx, running, new Set(humans.get(person) ?? [person]))
  return [...new Set([row.id, ...naming.map(({ id }) => id)])]
}

function entryOf(tx: Tx, one: Rejudged, { draft, id }: { draft: ConflictDraft; id: string }): EntryDraft {
  const { actor, reason, caseId } = draft
  if (one.caseId !== caseId) return factsChanged(one, { actor, because: 'conflict-declared' })
  return {
    trail: one.trail,
    id: `${caseId}:conflict-declared:${one.version}`,
    type: 'conflict.declared/1',
    actor,
    act: { meaning: 'conflict-declared', outcome: 'judged-again', reason },
    data: {
      conflict: id,
      person: actorRef(tx.keys, tx.institution, draft.person),
      evidenceVersion: one.version,
    },
  }
}
