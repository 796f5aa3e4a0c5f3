/** Every event ever accepted, once. Without the inbox a redelivered event would become a second case (design 1). */
import { and, asc, eq, sql } from 'drizzle-orm'
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

/** `joined`: evidence of a case; `waiting`: evidence whose case has not come; `unresolved`: nobody knows the learner. */
export type InboxState = 'joined' | 'waiting' | 'unresolved'

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

/**
 * Enters events and says for each what it is: new, the same again (counted), or other content under a known id. Content is
 * compared by JCS, so spelling does not matter. Rows go in by key order: two batches with the same events wait, not deadlock.
 */
export async function enterEvents(tx: Tx, events: readonly KeyedEvent[]): Promise<Map<KeyedEvent, Arrival>> {
  const digests = new Map(events.map((event) => [event, digestOf(tx, event.item)]))
  const first = new Map(events.toReversed().map((event) => [event.name, event]))
  const ordered = [...first.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const cipher = institutionCipher(tx.keys, tx.institution)
  const inserted = await tx.orm
    .insert(inbox)
    .values(
      ordered.map(({ item, key, name }) => ({
        eventKey: key,
        institution: tx.institution,
        source: item.source,
        kind: item.kind,
        content: digests.get(first.get(name) as KeyedEvent) as Uint8Array,
        payload: cipher.seal(purposeOf(name), pack(item)),
        subjectRef: item.message.subject,
        kid: item.kid ?? null,
        state: 'unresolved',
        unresolved: referenceDigest(tx.keys, tx.institution, item.learner),
        receivedAt: sql`clock_timestamp()`,
      })),
    )
    .onConflictDoNothing()
    .returning({ key: inbox.eventKey })
  const fresh = new Set(inserted.map((row) => nameOf(row.key)))
  const stored = await storedDigests(tx, ordered)
  const arrivals = new Map<KeyedEvent, Arrival>()
  for (const event of events) {
    const same = stored.get(event.name) === nameOf(digests.get(event) as Uint8Array)
    const isFirst = fresh.has(event.name) && first.get(event.name) === event
    arrivals.set(event, isFirst ? 'new' : same ? 'repeated' : 'other-content')
  }
  await countRepeats(
    tx,
    events.filter((event) => arrivals.get(event) === 'repeated'),
  )
  return arrivals
}

/** Known learner: the event's bytes are now his or hers, sealed under the own key. */
export async function settleEvents(
  tx: Tx,
  settled: readonly { event: KeyedEvent; person: PersonId; state: InboxState }[],
): Promise<void> {
  if (settled.length === 0) return
  const cipher = await subjectCipher(
    tx,
    settled.map((one) => one.person),
  )
  const sealed = settled.map(({ event, person }) =>
    nameOf(cipher.seal(person, purposeOf(event.name), event.item.message.payload)),
  )
  await tx.execute(sql`
    update inbox i set state = u.state, unresolved = null, payload = decode(u.payload, 'hex')
    from unnest(${list(settled.map((one) => one.event.name))}::text[], ${list(settled.map((one) => one.state))}::text[],
      ${list(sealed)}::text[]) as u(key, state, payload)
    where i.event_key = decode(u.key, 'hex') and i.institution = ${tx.institution}`)
}

/** The case has come that these events waited for. */
export async function joinWaiting(tx: Tx, keys: readonly Uint8Array[]): Promise<void> {
  if (keys.length === 0) return
  await tx.execute(sql`
    update inbox i set state = 'joined' from unnest(${list(keys.map(nameOf))}::text[]) as u(key)
    where i.event_key = decode(u.key, 'hex') and i.institution = ${tx.institution} and i.state = 'waiting'`)
}

/** Up to `limit` events whose learner was unknown and is known now, locked in key order. */
export async function nowResolved(tx: Tx, limit: number): Promise<KeyedEvent[]> {
  const rows = await tx.orm
    .select({ key: inbox.eventKey, payload: inbox.payload })
    .from(inbox)
    .where(
      sql`${eq(inbox.institution, tx.institution)} and ${inbox.unresolved} is not null and exists (
        select from person_reference r where r.institution = ${inbox.institution} and r.reference = ${inbox.unresolved})`,
    )
    .orderBy(asc(inbox.eventKey))
    .limit(limit)
    .for('update')
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
  const [fact] = await closedEvidence(tx, { keys: [key] })
  if (fact === undefined) return undefined
  return (await subjectCipher(tx, [fact.person])).open(fact.person, purpose, row.payload)
}

async function storedDigests(tx: Tx, events: readonly KeyedEvent[]): Promise<Map<string, string>> {
  const rows = await tx.execute<{ key: Uint8Array; content: Uint8Array }>(sql`
    select i.event_key as key, i.content from inbox i
    join unnest(${list(events.map(({ name }) => name))}::text[]) as u(key) on i.event_key = decode(u.key, 'hex')
    where i.institution = ${tx.institution}`)
  return new Map(rows.map((row) => [nameOf(row.key), nameOf(row.content)]))
}

async function countRepeats(tx: Tx, events: readonly KeyedEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.execute(sql`
    update inbox i set repeats = i.repeats + u.times
    from (select key, count(*)::int as times from unnest(${list(events.map(({ name }) => name))}::text[]) as k(key) group by key) as u
    where i.event_key = decode(u.key, 'hex') and i.institution = ${tx.institution}`)
}

function digestOf(tx: Tx, { message }: AcceptedEvent): Uint8Array {
  const content: unknown = JSON.parse(Buffer.from(message.payload).toString())
  return contentDigest(tx.keys, tx.institution, canonicalBytes(content, { numbers: 'finite', nulls: 'allowed' }))
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
