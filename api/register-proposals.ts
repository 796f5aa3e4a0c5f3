/** Proposing a changed register, and deciding on it: the same checks, the same difference and the same application as from a shell. */
import { canonicalBytes } from '#audit/canonical.ts'
import { registerItems } from '#config/register/items.ts'
import { loadRegisterFiles } from '#config/register/load.ts'
import type { RegisterProblem } from '#config/register/problems.ts'
import { appendEntries } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { contentDigest } from '#db/crypto.ts'
import { lockRegister, readInstitution } from '#db/institution.ts'
import { applyRegisterIn } from '#db/register.ts'
import { diffRegisterIn, type RegisterDiff } from '#db/register-diff.ts'
import type { RegisterToApply } from '#db/register-items.ts'
import {
  decideProposal,
  type ProposedFiles,
  proposedFiles,
  type RegisterProposal,
  readProposal,
  storeProposal,
} from '#db/register-proposals.ts'
import { actorOf, keeperRole } from './caller.ts'
import { demandMatch, etagOfValue } from './etag.ts'
import { idUnderKey } from './idempotency.ts'
import type { Caller } from './identity.ts'
import { Problem, type ProblemError } from './problem.ts'
import { proposalDetail, type ShownProposal } from './register-proposal-view.ts'

export interface Proposing {
  readonly caller: Caller
  readonly key: string
  /** A code. */
  readonly reason: string
  readonly files: ProposedFiles
}

/** @throws Problem `invalid_request` with every fault of every file, `register_conflict` */
export async function proposeRegister(tx: Tx, { caller, key, reason, files }: Proposing): Promise<ShownProposal> {
  const diff = await demandFitting(tx, readRegister(tx, files))
  const id = idUnderKey('prop', { scope: tx.institution, person: caller.person, key })
  if (await storeProposal(tx, { id, reason, files, by: caller.person })) {
    const data = { proposal: id, version: diff.revision }
    await record(tx, { caller, type: 'register.proposed/1', id, reason, data })
  }
  return showProposal(tx, id)
}

/** @throws Problem `not_found` */
export async function showProposal(tx: Tx, id: string): Promise<ShownProposal> {
  const proposal = await existing(tx, id)
  const files = await proposedFiles(tx, id)
  if (files === undefined) return { proposal }
  const diff = await diffRegisterIn(tx, readRegister(tx, files))
  return { proposal, change: { diff, seen: seenOf(tx, diff) } }
}

export interface Approving {
  readonly caller: Caller
  readonly id: string
  /** ETag of the proposal as read. */
  readonly tag: string
  /** As shown: what is approved is exactly this change. */
  readonly seen: string
}

/** @throws Problem `not_found`, `own_proposal`, `wrong_state`, `stale`, `precondition_failed`, `register_conflict` */
export async function approveProposal(tx: Tx, { caller, id, seen, tag }: Approving): Promise<ShownProposal> {
  // From here on the register stands still: what was seen is what is applied.
  await lockRegister(tx)
  const shown = await showProposal(tx, id)
  const { proposal, change } = shown
  const files = await proposedFiles(tx, id)
  if (change === undefined || files === undefined) throw wrongState(proposal)
  if (caller.humans.includes(proposal.proposedBy)) throw new Problem('own_proposal')
  if (change.seen !== seen) throw new Problem('stale', { members: { seen: change.seen } })
  demandSame(tag, shown)
  const register = readRegister(tx, files)
  await demandFitting(tx, register)
  const by = actorOf(caller, tx, keeperRole(caller))
  const { revision } = await applyRegisterIn(tx, register, { by })
  if (!(await decideProposal(tx, { id, to: 'approved', by: caller.person, revision }))) throw wrongState(proposal)
  await record(tx, { caller, type: 'register.proposal-approved/1', id, data: { proposal: id, version: revision } })
  return showProposal(tx, id)
}

export interface Refusing {
  readonly caller: Caller
  readonly id: string
  /** ETag of the proposal as read. */
  readonly tag: string
  /** A code. */
  readonly reason: string
}

/** Anybody who could approve may say no, the proposer too. @throws Problem `not_found`, `wrong_state`, `precondition_failed` */
export async function refuseProposal(tx: Tx, { caller, id, tag, reason }: Refusing): Promise<ShownProposal> {
  await lockRegister(tx)
  const shown = await showProposal(tx, id)
  const { proposal } = shown
  if (shown.change === undefined) throw wrongState(proposal)
  demandSame(tag, shown)
  if (!(await decideProposal(tx, { id, to: 'refused', by: caller.person }))) throw wrongState(proposal)
  await record(tx, { caller, type: 'register.proposal-refused/1', id, reason, data: { proposal: id } })
  return showProposal(tx, id)
}

/** @throws Problem `invalid_request` with every fault of every file, as `bevis registry apply` tells them */
function readRegister(tx: Tx, files: ProposedFiles): RegisterToApply {
  const encoder = new TextEncoder()
  const loaded = loadRegisterFiles(new Map(Object.entries(files).map(([path, text]) => [path, encoder.encode(text)])))
  if (loaded.kind === 'invalid') throw new Problem('invalid_request', { errors: loaded.problems.map(asError) })
  const register = registerItems(loaded.register)
  if (register.institution.id !== tx.institution) {
    const error = {
      file: 'institution.json',
      pointer: '/id',
      detail: 'names another institution',
      advice: 'correct it',
    }
    throw new Problem('invalid_request', { errors: [asError({ ...error, code: 'bad-value' })] })
  }
  return register
}

/** A file is a text inside the body: the pointer leads to it, and the place inside it stands in words. */
function asError({ file, pointer, code, detail, advice }: RegisterProblem): ProblemError {
  const name = file.replaceAll('~', '~0').replaceAll('/', '~1')
  const place = pointer === '' ? detail : `${pointer} ${detail}`
  return { in: 'body', pointer: `/files/${name}`, code, detail: place, hint: advice }
}

/** @throws Problem `register_conflict` with what is in use or given already */
async function demandFitting(tx: Tx, register: RegisterToApply): Promise<RegisterDiff> {
  const diff = await diffRegisterIn(tx, register)
  if (diff.conflicts.length > 0) throw new Problem('register_conflict', { members: { conflicts: diff.conflicts } })
  return diff
}

/** Keyed like every digest that somebody's data goes into. */
function seenOf(tx: Tx, diff: RegisterDiff): string {
  const bytes = canonicalBytes(JSON.parse(JSON.stringify(diff)), { numbers: 'finite', nulls: 'allowed' })
  return Buffer.from(contentDigest(tx.keys, tx.institution, bytes)).toString('base64url')
}

async function existing(tx: Tx, id: string): Promise<RegisterProposal> {
  const proposal = await readProposal(tx, id)
  if (proposal === undefined) throw new Problem('not_found')
  return proposal
}

function demandSame(tag: string, shown: ShownProposal): void {
  const now = proposalDetail(shown)
  demandMatch(tag, { etag: etagOfValue(now), now })
}

function wrongState({ state }: RegisterProposal): Problem {
  return new Problem('wrong_state', { members: { state } })
}

interface Told {
  readonly caller: Caller
  readonly type: 'register.proposed/1' | 'register.proposal-approved/1' | 'register.proposal-refused/1'
  readonly id: string
  readonly reason?: string
  readonly data: Readonly<Record<string, string | number>>
}

/** Into the institution's own trail, in the name of whoever did it. */
async function record(tx: Tx, { caller, type, id, reason, data }: Told): Promise<void> {
  const { trail } = await readInstitution(tx)
  const meaning = type.split('/')[0] ?? type
  await appendEntries(tx, [
    {
      trail,
      id: `${meaning}:${id}`,
      type,
      actor: actorOf(caller, tx, keeperRole(caller)),
      act: { meaning, outcome: 'success', ...(reason === undefined ? {} : { reason }) },
      data,
    },
  ])
}
