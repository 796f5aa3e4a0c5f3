/** Proposed changes of the register. Without them whoever holds a shell would decide alone who may examine whom. */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { institutionCipher } from '#db/crypto.ts'
import { registerProposal } from '#db/schema/register.ts'
import type { Instant, PersonId } from '#domain/words.ts'

export const proposalStates = ['proposed', 'approved', 'refused'] as const
export type ProposalState = (typeof proposalStates)[number]

/** Path inside the register → content. */
export type ProposedFiles = Readonly<Record<string, string>>

export interface RegisterProposal {
  readonly id: string
  readonly state: ProposalState
  readonly reason: string
  readonly proposedBy: PersonId
  readonly proposedAt: Instant
  readonly decided?: { readonly by: PersonId; readonly at: Instant }
  /** In force since it was approved. */
  readonly revision?: number
}

export interface ProposalDraft {
  /** Derived from the proposer's own key: the same again is the one stored before. */
  readonly id: string
  /** A code. */
  readonly reason: string
  readonly files: ProposedFiles
  readonly by: PersonId
}

/** False where it was stored before. */
export async function storeProposal(tx: Tx, { id, reason, files, by }: ProposalDraft): Promise<boolean> {
  const sealed = institutionCipher(tx.keys, tx.institution).seal(purposeOf(id), Buffer.from(JSON.stringify(files)))
  const stored = await tx.orm
    .insert(registerProposal)
    .values({ id, institution: tx.institution, state: 'proposed', reason, files: sealed, proposedBy: by })
    .onConflictDoNothing()
    .returning({ id: registerProposal.id })
  return stored.length > 0
}

export async function readProposal(tx: Tx, id: string): Promise<RegisterProposal | undefined> {
  const [row] = await tx.orm.select(columns).from(registerProposal).where(isOne(tx, id))
  return row === undefined ? undefined : parse(row)
}

/** The files of a proposal that waits; undefined once it is decided, for then they are gone. */
export async function proposedFiles(tx: Tx, id: string): Promise<ProposedFiles | undefined> {
  const [row] = await tx.orm.select({ files: registerProposal.files }).from(registerProposal).where(isOne(tx, id))
  if (row?.files == null) return undefined
  const opened = institutionCipher(tx.keys, tx.institution).open(purposeOf(id), row.files)
  return JSON.parse(Buffer.from(opened).toString()) as ProposedFiles
}

/** Decides one that waits, and lets its files go. False when somebody was faster. */
export async function decideProposal(
  tx: Tx,
  deciding: { id: string; to: 'approved' | 'refused'; by: PersonId; revision?: number },
): Promise<boolean> {
  const { id, to, by, revision } = deciding
  const decided = await tx.orm
    .update(registerProposal)
    .set({ state: to, files: null, decidedBy: by, decidedAt: sql`clock_timestamp()`, revision: revision ?? null })
    .where(and(isOne(tx, id), eq(registerProposal.state, 'proposed')))
    .returning({ id: registerProposal.id })
  return decided.length > 0
}

export interface ProposalSlice {
  readonly state?: ProposalState
  /** The row beside which the slice begins; `backwards` reads towards the newest. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
  readonly limit: number
}

export interface ListedProposal {
  readonly proposal: RegisterProposal
  /** When it was proposed, to the microsecond: where the next slice begins. */
  readonly at: string
}

/** Newest first; the other way round when reading backwards. */
export async function listProposals(tx: Tx, { state, from, limit }: ProposalSlice): Promise<ListedProposal[]> {
  const isRising = from?.backwards === true
  const direction = isRising ? sql`asc` : sql`desc`
  const { proposedAt, id } = registerProposal
  const rows = await tx.orm
    .select({ ...columns, place: sql<string>`${proposedAt}::text` })
    .from(registerProposal)
    .where(
      and(
        eq(registerProposal.institution, tx.institution),
        state === undefined ? undefined : eq(registerProposal.state, state),
        from === undefined
          ? undefined
          : sql`(${proposedAt}, ${id}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, ${from.id})`,
      ),
    )
    .orderBy(sql`${proposedAt} ${direction}`, sql`${id} ${direction}`)
    .limit(limit)
  return rows.map(({ place, ...row }) => ({ proposal: parse(row), at: place }))
}

const columns = {
  id: registerProposal.id,
  state: registerProposal.state,
  reason: registerProposal.reason,
  proposedBy: registerProposal.proposedBy,
  proposedAt: registerProposal.proposedAt,
  decidedBy: registerProposal.decidedBy,
  decidedAt: registerProposal.decidedAt,
  revision: registerProposal.revision,
}

type Row = Omit<typeof registerProposal.$inferSelect, 'files' | 'institution'>

function parse({ id, state, reason, proposedBy, proposedAt, decidedBy, decidedAt, revision }: Row): RegisterProposal {
  return {
    id,
    state: state as ProposalState,
    reason,
    proposedBy: proposedBy as PersonId,
    proposedAt,
    ...(decidedBy === null || decidedAt === null ? {} : { decided: { by: decidedBy as PersonId, at: decidedAt } }),
    ...(revision === null ? {} : { revision }),
  }
}

function isOne(tx: Tx, id: string) {
  return and(eq(registerProposal.institution, tx.institution), eq(registerProposal.id, id))
}

function purposeOf(id: string): string {
  return `register/${id}`
}
