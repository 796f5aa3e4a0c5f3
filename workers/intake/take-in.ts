/** Steps I1 to I4 for a batch: every message ends as evidence, as a dead letter, or as "not now". Never as nothing (design 10). */

import { inStep } from '#config/failpoints.ts'
import type { RegisteredEmitter } from '#config/register/load.ts'
import type { InboundMessage } from '#connectors/platform/nats-batches.ts'
import { type Db, inInstitution, type Keys, listInstitutions, sqlState } from '#db/client.ts'
import { type DeadLetterDraft, type Problem, storeDeadLetters, storeHomelessDeadLetters } from '#db/dead-letters.ts'
import { readEmitters } from '#db/emitters.ts'
import type { AcceptedEvent } from '#db/inbox.ts'
import { findInstitution, loaPolicyOf } from '#db/institution.ts'
import { type RecordedEvent, recordEvents } from '#db/intake.ts'
import { latestPublished } from '#db/register-read.ts'
import type { WakeUp } from '#db/wake-ups.ts'
import type { LoaPolicy } from '#domain/policy/loa.ts'
import type { Achievement } from '#domain/register.ts'
import type { InstitutionId } from '#domain/words.ts'
import type { IncomingEvent } from '#events/catalogue.ts'
import { parseEvent } from '#events/parse.ts'
import { accept, occurredAt } from './accept.ts'
import { checkAuthority } from './authority.ts'
import { beginIntake, type EventTrace, traceOf } from './event-trace.ts'
import { groupBy } from './group-by.ts'
import { checkClaims, checkSignature, mustBeSigned, originOf } from './origin.ts'
import { openPersonal } from './personal.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What became of one message. */
export type Taken =
  | RecordedEvent
  /** A dead letter was stored under this id. */
  | {
      readonly kind: 'refused'
      readonly code: string
      readonly deadLetter: string
      readonly problems: readonly Problem[]
    }
  /** Nothing was done; something we need is away. */
  | { readonly kind: 'not-now'; readonly error: unknown }

/** What names an event in a log. */
export interface Named {
  readonly eventId?: string
  readonly traceId?: string
}

export interface TakenIn {
  /** One per message, in order. */
  readonly taken: readonly Taken[]
  /** The same. */
  readonly named: readonly Named[]
  readonly wakeUps: readonly (WakeUp & { readonly institution: InstitutionId })[]
}

type Message = Pick<InboundMessage, 'subject' | 'payload' | 'headers'>

interface Parsed {
  readonly message: Message
  readonly institution: InstitutionId
  readonly event: IncomingEvent
}

type Fate =
  | { readonly kind: 'parsed'; readonly parsed: Parsed }
  | { readonly kind: 'refused'; readonly institution: InstitutionId | null; readonly refusal: Refusal }

/** One delivery; the same bytes may come twice in a batch. */
interface Item {
  readonly message: Message
  readonly fate: Fate
  readonly trace: EventTrace
}

export interface TakeInOptions {
  /** How many cases travel together at most. */
  readonly cohortSize?: number | undefined
  /** Ends when what came before has been recorded. Messages may be checked before that, and are not recorded before. */
  readonly after?: Promise<unknown>
}

/** Takes in messages of any institutions. One bad message, or one institution in trouble, leaves the others unharmed. */
export async function takeIn(
  db: Db,
  stream: string,
  messages: readonly Message[],
  options: TakeInOptions = {},
): Promise<TakenIn> {
  const institutions = new Set(await listInstitutions(db))
  const taken = new Map<Item, Taken>()
  const wakeUps: TakenIn['wakeUps'][number][] = []
  const items = messages.map((message) => itemOf(message, institutions))
  await Promise.all(
    [...groupBy(items, ({ fate }) => homeOf(fate))].map(async ([institution, here]) => {
      const done = await ofInstitution({ ...options, db, stream, institution }, here)
      for (const [item, one] of done.taken) taken.set(item, one)
      wakeUps.push(...done.wakeUps)
    }),
  )
  const all = items.map((item) => taken.get(item) ?? notNow(new Error('a message was passed over')))
  for (const [index, { trace }] of items.entries()) endSpan(trace, all[index])
  return { taken: all, named: items.map(nameOf), wakeUps }
}

function itemOf(message: Message, institutions: ReadonlySet<InstitutionId>): Item {
  const fate = readOne(message, institutions)
  return { message, fate, trace: beginIntake(message, fate.kind === 'parsed' ? fate.parsed.event : undefined) }
}

function nameOf({ fate, trace: { context } }: Item): Named {
  return {
    ...(fate.kind === 'parsed' ? { eventId: fate.parsed.event.id } : {}),
    ...(context === undefined ? {} : { traceId: context.traceId }),
  }
}

function endSpan({ span }: EventTrace, taken: Taken | undefined): void {
  span.tell({ outcome: taken?.kind })
  if (taken?.kind === 'case') span.tell({ case_id: taken.caseId })
  if (taken?.kind === 'refused') span.tell({ code: taken.code, dead_letter: taken.deadLetter })
  if (taken?.kind === 'not-now') span.failed(taken.error)
  span.end()
}

/** Steps I1 and I2, as far as they need no database. */
function readOne(message: Message, institutions: ReadonlySet<InstitutionId>): Fate {
  const origin = originOf(message.subject, institutions)
  if (origin.kind === 'refused') return { kind: 'refused', institution: null, refusal: origin }
  const { institution } = origin
  const parsed = parseEvent(message.payload)
  if (parsed.kind === 'invalid') {
    const refusal: Refusal = { kind: 'refused', code: 'invalid-event', problems: parsed.problems }
    return { kind: 'refused', institution, refusal }
  }
  const refusal = checkClaims(parsed.event, origin)
  if (refusal !== undefined) return { kind: 'refused', institution, refusal }
  return { kind: 'parsed', parsed: { message, institution, event: parsed.event } }
}

function homeOf(fate: Fate): InstitutionId | null {
  return fate.kind === 'parsed' ? fate.parsed.institution : fate.institution
}

interface Place extends TakeInOptions {
  readonly db: Db
  readonly stream: string
  readonly institution: InstitutionId | null
}

interface Done {
  readonly taken: ReadonlyMap<Item, Taken>
  readonly wakeUps: TakenIn['wakeUps']
}

async function ofInstitution(place: Place, here: readonly Item[]): Promise<Done> {
  try {
    const checked = await inStep('check', () => check(place, here))
    const accepted = new Map<Item, AcceptedEvent>()
    const refused = new Map<Item, Refusal>()
    for (const [item, outcome] of checked) {
      if (outcome.kind === 'refused') refused.set(item, outcome)
      else accepted.set(item, outcome.event)
    }
    await place.after
    const recorded = await inStep('record', () => record(place, accepted))
    for (const [item, refusal] of recorded.refused) refused.set(item, refusal)
    const buried = await inStep('bury', () => bury(place, refused))
    return { taken: new Map([...recorded.taken, ...buried]), wakeUps: recorded.wakeUps }
  } catch (error) {
    return { taken: new Map(here.map((item) => [item, notNow(error)])), wakeUps: [] }
  }
}

type Outcome = { readonly kind: 'accepted'; readonly event: AcceptedEvent } | Refusal

/** Rest of I2, and I3: what the register says about emitter and achievement, read once for all. */
async function check({ db, stream, institution }: Place, here: readonly Item[]): Promise<Map<Item, Outcome>> {
  const parsed = here.flatMap(({ fate }) => (fate.kind === 'parsed' ? [fate.parsed] : []))
  const { emitters, achievements, loaPolicy } = await registered({ db, institution }, parsed)
  const outcomeOf = async ({ message, fate, trace }: Item): Promise<Outcome> => {
    if (fate.kind === 'refused') return fate.refusal
    const { event, institution: home } = fate.parsed
    const known = {
      emitter: emitters.get(event.source),
      achievement: achievements.get(event.data.achievement),
      loaPolicy,
      keys: db.keys,
      institution: home,
    }
    return checkOne({ message, stream, event, ...traceOf(trace) }, known)
  }
  // Signatures are checked beside each other: other threads do that while this one reads the next.
  return new Map(await Promise.all(here.map(async (item) => [item, await outcomeOf(item)] as const)))
}

async function registered({ db, institution }: Pick<Place, 'db' | 'institution'>, parsed: readonly Parsed[]) {
  if (institution === null || parsed.length === 0)
    return {
      emitters: new Map<string, RegisteredEmitter>(),
      achievements: new Map<string, Achievement>(),
      loaPolicy: {},
    }
  return inInstitution(db, institution, async (tx) => ({
    emitters: await readEmitters(tx, [...new Set(parsed.map(({ event }) => event.source))]),
    achievements: await latestPublished(tx, [...new Set(parsed.map(({ event }) => event.data.achievement))]),
    loaPolicy: loaPolicyOf(await findInstitution(tx)),
  }))
}

interface Known {
  readonly emitter: RegisteredEmitter | undefined
  readonly achievement: Achievement | undefined
  readonly loaPolicy: LoaPolicy
  readonly keys: Keys
  readonly institution: InstitutionId
}

async function checkOne(
  said: { message: Message; stream: string; event: IncomingEvent; traceparent?: string },
  { emitter, achievement, loaPolicy, ...home }: Known,
): Promise<Outcome> {
  const { message, stream, event } = said
  if (emitter === undefined) return refuse('unknown-emitter')
  const signature = await checkSignature(message, emitter, event.time ?? occurredAt(event))
  if (signature.kind === 'refused') return signature
  const refusal = checkAuthority(event, emitter, achievement)
  if (refusal !== undefined) return refusal
  if (achievement === undefined) return refuse('unknown-achievement')
  if (signature.kind === 'unsigned' && mustBeSigned({ stream, emitter, band: achievement.band }))
    return refuse('signature-missing')
  const personal = await openPersonal(home, event)
  if (personal.kind === 'refused') return personal
  return { kind: 'accepted', event: accept({ ...said, emitter, achievement, signature, loaPolicy, personal }) }
}

interface Written extends Done {
  readonly refused: ReadonlyMap<Item, Refusal>
}

/** Step I4. If the batch as a whole is refused, each event is tried alone, so that one cannot hold up the rest. */
async function record(place: Place, accepted: ReadonlyMap<Item, AcceptedEvent>): Promise<Written> {
  const { db, institution, cohortSize } = place
  if (institution === null || accepted.size === 0) return { taken: new Map(), wakeUps: [], refused: new Map() }
  const items = [...accepted.keys()]
  try {
    const { events, wakeUps } = await recordEvents(db, institution, [...accepted.values()], cohortSize)
    const taken = new Map(items.map((item, index) => [item, events[index] ?? notNow(undefined)]))
    return { taken, wakeUps: wakeUps.map((wakeUp) => ({ ...wakeUp, institution })), refused: new Map() }
  } catch (error) {
    if (accepted.size > 1) return recordOneByOne(place, accepted)
    const [item] = items
    if (item === undefined || !isOfTheEvent(error)) throw error
    return { taken: new Map(), wakeUps: [], refused: new Map([[item, refuse('not-storable')]]) }
  }
}

async function recordOneByOne(place: Place, accepted: ReadonlyMap<Item, AcceptedEvent>): Promise<Written> {
  const taken = new Map<Item, Taken>()
  const refused = new Map<Item, Refusal>()
  const wakeUps: Done['wakeUps'][number][] = []
  for (const [item, event] of accepted) {
    try {
      const one = await record(place, new Map([[item, event]]))
      for (const [key, value] of one.taken) taken.set(key, value)
      for (const [key, value] of one.refused) refused.set(key, value)
      wakeUps.push(...one.wakeUps)
    } catch (error) {
      taken.set(item, notNow(error))
    }
  }
  return { taken, wakeUps, refused }
}

/** Data exceptions (class 22) and violated checks stay with the event however often it is tried; an outage does not. */
function isOfTheEvent(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return state.startsWith('22') || state === '23514'
  return error instanceof Error && error.name === 'AuditError'
}

async function bury(place: Place, refused: ReadonlyMap<Item, Refusal>): Promise<Map<Item, Taken>> {
  if (refused.size === 0) return new Map()
  const { db, stream, institution } = place
  const drafts = [...refused].map(([{ message }, { code, problems }]): DeadLetterDraft => {
    const { subject, payload, headers } = message
    return { stream, subject, payload, headers, code, problems }
  })
  const ids =
    institution === null
      ? await storeHomelessDeadLetters(db, drafts)
      : await inInstitution(db, institution, (tx) => storeDeadLetters(tx, drafts))
  return new Map(
    [...refused].map(([message, { code, problems }], index) => [
      message,
      { kind: 'refused', code, deadLetter: ids[index] ?? '', problems },
    ]),
  )
}

function notNow(error: unknown): Taken {
  return { kind: 'not-now', error }
}
