/** Every event ever accepted, once. Without the inbox a redelivered event would become a second case (design 1). */
import { and, eq, sql } from 'drizzle-orm'
import { canonicalBytes, type Json } from '#audit/canonical.ts'
import { list, type Tx } from '#db/client.ts'
import { contentDigest, institutionCipher, referenceDigest, subjectCipher } from '#db/crypto.ts'
import { closedEvidence } from '#db/evidence.ts'
import { eventKey } from '#db/ids.ts'
import { inbox } from '#db/schema/cases.ts'
import type { EvidenceKind, Source } from '#domain/evidence.ts'
import type { Band, Instant, PersonId } from '#domain/words.ts'
import type { PersonRef } from '#events/fields.ts'

/** An event that intake has parsed, and whose origin and authority it has checked. */
export interface AcceptedEvent {
  /** CloudEvents id, unique per source. */
  readonly id: string
  /** The emitter's id. */
  readonly source: string
  readonly sequence?: number
  readonly kind: EvidenceKind
  readonly learner: PersonRef
  /** Other references of the same person in the same assertion. */
  readonly alsoKnownAs: readonly PersonRef[]
  /** The emitter may introduce learners the register does not know. */
  readonly introducesLearners: boolean
  /** As published now; a case keeps this version. */
  readonly achievement: {
    readonly id: string
    readonly version: number
    readonly band: Band
    readonly test: boolean
  }
  readonly offering: string
  readonly attempt: number
  readonly occasion?: string
  readonly group?: string
  readonly occurredAt: Instant
  /** Id of the earlier event of the same source that was wrong. */
  readonly withdraws?: string
  /** Who reported it, for the gates. */
  readonly from: Source
  readonly kid?: string
  /** Where in a trace it was taken in (W3C Trace Context); a case that it opens goes on there. */
  readonly traceparent?: string
  /** The event as parsed. */
  readonly event: Json
  /** What was computed at intake and stays: credited levels of assurance. */
  readonly computed: { readonly [name: string]: Json }
  /** The message it came in. */
  readonly message: {
    readonly stream: string
    readonly subject: string
    readonly payload: Uint8Array
    readonly headers: Readonly<Record<string, string>>
  }
}

/**
 * `joined`: evidence of a case; `waiting`: evidence whose case has not come; `unresolved`: nobody knows the learner; `erased`: only the
 * event's key is left, by which it is known when it comes again.
 */
export type InboxState = 'joined' | 'waiting' | 'unresolved' | 'erased'

export type Arrival = 'new' | 'repeated' | 'other-content'

export interface KeyedEvent {
  readonly item: AcceptedEvent
  readonly key: Uint8Array
  /** The key as text, for maps. */
  readonly name: string
}

/** Names events by their key (contracts §2). */
export function keyed(tx: Tx, items: readonly AcceptedEvent[]): KeyedEvent[] {
  return items.map((item) => {
    const key = eventKey(tx.institution, item.source, item.id)
    return { item, key, name: nameOf(key) }
  })
}

/** Spelling of an event key in maps. */
export function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('hex')
}

/** An event whose learner is known, and whether a case has it. */
export interface SettledEvent {
  readonly event: KeyedEvent
  readonly person: PersonId
  readonly state: 'joined' | 'waiting'
}

/**
 * Says of each event what it is: new, the same again, or other content under a known id. Content is compared by JCS, so spelling
 * does not matter. Nothing is locked: that a new one is still new is found out by `enterEvents`.
 */
export async function meetEvents(tx: Tx, events: readonly KeyedEvent[]): Promise<Map<KeyedEvent, Arrival>> {
  const stored = await storedDigests(tx, events)
  const arrivals = new Map<KeyedEvent, Arrival>()
  for (const event of events) {
    const digest = nameOf(digestOf(tx, event))
    const known = stored.get(event.name)
    arrivals.set(
      event,
      known === undefined ? 'new' : known === digest || known === erased ? 'repeated' : 'other-content',
    )
    stored.set(event.name, known ?? digest)
  }
  return arrivals
}

/** Digest of a content that is erased: whatever comes under its key is taken for the same, or it would be kept once more. */
const erased = ''

/** Another transaction has committed an event that was new when this one began: all that followed from its being new is void. */
export class MetMeanwhile extends Error {
  readonly code = 'met-meanwhile'
}

/**
 * Writes the rows of new events, each once: the bytes of a known learner under his or her own key, of an unknown one under the
 * institution's. Rows go in by key order: two batches with the same events wait, not deadlock.
 *
 * @throws MetMeanwhile when one is there by now; the caller begins a new transaction
 */
export async function enterEvents(
  tx: Tx,
  settled: readonly SettledEvent[],
  unresolved: readonly KeyedEvent[],
): Promise<void> {
  const rows = [...(await settledRows(tx, settled)), ...unresolvedRows(tx, unresolved)].toSorted((a, b) =>
    a.event.name < b.event.name ? -1 : 1,
  )
  if (rows.length === 0) return
  const column = (pick: (row: NewRow) => string | null) => list(rows.map(pick))
  const inserted = await tx.execute(sql`
    insert into inbox (event_key, institution, source, kind, content, payload, subject_ref, kid, state, unresolved, received_at)
    select decode(u.key, 'hex'), ${tx.institution}, u.source, u.kind, decode(u.content, 'hex'), decode(u.payload, 'hex'), u.subject_ref,
      u.kid, u.state, decode(u.unresolved, 'hex'), clock_timestamp()
    from unnest(${column(({ event }) => event.name)}::text[], ${column(({ event }) => event.item.source)}::text[],
      ${column(({ event }) => event.item.kind)}::text[], ${column(({ event }) => nameOf(digestOf(tx, event)))}::text[],
      ${column(({ payload }) => nameOf(payload))}::text[], ${column(({ event }) => event.item.message.subject)}::text[],
      ${column(({ event }) => event.item.kid ?? null)}::text[], ${column(({ state }) => state)}::text[],
      ${column(({ unresolved: digest }) => digest)}::text[])
      with ordinality as u(key, source, kind, content, payload, subject_ref, kid, state, unresolved, place)
    order by u.place
    on conflict do nothing
    returning 1`)
  if (inserted.length !== rows.length)
    throw new MetMeanwhile(`${rows.length - inserted.length} events came twice at once`)
}

interface NewRow {
  readonly event: KeyedEvent
  readonly state: InboxState
  readonly payload: Uint8Array
  /** In hexadecimal. */
  readonly unresolved: string | null
}

async function settledRows(tx: Tx, settled: readonly SettledEvent[]): Promise<NewRow[]> {
  const sealed = await sealedFor(tx, settled)
  return settled.map(({ event, state }, index) => ({
    event,
    state,
    payload: sealed[index] ?? new Uint8Array(),
    unresolved: null,
  }))
}

function unresolvedRows(tx: Tx, events: readonly KeyedEvent[]): NewRow[] {
  const cipher = institutionCipher(tx.keys, tx.institution)
  return events.map((event) => ({
    event,
    state: 'unresolved',
    payload: cipher.seal(purposeOf(event.name), pack(event.item)),
    unresolved: nameOf(referenceDigest(tx.keys, tx.institution, event.item.learner)),
  }))
}

/** The learner of events that waited is known: their bytes are now his or hers, sealed under the own key. */
export async function settleEvents(tx: Tx, settled: readonly SettledEvent[]): Promise<void> {
  if (settled.length === 0) return
  const sealed = await sealedFor(tx, settled)
  await tx.execute(sql`
    update inbox i set state = u.state, unresolved = null, payload = decode(u.payload, 'hex')
    from unnest(${list(settled.map((one) => one.event.name))}::text[], ${list(settled.map((one) => one.state))}::text[],
      ${list(sealed.map(nameOf))}::text[]) as u(key, state, payload)
    where i.event_key = decode(u.key, 'hex') and i.institution = ${tx.institution}`)
}

/** The events' bytes, each under the key of its learner, in the order given. */
async function sealedFor(tx: Tx, settled: readonly SettledEvent[]): Promise<Uint8Array[]> {
  const cipher = await subjectCipher(
    tx,
    settled.map((one) => one.person),
  )
  return settled.map(({ event, person }) => cipher.seal(person, purposeOf(event.name), event.item.message.payload))
}

/** The case has come that these events waited for. */
export async function joinWaiting(tx: Tx, keys: readonly Uint8Array[]): Promise<void> {
  if (keys.length === 0) return
  await tx.execute(sql`
    update inbox i set state = 'joined' from unnest(${list(keys.map(nameOf))}::text[]) as u(key)
    where i.event_key = decode(u.key, 'hex') and i.institution = ${tx.institution} and i.state = 'waiting'`)
}

/** Events that came again are counted. */
export async function countRepeats(tx: Tx, events: readonly KeyedEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.execute(sql`
    update inbox i set repeats = i.repeats + u.times
    from (select key, count(*)::int as times from unnest(${list(events.map(({ name }) => name))}::text[]) as k(key) group by key) as u
    where i.event_key = decode(u.key, 'hex') and i.institution = ${tx.institution}`)
}

/** Up to `limit` events whose learner was unknown and is known now, locked in key order. */
export async function nowResolved(tx: Tx, limit: number): Promise<KeyedEvent[]> {
  // Those who wait are looked up first, few as they are: by itself the planner may begin with everybody the institution knows.
  const rows = await tx.execute<{ key: Uint8Array; payload: Uint8Array }>(sql`
    with waiting as materialized (
      select event_key, unresolved from inbox where institution = ${tx.institution} and unresolved is not null
    ), resolved as (
      select w.event_key from waiting w where exists (
        select from person_reference r where r.institution = ${tx.institution} and r.reference = w.unresolved)
      order by w.event_key limit ${limit}
    )
    select i.event_key as key, i.payload from inbox i
    where i.event_key in (select event_key from resolved) and i.institution = ${tx.institution} and i.unresolved is not null
    order by i.event_key for update of i`)
  const cipher = institutionCipher(tx.keys, tx.institution)
  return rows.map(({ key, payload }) => {
    const name = nameOf(key)
    return { key, name, item: unpack(cipher.open(purposeOf(name), payload)) }
  })
}

/** Remembers which sequence numbers a source has used, so that a gap shows. The first event under a number keeps it. */
export async function noteSequences(tx: Tx, events: readonly KeyedEvent[]): Promise<void> {
  const numbered = events.filter(({ item }) => item.sequence !== undefined)
  if (numbered.length === 0) return
  await tx.execute(sql`
    insert into emitter_sequence (institution, source, sequence, event_key)
    select ${tx.institution}, u.source, u.sequence, decode(u.key, 'hex')
    from unnest(${list(numbered.map(({ item }) => item.source))}::text[],
      ${list(numbered.map(({ item }) => item.sequence ?? 0))}::bigint[], ${list(numbered.map(({ name }) => name))}::text[])
      as u(source, sequence, key)
    order by u.source, u.sequence
    on conflict do nothing`)
}

/** The bytes of an event as they came, by its key in hexadecimal; for those who may read the institution's personal data. */
export async function openPayload(tx: Tx, name: string): Promise<Uint8Array | undefined> {
  const key = Buffer.from(name, 'hex')
  const [row] = await tx.orm
    .select({ payload: inbox.payload, unresolved: inbox.unresolved })
    .from(inbox)
    .where(and(eq(inbox.institution, tx.institution), eq(inbox.eventKey, key)))
  if (row === undefined) return undefined
  const purpose = purposeOf(name)
  if (row.unresolved !== null) {
    return unpack(institutionCipher(tx.keys, tx.institution).open(purpose, row.payload)).message.payload
  }
  if (row.payload.length === 0) return undefined
  const [fact] = await closedEvidence(tx, { keys: [key] })
  if (fact === undefined) return undefined
  return (await subjectCipher(tx, [fact.person])).open(fact.person, purpose, row.payload)
}

/** By key. Looked up one by one: a plan made while the inbox was small would read all of it. */
async function storedDigests(tx: Tx, events: readonly KeyedEvent[]): Promise<Map<string, string>> {
  const rows = await tx.execute<{ key: string; content: Uint8Array }>(sql`
    select u.key, i.content from unnest(${list(events.map(({ name }) => name))}::text[]) as u(key), lateral (
      select content from inbox where event_key = decode(u.key, 'hex') and institution = ${tx.institution} offset 0
    ) as i`)
  return new Map(rows.map((row) => [row.key, nameOf(row.content)]))
}

/** Asked for when an event is met and when it is entered. */
const digests = new WeakMap<KeyedEvent, Uint8Array>()

function digestOf(tx: Tx, event: KeyedEvent): Uint8Array {
  const known = digests.get(event)
  if (known !== undefined) return known
  const content: unknown = JSON.parse(Buffer.from(event.item.message.payload).toString())
  const bytes = canonicalBytes(content, { numbers: 'finite', nulls: 'allowed' })
  const digest = contentDigest(tx.keys, tx.institution, bytes)
  digests.set(event, digest)
  return digest
}

/** The whole accepted event, since nobody can say yet whose key it belongs under. */
function pack(item: AcceptedEvent): Uint8Array {
  const payload = Buffer.from(item.message.payload).toString('base64')
  return Buffer.from(JSON.stringify({ ...item, message: { ...item.message, payload } }))
}

function unpack(bytes: Uint8Array): AcceptedEvent {
  const packed = JSON.parse(Buffer.from(bytes).toString()) as AcceptedEvent & { message: { payload: string } }
  return { ...packed, message: { ...packed.message, payload: Buffer.from(packed.message.payload, 'base64') } }
}

function purposeOf(name: string): string {
  return `inbox/${name}`
}
