/** Facts as rows: who and where they belong to in clear, what they say encrypted for the learner. Without them gates would judge messages. */
import { and, asc, eq, isNull, not, sql } from 'drizzle-orm'
import type { Json } from '#audit/canonical.ts'
import { hex } from '#audit/digest.ts'
import { among, amongBytes, list, type Tx } from '#db/client.ts'
import { type SubjectCipher, subjectCipher } from '#db/crypto.ts'
import { evidence } from '#db/schema/cases.ts'
import type { EvidenceKind, Source } from '#domain/evidence.ts'
import type { EvidenceId, Instant, PersonId } from '#domain/words.ts'

/** What a fact belongs to, beside its learner. */
export interface Place {
  readonly offering: string
  readonly attempt: number
  readonly occasion?: string
}

/** The encrypted part. */
export interface EvidenceBody {
  /** The event as it was accepted; person references in it are resolved when it is read. */
  readonly event: Json
  /** What intake computed from it and must not change later: credited levels of assurance. */
  readonly computed: { readonly [name: string]: Json }
  /** base64url SHA-256 of the bytes that came. */
  readonly digest: string
  /** The fact this one takes back. */
  readonly withdraws?: EvidenceId
}

/** What of a fact stands in clear. */
export interface ClosedEvidence extends Place {
  readonly id: EvidenceId
  readonly person: PersonId
  readonly kind: EvidenceKind
  readonly eventKey: Uint8Array
  readonly source: Source
  readonly occurredAt: Instant
  readonly withdrawnBy?: EvidenceId
}

export interface EvidenceRow extends ClosedEvidence {
  readonly body: EvidenceBody
}

/** True when a fact at one place is evidence for a case at the other: same offering and attempt, and no two different occasions (contracts §3). */
export function samePlace(fact: Place, other: Place): boolean {
  if (fact.offering !== other.offering || fact.attempt !== other.attempt) return false
  return fact.occasion === undefined || other.occasion === undefined || fact.occasion === other.occasion
}

/** Stores facts that are not there yet. Event keys are unique, so a retry stores nothing. */
export async function insertEvidence(tx: Tx, rows: readonly EvidenceRow[], cipher: SubjectCipher): Promise<void> {
  if (rows.length === 0) return
  // In one order everywhere, so that two batches with the same events wait, not deadlock.
  const ordered = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const column = (pick: (row: EvidenceRow) => string | number | null) => list(ordered.map(pick))
  const sealed = ({ id, person, body }: EvidenceRow) =>
    hex(cipher.seal(person, purposeOf(id), Buffer.from(JSON.stringify(body))))
  await tx.execute(sql`
    insert into evidence (id, institution, person, offering, attempt, occasion, kind, event_key, source, occurred_at, body, withdrawn_by,
      received_at)
    select u.id, ${tx.institution}, u.person, u.offering, u.attempt, u.occasion, u.kind, decode(u.key, 'hex'), u.source::jsonb,
      u.occurred_at::timestamptz, decode(u.body, 'hex'), u.withdrawn_by, clock_timestamp()
    from unnest(${column((row) => row.id)}::text[], ${column((row) => row.person)}::text[], ${column((row) => row.offering)}::text[],
      ${column((row) => row.attempt)}::int[], ${column((row) => row.occasion ?? null)}::text[], ${column((row) => row.kind)}::text[],
      ${column((row) => hex(row.eventKey))}::text[], ${column((row) => JSON.stringify(row.source))}::text[],
      ${column((row) => row.occurredAt)}::text[], ${column(sealed)}::text[], ${column((row) => row.withdrawnBy ?? null)}::text[])
      with ordinality as u(id, person, offering, attempt, occasion, kind, key, source, occurred_at, body, withdrawn_by, place)
    order by u.place
    on conflict do nothing`)
}

export interface EvidenceQuery {
  readonly persons: readonly PersonId[]
  readonly kind?: EvidenceKind
  /** Facts the caller has at hand. */
  readonly except?: readonly EvidenceId[]
  /** Facts taken back are left out unless asked for. */
  readonly withdrawn?: true
  /** Decides by what stands in clear, before anything is decrypted. */
  readonly keep?: (fact: ClosedEvidence) => boolean
}

/** Facts about these persons in id order: three statements however many they are. */
export async function evidenceAbout(tx: Tx, query: EvidenceQuery): Promise<EvidenceRow[]> {
  if (query.persons.length === 0) return []
  const rows = await tx.orm
    .select()
    .from(evidence)
    .where(
      and(
        eq(evidence.institution, tx.institution),
        among(evidence.person, [...query.persons]),
        query.kind === undefined ? undefined : eq(evidence.kind, query.kind),
        query.except === undefined ? undefined : not(among(evidence.id, query.except)),
        query.withdrawn ? undefined : isNull(evidence.withdrawnBy),
      ),
    )
    .orderBy(asc(evidence.id))
  return openRows(
    tx,
    rows.filter((row) => query.keep?.(closedFact(row)) ?? true),
  )
}

/** Facts by id, whether taken back or not, in id order. */
export async function evidenceById(tx: Tx, ids: readonly EvidenceId[]): Promise<EvidenceRow[]> {
  if (ids.length === 0) return []
  return openRows(
    tx,
    await tx.orm
      .select()
      .from(evidence)
      .where(and(eq(evidence.institution, tx.institution), among(evidence.id, [...ids])))
      .orderBy(asc(evidence.id)),
  )
}

/** What stands in clear of facts, by id or event key; nothing is decrypted. */
export async function closedEvidence(
  tx: Tx,
  { ids = [], keys = [] }: { readonly ids?: readonly EvidenceId[]; readonly keys?: readonly Uint8Array[] },
): Promise<ClosedEvidence[]> {
  if (ids.length + keys.length === 0) return []
  const rows = await tx.orm
    .select()
    .from(evidence)
    .where(
      and(
        eq(evidence.institution, tx.institution),
        ids.length > 0 ? among(evidence.id, [...ids]) : amongBytes(evidence.eventKey, keys.map(hex)),
      ),
    )
    .orderBy(asc(evidence.id))
  return rows.map(closedFact)
}

/** Marks facts as taken back, each by the fact that says so. What was taken back before stays as it was. */
export async function markWithdrawn(
  tx: Tx,
  marks: readonly { readonly id: EvidenceId; readonly by: EvidenceId }[],
): Promise<EvidenceId[]> {
  const marked: EvidenceId[] = []
  for (const { id, by } of marks) {
    const rows = await tx.orm
      .update(evidence)
      .set({ withdrawnBy: by })
      .where(and(eq(evidence.institution, tx.institution), eq(evidence.id, id), isNull(evidence.withdrawnBy)))
      .returning({ id: evidence.id })
    if (rows.length > 0) marked.push(id)
  }
  return marked
}

async function openRows(tx: Tx, rows: readonly (typeof evidence.$inferSelect)[]): Promise<EvidenceRow[]> {
  const cipher = await subjectCipher(
    tx,
    rows.map((row) => row.person as PersonId),
  )
  return rows.map((row) => {
    const body = cipher.open(row.person as PersonId, purposeOf(row.id), row.body)
    return { ...closedFact(row), body: JSON.parse(Buffer.from(body).toString()) as EvidenceBody }
  })
}

/** A row without its encrypted part. */
export function closedFact(row: typeof evidence.$inferSelect): ClosedEvidence {
  return {
    id: row.id as EvidenceId,
    person: row.person as PersonId,
    kind: row.kind as EvidenceKind,
    offering: row.offering,
    attempt: row.attempt,
    ...(row.occasion === null ? {} : { occasion: row.occasion }),
    eventKey: row.eventKey,
    source: row.source as Source,
    occurredAt: row.occurredAt,
    ...(row.withdrawnBy === null ? {} : { withdrawnBy: row.withdrawnBy as EvidenceId }),
  }
}

function purposeOf(id: string): string {
  return `evidence/${id}`
}
