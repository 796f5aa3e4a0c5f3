/** Recording appeals and what becomes of them, each step an entry of the case's own trail, in one transaction under the case's lock. */
import { appealed, followedIn } from '#audit/appeal.ts'
import type { Entry } from '#audit/entry.ts'
import { saysSame, textOf } from '#db/acts.ts'
import { type Appeal, appealIn, caseOf } from '#db/appeals.ts'
import { appendEntries, type EntryDraft, holdTrails } from '#db/audit-log.ts'
import { type CaseRow, caseRows, lockHeads } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { type Matter, mattersIn, stepOf, typeOf } from '#db/matters.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
import { type AppealOutcome, isGranted } from '#domain/handling.ts'
import type { CaseId, Instant } from '#domain/words.ts'
import { actorOf } from './caller.ts'
import { demandHandler } from './handlers.ts'
import type { Caller } from './identity.ts'
import { demandDay, isNext, knownMatters } from './matters.ts'
import { Problem } from './problem.ts'
import { entriesIn } from './stored-log.ts'

export interface Lodging {
  readonly id: string
  readonly caseId: CaseId
  readonly kind: string
  readonly against: string
  readonly received: string
  readonly reference: string
}

/** @throws Problem `not_found`, `nothing_to_appeal`, `appeal_open`, `idempotency_key_reused`, `invalid_request` */
export async function lodge(tx: Tx, caller: Caller, { id, caseId, ...told }: Lodging): Promise<Appeal> {
  const { row, entries } = await held(tx, caseId)
  const draft = draftOf(tx, caller, { row, id, step: 'lodged', act: { outcome: 'success' }, data: told })
  const known = mattersIn('appeal', entries)
  const before = known.find((one) => one.id === id)
  if (before !== undefined) {
    if (saysSame(before.first, draft)) return shown(tx, before)
    throw new Problem('idempotency_key_reused')
  }
  const target = appealed(entries, told.against)
  if (target === undefined) throw new Problem('nothing_to_appeal')
  const open = known.find(({ first, state }) => textOf(first, 'against') === told.against && state !== 'closed')
  if (open !== undefined) throw new Problem('appeal_open', { members: { appeal: open.id, state: open.state } })
  await demandDay(tx, told.received, target.at as Instant)
  await appendEntries(tx, [draft])
  return shownIn(tx, row.trail, id)
}

export interface Acknowledging {
  readonly id: string
  readonly reference: string
}

/** @throws Problem `not_found`, `wrong_state` */
export async function acknowledge(tx: Tx, caller: Caller, { id, reference }: Acknowledging): Promise<Appeal> {
  const { row, matter } = await taken(tx, id)
  const draft = draftOf(tx, caller, { row, id, step: 'acknowledged', act: { outcome: 'success' }, data: { reference } })
  if (isNext('appeal', matter, draft)) await appendEntries(tx, [draft])
  return shownIn(tx, row.trail, id)
}

export interface AppealDecision extends Acknowledging {
  readonly outcome: string
  readonly reason: string
}

/** By somebody who took no part in the case. @throws Problem `not_found`, `wrong_state`, `handler_refused` */
export async function decide(
  tx: Tx,
  caller: Caller,
  { id, reference, outcome, reason }: AppealDecision,
): Promise<Appeal> {
  const { row, entries, matter } = await taken(tx, id)
  const draft = draftOf(tx, caller, { row, id, step: 'decided', act: { outcome, reason }, data: { reference } })
  if (isNext('appeal', matter, draft)) {
    await demandHandler(tx, caller, { caseId: row.id, entries, matter: id })
    await appendEntries(tx, [draft])
  }
  return shownIn(tx, row.trail, id)
}

export interface Closing extends Acknowledging {
  /** Ids of what came of it. */
  readonly followed: readonly string[]
}

/** Where the appellant was right something must have followed. @throws Problem `not_found`, `wrong_state`, `follow_up_demanded` */
export async function close(tx: Tx, caller: Caller, { id, followed, reference }: Closing): Promise<Appeal> {
  const { row, entries, matter } = await taken(tx, id)
  const data = { followed, reference }
  const draft = draftOf(tx, caller, { row, id, step: 'closed', act: { outcome: 'success' }, data })
  if (isNext('appeal', matter, draft)) {
    await demandFollowed(tx, followed, { row, entries, matter })
    await appendEntries(tx, [draft])
  }
  return shownIn(tx, row.trail, id)
}

/** @throws Problem `not_found` */
export async function appealOf(tx: Tx, id: string): Promise<Appeal> {
  return shown(tx, await existing(tx, id))
}

/** As it stands in its trail after a step. */
async function shownIn(tx: Tx, trail: string, id: string): Promise<Appeal> {
  return shown(tx, oneOf(await entriesIn(tx, trail), id))
}

async function shown(tx: Tx, matter: Matter): Promise<Appeal> {
  return appealIn(matter, await staffByPseudonym(tx))
}

async function existing(tx: Tx, id: string): Promise<Matter> {
  const found = (await knownMatters(tx, 'appeal')).find((one) => one.id === id)
  if (found === undefined) throw new Problem('not_found')
  return found
}

interface Held {
  readonly row: CaseRow
  readonly entries: readonly Entry[]
}

/** The case, then its trail: until the transaction ends nobody else acts in it. @throws Problem `not_found` */
async function held(tx: Tx, caseId: CaseId): Promise<Held> {
  const row = (await lockHeads(tx, [caseId])).get(caseId)
  if (row === undefined) throw new Problem('not_found')
  await holdTrails(tx, [row.trail])
  return { row, entries: await entriesIn(tx, row.trail) }
}

async function taken(tx: Tx, id: string): Promise<Held & { readonly matter: Matter }> {
  const all = await held(tx, caseOf((await existing(tx, id)).first))
  return { ...all, matter: oneOf(all.entries, id) }
}

function oneOf(entries: readonly Entry[], id: string): Matter {
  const matter = mattersIn('appeal', entries).find((one) => one.id === id)
  if (matter === undefined) throw new Problem('not_found')
  return matter
}

interface StepDraft {
  readonly row: CaseRow
  readonly id: string
  readonly step: string
  readonly act: Omit<EntryDraft['act'], 'meaning'>
  readonly data: NonNullable<EntryDraft['data']>
}

function draftOf(tx: Tx, caller: Caller, { row, id, step, act, data }: StepDraft): EntryDraft {
  return {
    trail: row.trail,
    id: `${row.id}:appeal-${step}:${id}`,
    type: typeOf('appeal', step),
    actor: actorOf(caller, tx, 'officer'),
    act: { meaning: 'appeal', ...act },
    data: { appeal: id, ...data },
  }
}

/** A later decision in the case or a credential of it taken back, as its trail tells; or a later case of the same human being. */
async function demandFollowed(
  tx: Tx,
  followed: readonly string[],
  { row, entries, matter }: Held & { readonly matter: Matter },
): Promise<void> {
  const decided = stepOf(matter, 'decided')
  if (decided === undefined) throw new TypeError('closed before it was decided')
  const cases = followed.filter((id) => id.startsWith('case_')) as CaseId[]
  const later = (await caseRows(tx, cases)).filter(({ openedAt }) => openedAt > decided.at)
  const humans = (await humansOf(tx, [row.person])).get(row.person) ?? [row.person]
  const own = new Set<string>(later.filter(({ person }) => humans.includes(person)).map(({ id }) => id))
  const unfit = followed.filter((id) => !own.has(id) && !followedIn(entries, decided, id))
  const isOwed = isGranted(decided.act.outcome as AppealOutcome) && followed.length === 0
  if (unfit.length > 0 || isOwed) throw new Problem('follow_up_demanded', { members: { unfit } })
}
