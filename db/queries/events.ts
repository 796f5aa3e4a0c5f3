/** Events as they were taken in, and what became of each. Without the list a sender's "I sent it" could only be believed. */
import { and, eq, gte, lt, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { type ClosedEvidence, closedEvidence } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import { caseId } from '#db/ids.ts'
import { type InboxState, nameOf } from '#db/inbox.ts'
import { casesOf, concerned } from '#db/joining.ts'
import type { Period } from '#db/queries/case-list.ts'
import { inbox } from '#db/schema/cases.ts'
import type { EvidenceKind } from '#domain/evidence.ts'
import type { CaseId, Instant } from '#domain/words.ts'

export interface TakenEvent {
  /** Event key in hexadecimal (contracts §2). */
  readonly key: string
  readonly source: string
  readonly kind: EvidenceKind
  readonly state: InboxState
  /** Key it was signed with, if it was. */
  readonly kid?: string
  readonly repeats: number
  readonly receivedAt: Instant
  /** The same to the microsecond, as Postgres prints it: where the next slice begins. */
  readonly at: string
}

export interface EventFilter {
  readonly source?: string
  readonly state?: InboxState
  readonly kind?: EvidenceKind
  readonly received?: Period
}

export interface EventSlice {
  readonly limit: number
  readonly from?: { readonly at: string; readonly key: string; readonly backwards?: boolean }
}

const columns = {
  key: inbox.eventKey,
  source: inbox.source,
  kind: inbox.kind,
  state: inbox.state,
  kid: inbox.kid,
  repeats: inbox.repeats,
  receivedAt: inbox.receivedAt,
  at: sql<string>`${inbox.receivedAt}::text`,
}

/** A slice of the institution's events, newest first; in reverse when reading backwards. */
export async function takenEvents(tx: Tx, filter: EventFilter, { from, limit }: EventSlice): Promise<TakenEvent[]> {
  const { source, state, kind, received = {} } = filter
  const isRising = from?.backwards === true
  const direction = isRising ? sql`asc` : sql`desc`
  const rows = await tx.orm
    .select(columns)
    .from(inbox)
    .where(
      and(
        eq(inbox.institution, tx.institution),
        source === undefined ? undefined : eq(inbox.source, source),
        state === undefined ? undefined : eq(inbox.state, state),
        kind === undefined ? undefined : eq(inbox.kind, kind),
        received.from === undefined ? undefined : gte(inbox.receivedAt, received.from),
        received.until === undefined ? undefined : lt(inbox.receivedAt, received.until),
        from === undefined
          ? undefined
          : sql`(${inbox.receivedAt}, ${inbox.eventKey}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, decode(${from.key}, 'hex'))`,
      ),
    )
    .orderBy(sql`${inbox.receivedAt} ${direction}`, sql`${inbox.eventKey} ${direction}`)
    .limit(limit)
  return rows.map(parse)
}

/** What became of an event whose learner is known. */
export interface Fate {
  readonly fact: ClosedEvidence
  /** The case it opened, if it did. */
  readonly opened?: CaseId
  /** Every case it concerns; none while it waits for one. */
  readonly cases: readonly CaseId[]
}

/** One event by its key in hexadecimal; `fate` is absent while nobody is known by the learner's reference. */
export async function takenEvent(
  tx: Tx,
  name: string,
): Promise<{ readonly event: TakenEvent; readonly fate?: Fate } | undefined> {
  const key = Buffer.from(name, 'hex')
  const [row] = await tx.orm
    .select(columns)
    .from(inbox)
    .where(and(eq(inbox.institution, tx.institution), eq(inbox.eventKey, key)))
  if (row === undefined) return undefined
  const [fact] = await closedEvidence(tx, { keys: [key] })
  if (fact === undefined) return { event: parse(row) }
  const humans = await humansOf(tx, [fact.person])
  const rows = await casesOf(tx, humans.get(fact.person) ?? [fact.person])
  const cases = concerned(fact, rows, humans).map(({ id }) => id)
  const own = rows.find(({ id }) => id === caseId(key))?.id
  return { event: parse(row), fate: { fact, cases, ...(own === undefined ? {} : { opened: own }) } }
}

type Row = { readonly [Name in keyof typeof columns]: unknown } & {
  readonly key: Uint8Array
  readonly kind: string
  readonly state: string
  readonly kid: string | null
  readonly source: string
  readonly repeats: number
  readonly receivedAt: Instant
  readonly at: string
}

function parse({ key, kind, state, kid, ...row }: Row): TakenEvent {
  const signed = kid === null ? {} : { kid }
  return { ...row, ...signed, key: nameOf(key), kind: kind as EvidenceKind, state: state as InboxState }
}
