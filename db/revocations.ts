/** Revocations as rows: who proposed, who approved, what came of it. Without them "two officers" would be a promise in a workflow's memory. */
import { and, desc, eq, sql } from 'drizzle-orm'
import { among, type Tx } from '#db/client.ts'
import { subjectCipher } from '#db/crypto.ts'
import { revocation } from '#db/schema/credentials.ts'
import type { CaseId, CredentialId, Instant, PersonId } from '#domain/words.ts'

export type RevocationState = 'proposed' | 'approved' | 'refused' | 'executed' | 'expired'

export interface Revocation {
  readonly id: string
  readonly credentialId: CredentialId
  readonly caseId: CaseId
  readonly ordinal: number
  readonly state: RevocationState
  readonly reason: string
  /** Stands in its place. */
  readonly successor?: CredentialId
  readonly proposedBy: PersonId
  readonly proposedAt: Instant
  readonly approvedBy?: PersonId
  readonly approvedAt?: Instant
  readonly effectiveAt?: Instant
}

export interface Proposal {
  readonly id: string
  readonly credentialId: CredentialId
  readonly caseId: CaseId
  readonly subject: PersonId
  readonly reason: string
  readonly successor?: CredentialId
  readonly text: string
  readonly by: PersonId
  readonly idempotencyKey: string
}

/**
 * Stores a proposal. The same idempotency key returns the one stored before. `open` is returned when another proposal for
 * the credential waits or has been approved: one at a time.
 */
export async function proposeRevocation(
  tx: Tx,
  proposal: Proposal,
): Promise<{ kind: 'proposed' | 'repeated' | 'open'; revocation: Revocation }> {
  const { credentialId } = proposal
  await tx.orm.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`revocation/${credentialId}`}, 0))`)
  const [latest] = await select(tx, eq(revocation.credentialId, credentialId))
  if (latest !== undefined && latest.idempotencyKey === proposal.idempotencyKey) {
    return { kind: 'repeated', revocation: parse(latest) }
  }
  if (latest !== undefined && latest.state !== 'expired' && latest.state !== 'refused') {
    return { kind: 'open', revocation: parse(latest) }
  }
  const cipher = await subjectCipher(tx, [proposal.subject])
  // A credential outlives the erasure of its holder's data, and may have to be taken back; the text is then not kept.
  const detail = cipher.knows(proposal.subject)
    ? cipher.seal(proposal.subject, `revocation/${proposal.id}`, new TextEncoder().encode(proposal.text))
    : new Uint8Array()
  const [row] = await tx.orm
    .insert(revocation)
    .values({
      id: proposal.id,
      institution: tx.institution,
      credentialId,
      caseId: proposal.caseId,
      ordinal: (latest?.ordinal ?? 0) + 1,
      state: 'proposed',
      reason: proposal.reason,
      successor: proposal.successor ?? null,
      detail,
      proposedBy: proposal.by,
      idempotencyKey: proposal.idempotencyKey,
    })
    .returning()
  if (row === undefined) throw new TypeError('a proposal was not stored')
  return { kind: 'proposed', revocation: parse(row) }
}

/** Moves a revocation on, from one state only. False when it stands elsewhere: somebody was faster. */
export async function moveRevocation(
  tx: Tx,
  move: { id: string; from: RevocationState; to: RevocationState; by?: PersonId },
): Promise<boolean> {
  const [row] = await tx.orm
    .update(revocation)
    .set({
      state: move.to,
      ...(move.to === 'approved' ? { approvedBy: move.by ?? null, approvedAt: sql`clock_timestamp()` } : {}),
      ...(move.to === 'executed' ? { effectiveAt: sql`clock_timestamp()` } : {}),
    })
    .where(and(eq(revocation.institution, tx.institution), eq(revocation.id, move.id), eq(revocation.state, move.from)))
    .returning({ id: revocation.id })
  return row !== undefined
}

export async function readRevocation(tx: Tx, id: string): Promise<Revocation | undefined> {
  const [row] = await select(tx, eq(revocation.id, id))
  return row === undefined ? undefined : parse(row)
}

/** The latest revocation of a credential, whatever came of it. */
export async function revocationOf(tx: Tx, credentialId: CredentialId): Promise<Revocation | undefined> {
  const [row] = await select(tx, eq(revocation.credentialId, credentialId))
  return row === undefined ? undefined : parse(row)
}

export interface RevocationSlice {
  readonly state?: RevocationState
  /** The row beside which the slice begins; `backwards` reads towards the newest. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
  readonly limit: number
}

export interface ListedRevocation {
  readonly revocation: Revocation
  /** When it was proposed, to the microsecond: where the next slice begins. */
  readonly at: string
}

/** The institution's revocations, newest first; the other way round when reading backwards. */
export async function listRevocations(tx: Tx, { state, from, limit }: RevocationSlice): Promise<ListedRevocation[]> {
  const isRising = from?.backwards === true
  const direction = isRising ? sql`asc` : sql`desc`
  const rows = await tx.orm
    .select({ row: revocation, at: sql<string>`${revocation.proposedAt}::text` })
    .from(revocation)
    .where(
      and(
        eq(revocation.institution, tx.institution),
        state === undefined ? undefined : eq(revocation.state, state),
        from === undefined
          ? undefined
          : sql`(${revocation.proposedAt}, ${revocation.id}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, ${from.id})`,
      ),
    )
    .orderBy(sql`${revocation.proposedAt} ${direction}`, sql`${revocation.id} ${direction}`)
    .limit(limit)
  return rows.map(({ row, at }) => ({ revocation: parse(row), at }))
}

/** Those of the credentials that have been taken back. */
export async function revokedAmong(tx: Tx, credentials: readonly CredentialId[]): Promise<Set<CredentialId>> {
  if (credentials.length === 0) return new Set()
  const rows = await tx.orm
    .select({ id: revocation.credentialId })
    .from(revocation)
    .where(
      and(
        eq(revocation.institution, tx.institution),
        eq(revocation.state, 'executed'),
        among(revocation.credentialId, [...credentials]),
      ),
    )
  return new Set(rows.map(({ id }) => id as CredentialId))
}

/** As entries and views tell it. */
export function successorIn({ successor }: Revocation): { readonly successor?: CredentialId } {
  return successor === undefined ? {} : { successor }
}

type Row = typeof revocation.$inferSelect

function select(tx: Tx, condition: ReturnType<typeof eq> | undefined): Promise<Row[]> {
  return tx.orm
    .select()
    .from(revocation)
    .where(and(eq(revocation.institution, tx.institution), condition))
    .orderBy(desc(revocation.ordinal))
    .limit(1)
}

function parse(row: Row): Revocation {
  return {
    id: row.id,
    credentialId: row.credentialId as CredentialId,
    caseId: row.caseId as CaseId,
    ordinal: row.ordinal,
    state: row.state as RevocationState,
    reason: row.reason,
    ...(row.successor === null ? {} : { successor: row.successor as CredentialId }),
    proposedBy: row.proposedBy as PersonId,
    proposedAt: row.proposedAt,
    ...(row.approvedBy === null ? {} : { approvedBy: row.approvedBy as PersonId }),
    ...(row.approvedAt === null ? {} : { approvedAt: row.approvedAt }),
    ...(row.effectiveAt === null ? {} : { effectiveAt: row.effectiveAt }),
  }
}
