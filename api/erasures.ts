/** Recording what privacy officers propose and decide, each with its entry and with the row that tells the workflow, in one transaction. */
import type { z } from 'zod'
import { appendEntries } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import {
  adoptErasure,
  blockerOf,
  decideErasure,
  type Erasure,
  type ErasureDraft,
  proposeErasure,
  readErasure,
} from '#db/erasures.ts'
import { humansOf } from '#db/humans.ts'
import { erasureWorkflowId } from '#db/ids.ts'
import { institutionTypeOf, readInstitution } from '#db/institution.ts'
import { isKnownPerson, referenceKey, resolveReferences } from '#db/people.ts'
import { allClasses, blockers, claimProblem, claimProblems } from '#domain/erasure.ts'
import { as, type CaseId, type InstitutionId, type PersonId } from '#domain/words.ts'
import { actorOf } from './caller.ts'
import { shownErasure } from './erasure-view.ts'
import { demandMatch, etagOfValue } from './etag.ts'
import { idUnderKey } from './idempotency.ts'
import type { Caller } from './identity.ts'
import { Problem } from './problem.ts'
import type { erasureProposal } from './schemas/erasure.ts'
import { type Act, promiseDecision, promiseStart, type Start } from './two-persons.ts'

/** What the outbox repeats, and what is sent at once. */
export interface ErasureNews extends Act {
  readonly erasure: Erasure
}

export interface About {
  readonly case?: string | undefined
  readonly person?: string | undefined
  readonly reference?: { readonly scheme: string; readonly value: string } | undefined
}

/** Whom something is about, however it was said. @throws Problem `not_found`, `invalid_request` when it was said in more than one way, or in none */
export async function personAbout(tx: Tx, { case: caseId, person, reference }: About): Promise<PersonId> {
  const ways = [caseId, person, reference].filter((way) => way !== undefined)
  if (ways.length !== 1) throw unclear('', 'give one of case, person and reference')
  if (caseId !== undefined) {
    const [row] = await caseRows(tx, [as<CaseId>(caseId)])
    if (row !== undefined) return row.person
  }
  if (reference !== undefined) {
    const found = (await resolveReferences(tx, [reference])).get(referenceKey(reference))
    if (found !== undefined) return found
  }
  if (person !== undefined && (await isKnownPerson(tx, as<PersonId>(person)))) return as<PersonId>(person)
  throw new Problem('not_found')
}

/** The one case that is meant, where not everything about the person is. @throws Problem `invalid_request` when it does not say which */
export function caseMeant({ only, case: caseId }: About & { readonly only?: 'case' | undefined }): {
  readonly caseId?: CaseId
} {
  if (only === undefined) return {}
  if (caseId === undefined) throw unclear('/case', 'name the case')
  return { caseId: as<CaseId>(caseId) }
}

function unclear(pointer: string, detail: string): Problem {
  return new Problem('invalid_request', { errors: [{ in: 'body', pointer, code: 'unclear', detail }] })
}

/** @throws Problem `own_data`: nobody decides about themselves */
export function demandOther(caller: Caller, person: PersonId): void {
  if (caller.humans.includes(person)) throw new Problem('own_data')
}

export interface ErasureRequest {
  readonly caller: Caller
  readonly proposal: z.infer<typeof erasureProposal>
  readonly key: string
}

/** @throws Problem `not_found`, `own_data`, `erasure_unfounded`, `erasure_blocked`, `erasure_open`, `idempotency_key_reused` */
export async function propose(tx: Tx, { caller, proposal, key }: ErasureRequest): Promise<ErasureNews> {
  const draft = await draftOf(tx, { caller, proposal, key })
  await demandFounded(tx, draft)
  demandOther(caller, draft.person)
  const { kind, erasure } = await proposeErasure(tx, draft)
  if (kind === 'open') throw new Problem('erasure_open', { members: { erasure: erasure.id, state: erasure.state } })
  const isSame = erasure.basis === draft.basis && erasure.decision === draft.decision && erasure.person === draft.person
  if (!isSame) throw new Problem('idempotency_key_reused')
  if (kind !== 'proposed') return news(tx, erasure, 'start')
  await demandUnblocked(tx, erasure)
  await record(tx, caller, { erasure, what: 'proposed' })
  return begun(tx, erasure)
}

async function draftOf(tx: Tx, { caller, proposal, key }: ErasureRequest): Promise<ErasureDraft> {
  const { classes, archive, basis, decision, text } = proposal
  const person = await personAbout(tx, proposal)
  const ofCase = caseMeant(proposal)
  return {
    id: idUnderKey('eras', { scope: tx.institution, person: caller.person, key }),
    person,
    ...ofCase,
    classes: [...new Set(classes ?? allClasses.filter((one) => ofCase.caseId === undefined || one !== 'identity'))],
    basis,
    ...(archive === undefined ? {} : { archive }),
    decision,
    text,
    by: caller.person,
  }
}

async function demandFounded(tx: Tx, draft: ErasureDraft): Promise<void> {
  const lacks = claimProblem({ ...draft, type: institutionTypeOf(await readInstitution(tx)) })
  if (lacks !== undefined) throw new Problem('erasure_unfounded', { members: { lacks, text: claimProblems[lacks] } })
}

async function demandUnblocked(tx: Tx, erasure: Erasure): Promise<void> {
  const blocker = await blockerOf(tx, erasure)
  if (blocker !== undefined) throw new Problem('erasure_blocked', { members: { blocker, text: blockers[blocker] } })
}

export interface ErasureAct {
  readonly caller: Caller
  readonly id: string
  /** ETag of the erasure as the caller read it. */
  readonly tag: string
}

/** @throws Problem `not_found`, `wrong_state`, `precondition_failed`, `own_proposal`, `own_data`, `erasure_blocked` */
export async function approve(tx: Tx, { id, caller, tag }: ErasureAct): Promise<ErasureNews> {
  const found = await existing(tx, id)
  if (found.state === 'approved' && found.decidedBy !== undefined && caller.humans.includes(found.decidedBy)) {
    return news(tx, found, 'approved')
  }
  await demandSeen(tx, found, { tag, states: ['proposed'] })
  if (found.proposedBy !== undefined && (await isSameHuman(tx, found.proposedBy, caller)))
    throw new Problem('own_proposal')
  demandOther(caller, found.person)
  await demandUnblocked(tx, found)
  return decide(tx, caller, { found, to: 'approved' })
}

/** Any privacy officer may say no, the proposer too. @throws Problem `not_found`, `wrong_state`, `precondition_failed` */
export async function refuse(tx: Tx, { id, caller, tag }: ErasureAct): Promise<ErasureNews> {
  const found = await existing(tx, id)
  await demandSeen(tx, found, { tag, states: ['proposed', 'suggested'] })
  return decide(tx, caller, { found, to: 'refused' })
}

/**
 * Takes up what a machine suggested after a retention rule; then somebody else must approve.
 * @throws Problem `not_found`, `wrong_state`, `precondition_failed`, `own_data`, `erasure_blocked`
 */
export async function adopt(
  tx: Tx,
  { id, caller, tag, text }: ErasureAct & { readonly text: string },
): Promise<ErasureNews> {
  const found = await existing(tx, id)
  const isOwn = found.proposedBy !== undefined && caller.humans.includes(found.proposedBy)
  if (found.state === 'proposed' && found.rule !== undefined && isOwn) return news(tx, found, 'start')
  await demandSeen(tx, found, { tag, states: ['suggested'] })
  demandOther(caller, found.person)
  await demandUnblocked(tx, found)
  const adopted = await adoptErasure(tx, { erasure: found, by: caller.person, text })
  if (!adopted) throw new Problem('wrong_state', { members: { state: found.state } })
  await record(tx, caller, { erasure: found, what: 'proposed' })
  return begun(tx, await existing(tx, id))
}

/** Tells the workflow that waits for the second person to begin. */
async function begun(tx: Tx, erasure: Erasure): Promise<ErasureNews> {
  const told = news(tx, erasure, 'start')
  await promiseStart(tx, told, startOf(tx.institution, erasure.id))
  return told
}

/** What the workflow is started with; the relay says the same. */
export function startOf(institution: InstitutionId, erasureId: string): Start {
  return { workflowType: 'erasure', taskQueue: 'pipeline', args: [{ institution, erasureId }] }
}

/** @throws Problem `not_found` */
export async function existing(tx: Tx, id: string): Promise<Erasure> {
  const found = await readErasure(tx, id)
  if (found === undefined) throw new Problem('not_found')
  return found
}

async function isSameHuman(tx: Tx, person: PersonId, { humans, person: own }: Caller): Promise<boolean> {
  return humans.includes(person) || ((await humansOf(tx, [person])).get(person) ?? []).includes(own)
}

/** What waits is decided on as it was read. */
async function demandSeen(
  tx: Tx,
  found: Erasure,
  { tag, states }: { readonly tag: string; readonly states: readonly Erasure['state'][] },
): Promise<void> {
  if (!states.includes(found.state)) throw new Problem('wrong_state', { members: { state: found.state } })
  const now = await shownErasure(tx, found)
  demandMatch(tag, { etag: etagOfValue(now), now })
}

async function decide(
  tx: Tx,
  caller: Caller,
  { found, to }: { readonly found: Erasure; readonly to: 'approved' | 'refused' },
): Promise<ErasureNews> {
  const from = found.state === 'suggested' ? 'suggested' : 'proposed'
  const moved = await decideErasure(tx, { id: found.id, from, to, by: caller.person })
  if (!moved) throw new Problem('wrong_state', { members: { state: found.state } })
  await record(tx, caller, { erasure: found, what: to })
  const told = news(tx, await existing(tx, found.id), to)
  await promiseDecision(tx, told, found.id)
  return told
}

function news(tx: Tx, erasure: Erasure, event: string): ErasureNews {
  const workflowId = erasureWorkflowId(tx.institution, erasure.id)
  return { erasure, workflowId, outboxId: `erasure-${event}/${erasure.id}` }
}

/** In the institution's own trail; erase() looks for these very entries (migration `erasure`). */
async function record(
  tx: Tx,
  caller: Caller,
  { erasure, what }: { readonly erasure: Erasure; readonly what: 'proposed' | 'approved' | 'refused' },
): Promise<void> {
  const { trail } = await readInstitution(tx)
  const { id, classes, basis, decision, caseId } = erasure
  await appendEntries(tx, [
    {
      trail,
      id: `${id}:${what}`,
      type: `erasure.${what}/1`,
      actor: actorOf(caller, tx, 'privacy-officer'),
      act: { meaning: 'erasure', outcome: what, reason: basis },
      data: { erasure: id, classes: [...classes], decision, scope: caseId === undefined ? 'person' : 'case' },
    },
  ])
}
