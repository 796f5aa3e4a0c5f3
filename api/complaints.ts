/** Recording complaints and what is done about them, each step an entry of the institution's trail, in one transaction under its lock. */
import { saysSame, textOf } from '#db/acts.ts'
import { actorRef, appendEntries, type EntryDraft, holdTrails } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { type Complaint, complaintIn } from '#db/complaints.ts'
import { readInstitution } from '#db/institution.ts'
import { type Matter, typeOf } from '#db/matters.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
import { readItemsById } from '#db/register-read.ts'
import { type ComplaintOutcome, isGranted, notAbout } from '#domain/handling.ts'
import type { CaseId, PersonId } from '#domain/words.ts'
import { actorOf } from './caller.ts'
import { demandHandler } from './handlers.ts'
import type { Caller } from './identity.ts'
import { demandDay, isNext, knownMatters } from './matters.ts'
import { Problem } from './problem.ts'
import { entriesIn } from './stored-log.ts'

export interface Receiving {
  readonly id: string
  readonly caseId?: CaseId
  readonly persons: readonly PersonId[]
  readonly category: string
  readonly received: string
  readonly reference: string
}

/** @throws Problem `not_found` for a case or a person that is not here, `idempotency_key_reused`, `invalid_request` */
export async function receive(tx: Tx, caller: Caller, { id, caseId, persons, ...told }: Receiving): Promise<Complaint> {
  const trail = await heldTrail(tx)
  const data = {
    ...told,
    ...(caseId === undefined ? {} : { case: caseId }),
    persons: persons.map((person) => actorRef(tx.keys, tx.institution, person)),
  }
  const draft = draftOf(tx, caller, { trail, id, step: 'received', act: { outcome: 'success' }, data })
  const before = await find(tx, id)
  if (before !== undefined) {
    if (saysSame(before.first, draft)) return complaintOf(tx, id)
    throw new Problem('idempotency_key_reused')
  }
  const known = await readItemsById(tx, 'person', persons)
  const isHere = caseId === undefined || (await caseRows(tx, [caseId])).length > 0
  if (!isHere || persons.some((person) => !known.has(person))) throw new Problem('not_found')
  await demandDay(tx, told.received)
  await appendEntries(tx, [draft])
  return complaintOf(tx, id)
}

/** What a step after the first says. */
export type ComplaintStep =
  | { readonly step: 'acknowledged'; readonly reference: string }
  /** `key`: of the request; a complaint has as many of these as it takes. */
  | { readonly step: 'progressed'; readonly key: string; readonly done: string; readonly reference: string }
  | {
      readonly step: 'closed'
      readonly outcome: ComplaintOutcome
      readonly measures: readonly string[]
      readonly reference: string
    }

/** By somebody it is not about, once it is more than saying that it came. @throws Problem `not_found`, `wrong_state`, `handler_refused`, `measures_demanded` */
export async function goOn(tx: Tx, caller: Caller, id: string, said: ComplaintStep): Promise<Complaint> {
  const trail = await heldTrail(tx)
  const matter = await existing(tx, id)
  const draft = draftOf(tx, caller, { trail, id, ...stepDraft(said) })
  if (isNext('complaint', matter, draft)) {
    if (said.step !== 'acknowledged') await demandApart(tx, caller, matter)
    if (said.step === 'closed' && isGranted(said.outcome) && said.measures.length === 0)
      throw new Problem('measures_demanded')
    await appendEntries(tx, [draft])
  }
  return complaintOf(tx, id)
}

function stepDraft(said: ComplaintStep): Pick<StepDraft, 'step' | 'act' | 'data' | 'suffix'> {
  const { step, reference } = said
  const act = { outcome: 'success' }
  switch (step) {
    case 'acknowledged':
      return { step, act, data: { reference } }
    case 'progressed':
      return { step, suffix: said.key, act, data: { step: said.done, reference } }
    case 'closed':
      return { step, act: { outcome: said.outcome }, data: { measures: said.measures, reference } }
  }
}

/** @throws Problem `not_found` */
export async function complaintOf(tx: Tx, id: string): Promise<Complaint> {
  return complaintIn(await existing(tx, id), await staffByPseudonym(tx))
}

async function existing(tx: Tx, id: string): Promise<Matter> {
  const found = await find(tx, id)
  if (found === undefined) throw new Problem('not_found')
  return found
}

async function find(tx: Tx, id: string): Promise<Matter | undefined> {
  return (await knownMatters(tx, 'complaint')).find((one) => one.id === id)
}

/** Until the transaction ends nobody else acts on complaints. */
async function heldTrail(tx: Tx): Promise<string> {
  const { trail } = await readInstitution(tx)
  await holdTrails(tx, [trail])
  return trail
}

/** @throws Problem `handler_refused` for whom it is about, and for whoever took part in the case it is about */
async function demandApart(tx: Tx, caller: Caller, { id, first }: Matter): Promise<void> {
  const about = new Set(first.data?.['persons'] as readonly string[])
  const finding = notAbout(caller.humans.some((one) => about.has(actorRef(tx.keys, tx.institution, one))))
  if (finding.outcome !== 'passed') {
    const { rule, because } = finding
    throw new Problem('handler_refused', { members: { findings: [{ rule, because }] } })
  }
  if (first.data?.['case'] === undefined) return
  const [row] = await caseRows(tx, [textOf(first, 'case') as CaseId])
  if (row === undefined) throw new Problem('not_found')
  await demandHandler(tx, caller, { caseId: row.id, entries: await entriesIn(tx, row.trail), matter: id })
}

interface StepDraft {
  readonly trail: string
  readonly id: string
  readonly step: string
  /** Tells steps of one kind apart. */
  readonly suffix?: string
  readonly act: Omit<EntryDraft['act'], 'meaning'>
  readonly data: NonNullable<EntryDraft['data']>
}

function draftOf(tx: Tx, caller: Caller, { trail, id, step, suffix, act, data }: StepDraft): EntryDraft {
  return {
    trail,
    id: [id, step, ...(suffix === undefined ? [] : [suffix])].join(':'),
    type: typeOf('complaint', step),
    actor: actorOf(caller, tx, 'officer'),
    act: { meaning: 'complaint', ...act },
    data: { complaint: id, ...data },
  }
}
