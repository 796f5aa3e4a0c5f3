/** Recording what officers propose and approve, each with its entry and with the row that tells the workflow, in one transaction. */
import type { z } from 'zod'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { collectInputs } from '#db/case-input.ts'
import { type CaseRow, caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { credentialsOf, intentions, successorsOf } from '#db/credentials.ts'
import { revocationWorkflowId } from '#db/ids.ts'
import { moveRevocation, proposeRevocation, type Revocation, readRevocation, successorIn } from '#db/revocations.ts'
import { judgeRevocation } from '#domain/gates/revocation.ts'
import type { CredentialId, InstitutionId, PersonId } from '#domain/words.ts'
import { actorOf } from './caller.ts'
import { demandMatch, etagOfValue } from './etag.ts'
import { actedIn } from './handlers.ts'
import { idUnderKey } from './idempotency.ts'
import type { Caller } from './identity.ts'
import { Problem } from './problem.ts'
import { proposedType, revocationEntryId, shownRevocation } from './revocation-view.ts'
import type { revocationDetail } from './schemas/revocation.ts'
import { type Act, promiseDecision, promiseStart, type Start } from './two-persons.ts'

/** What the outbox repeats, and what is sent at once. */
export interface RevocationNews extends Act {
  readonly revocation: Revocation
  readonly isNew: boolean
}

export interface RevocationRequest {
  readonly caller: Caller
  readonly credential: CredentialId
  readonly reason: string
  readonly text: string
  readonly successor?: CredentialId
  readonly key: string
}

/** @throws Problem `not_found`, `revocation_refused`, `revocation_open`, `idempotency_key_reused` */
export async function propose(tx: Tx, request: RevocationRequest): Promise<RevocationNews> {
  const { caller, credential, reason, text, successor, key } = request
  const row = await caseOf(tx, credential)
  const named = successor === undefined ? {} : { successor }
  await demandPass(tx, row, { credential, reason, text, ...named, proposer: caller.person })
  const { kind, revocation } = await proposeRevocation(tx, {
    id: idUnderKey('revo', { scope: credential, person: caller.person, key }),
    credentialId: credential,
    caseId: row.id,
    subject: row.person,
    reason,
    text,
    ...named,
    by: caller.person,
    idempotencyKey: key,
  })
  if (kind === 'open')
    throw new Problem('revocation_open', { members: { revocation: revocation.id, state: revocation.state } })
  const isSame = revocation.reason === reason && revocation.successor === successor
  if (kind === 'repeated' && !(isSame && caller.humans.includes(revocation.proposedBy))) {
    throw new Problem('idempotency_key_reused')
  }
  const told = news(tx, revocation, { event: 'start', isNew: kind === 'proposed' })
  if (kind === 'proposed') {
    const detail = { name: 'text', value: text, subject: row.person }
    await record(tx, row, { ...entryOf(tx, caller, { revocation, type: proposedType }), private: [detail] })
    await promiseStart(tx, told, startOf(tx.institution, revocation.id))
  }
  return told
}

export interface RevocationAct {
  readonly caller: Caller
  readonly id: string
  /** ETag of the revocation as the caller read it. */
  readonly tag: string
}

/** @throws Problem `not_found`, `wrong_state`, `precondition_failed`, `revocation_refused` with what speaks against the approver */
export async function approve(tx: Tx, { id, caller, tag }: RevocationAct): Promise<RevocationNews> {
  const found = await existing(tx, id)
  if (found.state === 'approved' && found.approvedBy !== undefined && caller.humans.includes(found.approvedBy)) {
    return news(tx, found, { event: 'approved', isNew: false })
  }
  const row = await caseOf(tx, found.credentialId)
  const { text = '' } = await demandSeen(tx, found, tag)
  const { credentialId: credential, reason, successor, proposedBy: proposer } = found
  const named = successor === undefined ? {} : { successor }
  await demandPass(tx, row, { credential, reason, text, ...named, proposer, approver: caller.person })
  return decide(tx, row, { found, caller, to: 'approved', type: 'revocation.approved/1' })
}

/** Any officer may say no, the proposer too. @throws Problem `not_found`, `wrong_state`, `precondition_failed` */
export async function refuse(tx: Tx, { id, caller, tag }: RevocationAct): Promise<RevocationNews> {
  const found = await existing(tx, id)
  await demandSeen(tx, found, tag)
  const row = await caseOf(tx, found.credentialId)
  return decide(tx, row, { found, caller, to: 'refused', type: 'revocation.refused/1' })
}

/** What the workflow is started with; the relay says the same. */
export function startOf(institution: InstitutionId, revocationId: string): Start {
  return { workflowType: 'revocation', taskQueue: 'pipeline', args: [{ institution, revocationId }] }
}

/** What waits is decided on as it was read. @throws Problem `wrong_state` for what waits no longer, `precondition_failed` */
async function demandSeen(tx: Tx, found: Revocation, tag: string): Promise<z.infer<typeof revocationDetail>> {
  if (found.state !== 'proposed') throw new Problem('wrong_state', { members: { state: found.state } })
  const now = await shownRevocation(tx, found)
  demandMatch(tag, { etag: etagOfValue(now), now })
  return now
}

interface Deciding {
  readonly found: Revocation
  readonly caller: Caller
  readonly to: 'approved' | 'refused'
  readonly type: string
}

async function decide(tx: Tx, row: CaseRow, { found, caller, to, type }: Deciding): Promise<RevocationNews> {
  const moved = await moveRevocation(tx, { id: found.id, from: 'proposed', to, by: caller.person })
  if (!moved) throw new Problem('wrong_state', { members: { state: found.state } })
  await record(tx, row, entryOf(tx, caller, { revocation: found, type }))
  const revocation = await existing(tx, found.id)
  const told = news(tx, revocation, { event: to, isNew: true })
  await promiseDecision(tx, told, found.id)
  return told
}

interface Judging {
  readonly credential: CredentialId
  readonly reason: string
  readonly text: string
  readonly successor?: CredentialId
  readonly proposer: PersonId
  readonly approver?: PersonId
}

/** Asks the gate (domain/gates/revocation.ts). Before the approval its being missing is no objection. @throws Problem `revocation_refused` */
async function demandPass(tx: Tx, row: CaseRow, { credential, ...judging }: Judging): Promise<void> {
  const [input] = await collectInputs(tx, [row.id])
  if (input === undefined) throw new Problem('not_found')
  const acted = await actedIn(tx, row.id)
  const successors = await successorsOf(tx, { id: credential, person: row.person, achievement: row.achievement })
  const { findings } = judgeRevocation({ case: input, ...judging, acted, successors })
  const against = findings.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'missing')
  if (against.length === 0) return
  throw new Problem('revocation_refused', {
    members: { findings: against.map(({ rule, because }) => ({ rule, because })) },
  })
}

async function caseOf(tx: Tx, credential: CredentialId): Promise<CaseRow> {
  const request = (await intentions(tx, [credential])).get(credential)
  const stored = request === undefined ? [] : await credentialsOf(tx, [request.caseId])
  const [row] =
    stored.some(({ id }) => id === credential) && request !== undefined ? await caseRows(tx, [request.caseId]) : []
  if (row === undefined) throw new Problem('not_found')
  return row
}

/** @throws Problem `not_found` */
export async function existing(tx: Tx, id: string): Promise<Revocation> {
  const found = await readRevocation(tx, id)
  if (found === undefined) throw new Problem('not_found')
  return found
}

function news(tx: Tx, revocation: Revocation, { event, isNew }: { event: string; isNew: boolean }): RevocationNews {
  const workflowId = revocationWorkflowId(tx.institution, revocation.credentialId, revocation.ordinal)
  return { revocation, isNew, workflowId, outboxId: `revocation-${event}/${revocation.id}` }
}

function entryOf(tx: Tx, caller: Caller, { revocation, type }: { revocation: Revocation; type: string }) {
  return {
    id: revocationEntryId(revocation, type),
    type,
    actor: actorOf(caller, tx, 'officer'),
    act: { meaning: 'revocation', outcome: 'success', reason: revocation.reason },
    data: { credential: revocation.credentialId, revocation: revocation.id, ...successorIn(revocation) },
  }
}

async function record(tx: Tx, row: CaseRow, draft: Omit<EntryDraft, 'trail'>): Promise<void> {
  await appendEntries(tx, [{ ...draft, trail: row.trail }])
}
