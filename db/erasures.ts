/** Proposals to erase as rows: what, on what ground, by whose word. What it takes to carry one out stands in erase() (migration `erasure`). */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { existingCipher, subjectCipher } from '#db/crypto.ts'
import { humansOf } from '#db/humans.ts'
import { mustBeKept } from '#db/retention.ts'
import { erasure } from '#db/schema/privacy.ts'
import type { ArchiveGround, Blocker, ErasureBasis, ErasureClass } from '#domain/erasure.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'

export const erasureStates = [
  /** By a machine, after a retention rule; nobody has adopted it. */
  'suggested',
  'proposed',
  'approved',
  'refused',
  'expired',
  /** Approved, and something held it back when it was to be carried out. */
  'blocked',
  'executed',
] as const
export type ErasureState = (typeof erasureStates)[number]

export interface Erasure {
  readonly id: string
  readonly person: PersonId
  /** Absent: all of the person's cases. */
  readonly caseId?: CaseId
  readonly classes: readonly ErasureClass[]
  readonly basis: ErasureBasis
  readonly archive?: ArchiveGround
  readonly decision: string
  readonly rule?: string
  readonly state: ErasureState
  readonly proposedBy?: PersonId
  readonly proposedAt: Instant
  readonly decidedBy?: PersonId
  readonly decidedAt?: Instant
  readonly endedAt?: Instant
  readonly because?: Blocker
  /** Rows of each kind that went. */
  readonly counts?: Readonly<Record<string, number>>
}

export interface ErasureDraft
  extends Pick<Erasure, 'id' | 'person' | 'caseId' | 'classes' | 'basis' | 'archive' | 'decision'> {
  readonly text: string
  readonly by: PersonId
}

export type Proposing =
  | { readonly kind: 'proposed' | 'repeated'; readonly erasure: Erasure }
  /** Another one about the same waits, or is being carried out. */
  | { readonly kind: 'open'; readonly erasure: Erasure }

/** Stores a proposal; the same id again gives the one stored before. One at a time for a person, and for each case. */
export async function proposeErasure(tx: Tx, draft: ErasureDraft): Promise<Proposing> {
  const { text: _, by, caseId, archive, ...rest } = draft
  const detail = await sealedText(tx, draft)
  const stored = await tx.orm
    .insert(erasure)
    .values({
      ...rest,
      institution: tx.institution,
      caseId: caseId ?? null,
      archive: archive ?? null,
      classes: [...draft.classes],
      detail,
      state: 'proposed',
      proposedBy: by,
    })
    .onConflictDoNothing()
    .returning()
  const [row] = stored
  if (row !== undefined) return { kind: 'proposed', erasure: parse(row) }
  const same = await readErasure(tx, draft.id)
  if (same !== undefined) return { kind: 'repeated', erasure: same }
  const [open] = await tx.orm
    .select()
    .from(erasure)
    .where(and(ofInstitution(tx), openAbout(draft.person, caseId)))
  if (open === undefined) throw new TypeError('a proposal was neither stored nor in the way of another')
  return { kind: 'open', erasure: parse(open) }
}

function openAbout(person: PersonId, caseId: CaseId | undefined) {
  return and(
    eq(erasure.person, person),
    sql`coalesce(${erasure.caseId}, '') = ${caseId ?? ''}`,
    sql`${erasure.state} in ('suggested', 'proposed', 'approved')`,
  )
}

export async function readErasure(tx: Tx, id: string): Promise<Erasure | undefined> {
  const [row] = await tx.orm
    .select()
    .from(erasure)
    .where(and(ofInstitution(tx), eq(erasure.id, id)))
  return row === undefined ? undefined : parse(row)
}

/** The proposer's reasons; undefined once they are erased. */
export async function erasureText(tx: Tx, { id, person }: Erasure): Promise<string | undefined> {
  const [row] = await tx.orm
    .select({ detail: erasure.detail })
    .from(erasure)
    .where(and(ofInstitution(tx), eq(erasure.id, id)))
  const cipher = await existingCipher(tx, [person])
  if (row === undefined || row.detail.length === 0 || !cipher.knows(person)) return undefined
  return new TextDecoder().decode(cipher.open(person, purposeOf(id), row.detail))
}

/** Moves it on from one state only, in the name of whoever decides. False when it stands elsewhere: somebody was faster. */
export async function decideErasure(
  tx: Tx,
  move: {
    readonly id: string
    readonly from: 'suggested' | 'proposed'
    readonly to: 'approved' | 'refused'
    readonly by: PersonId
  },
): Promise<boolean> {
  const rows = await tx.orm
    .update(erasure)
    .set({ state: move.to, decidedBy: move.by, decidedAt: sql`clock_timestamp()` })
    .where(and(ofInstitution(tx), eq(erasure.id, move.id), eq(erasure.state, move.from)))
    .returning({ id: erasure.id })
  return rows.length > 0
}

/** Nobody decided in time, or something held it back. For the pipeline. */
export async function endErasure(
  tx: Tx,
  end: {
    readonly id: string
    readonly from: ErasureState
    readonly to: 'expired' | 'blocked'
    readonly because?: string
  },
): Promise<boolean> {
  const rows = await tx.orm
    .update(erasure)
    .set({ state: end.to, because: end.because ?? null, endedAt: sql`clock_timestamp()` })
    .where(and(ofInstitution(tx), eq(erasure.id, end.id), eq(erasure.state, end.from)))
    .returning({ id: erasure.id })
  return rows.length > 0
}

/** What forbids such an erasure at this moment. */
export async function blockerOf(
  tx: Tx,
  { person, caseId, classes, basis }: Pick<Erasure, 'person' | 'caseId' | 'classes' | 'basis'>,
): Promise<Blocker | undefined> {
  const [row] = await tx.execute<{ because: Blocker | null }>(sql`
    select erasure_blocked(${person}, ${caseId ?? null}, string_to_array(${classes.join(',')}, ','), ${basis}) as because`)
  if (row?.because !== undefined && row.because !== null) return row.because
  if (basis !== 'archive-disposal') return undefined
  const persons = (await humansOf(tx, [person])).get(person) ?? [person]
  const isKept = await mustBeKept(tx, { persons, classes, ...(caseId === undefined ? {} : { caseId }) })
  return isKept ? 'early' : undefined
}

/** A person takes up what a machine suggested: from then on it is theirs, and somebody else must approve. False when it stands elsewhere. */
export async function adoptErasure(
  tx: Tx,
  { erasure: { id, person }, by, text }: { readonly erasure: Erasure; readonly by: PersonId; readonly text: string },
): Promise<boolean> {
  const rows = await tx.orm
    .update(erasure)
    .set({ state: 'proposed', proposedBy: by, detail: await sealedText(tx, { id, person, text }) })
    .where(and(ofInstitution(tx), eq(erasure.id, id), eq(erasure.state, 'suggested')))
    .returning({ id: erasure.id })
  return rows.length > 0
}

/** Nothing is kept about somebody whose key is gone. */
async function sealedText(
  tx: Tx,
  { id, person, text }: { readonly id: string; readonly person: PersonId; readonly text: string },
): Promise<Uint8Array> {
  const cipher = await subjectCipher(tx, [person])
  if (!cipher.knows(person)) return new Uint8Array()
  return cipher.seal(person, purposeOf(id), new TextEncoder().encode(text))
}

export interface ErasureSlice {
  readonly state?: ErasureState
  /** The row beside which the slice begins; `backwards` reads towards the newest. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
  readonly limit: number
}

export interface ListedErasure {
  readonly erasure: Erasure
  /** When it was proposed, to the microsecond: where the next slice begins. */
  readonly at: string
}

/** The institution's erasures, newest first; the other way round when reading backwards. */
export async function listErasures(tx: Tx, { state, from, limit }: ErasureSlice): Promise<ListedErasure[]> {
  const isRising = from?.backwards === true
  const direction = isRising ? sql`asc` : sql`desc`
  const rows = await tx.orm
    .select({ row: erasure, at: sql<string>`${erasure.proposedAt}::text` })
    .from(erasure)
    .where(
      and(
        ofInstitution(tx),
        state === undefined ? undefined : eq(erasure.state, state),
        from === undefined
          ? undefined
          : sql`(${erasure.proposedAt}, ${erasure.id}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, ${from.id})`,
      ),
    )
    .orderBy(sql`${erasure.proposedAt} ${direction}`, sql`${erasure.id} ${direction}`)
    .limit(limit)
  return rows.map(({ row, at }) => ({ erasure: parse(row), at }))
}

function ofInstitution(tx: Tx) {
  return eq(erasure.institution, tx.institution)
}

function purposeOf(id: string): string {
  return `erasure/${id}`
}

function parse(row: typeof erasure.$inferSelect): Erasure {
  return {
    id: row.id,
    person: row.person as PersonId,
    ...(row.caseId === null ? {} : { caseId: row.caseId as CaseId }),
    classes: row.classes as ErasureClass[],
    basis: row.basis as ErasureBasis,
    ...(row.archive === null ? {} : { archive: row.archive as ArchiveGround }),
    decision: row.decision,
    ...(row.rule === null ? {} : { rule: row.rule }),
    state: row.state as ErasureState,
    ...(row.proposedBy === null ? {} : { proposedBy: row.proposedBy as PersonId }),
    proposedAt: row.proposedAt,
    ...(row.decidedBy === null ? {} : { decidedBy: row.decidedBy as PersonId }),
    ...(row.decidedAt === null ? {} : { decidedAt: row.decidedAt }),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    ...(row.because === null ? {} : { because: row.because as Blocker }),
    ...(row.counts === null ? {} : { counts: row.counts as Record<string, number> }),
  }
}
