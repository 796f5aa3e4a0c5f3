/**
 * Reviews of the quality assurance itself, as the institution's trail tells them: what was looked at, what was found, what is to be done
 * about it by when, and who saw to it. They stand nowhere else, so nobody can change one afterwards (audit-log §12, J3; ESG 1.9).
 */
import { and, asc, eq, sql } from 'drizzle-orm'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { among, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
import { entry } from '#db/schema/audit.ts'
import type { Instant, PersonId } from '#domain/words.ts'

export interface QualityReview {
  readonly id: string
  /** The days it is about, `until` exclusive. */
  readonly from: string
  readonly until: string
  /** `export:<digest>` of an audit package that left the house, `report:<digest>` of a report. */
  readonly looked: readonly string[]
  /** Codes. */
  readonly findings: readonly string[]
  readonly actions: readonly QualityAction[]
  /** Of the minutes, in the institution's registry. */
  readonly reference: string
  readonly recordedBy?: PersonId
  readonly recordedAt: Instant
}

export interface QualityAction {
  /** A code, once in a review. */
  readonly action: string
  /** Last day, `2026-09-01`. */
  readonly due: string
  readonly closed?: {
    readonly outcome: string
    readonly reference: string
    readonly by?: PersonId
    readonly at: Instant
  }
}

export type ReviewDraft = Pick<QualityReview, 'id' | 'from' | 'until' | 'looked' | 'findings' | 'reference'> & {
  readonly actions: readonly Pick<QualityAction, 'action' | 'due'>[]
}

type Actor = EntryDraft['actor']

/** The same id again changes nothing. */
export async function recordReview(tx: Tx, draft: ReviewDraft, actor: Actor): Promise<void> {
  const { id, actions, ...told } = draft
  const { trail } = await readInstitution(tx)
  await appendEntries(tx, [
    {
      trail,
      id: `${id}:recorded`,
      type: 'quality.reviewed/1',
      actor,
      act: { meaning: 'quality-review', outcome: 'success' },
      data: {
        ...told,
        review: id,
        actions: actions.map(({ action }) => action),
        due: actions.map(({ due }) => due),
      },
    },
  ])
}

export interface ActionClosing {
  readonly review: string
  readonly action: string
  readonly outcome: string
  readonly reference: string
}

/** False when somebody has closed it otherwise before. */
export async function closeAction(tx: Tx, closing: ActionClosing, actor: Actor): Promise<boolean> {
  const { review, action, outcome, reference } = closing
  const { trail } = await readInstitution(tx)
  await appendEntries(tx, [
    {
      trail,
      id: `${review}:closed:${action}`,
      type: 'quality.action-closed/1',
      actor,
      act: { meaning: 'quality-action', outcome },
      data: { review, action, reference },
    },
  ])
  // Whoever was first stands there.
  const entries = await told(tx, ['quality.action-closed/1'])
  return entries.some(
    ({ actor: { ref }, act, data }) =>
      ref === actor.ref &&
      act.outcome === outcome &&
      data?.['review'] === review &&
      data['action'] === action &&
      data['reference'] === reference,
  )
}

/** Latest first. */
export async function qualityReviews(tx: Tx): Promise<QualityReview[]> {
  const entries = await told(tx, ['quality.reviewed/1', 'quality.action-closed/1'])
  const known = await staffByPseudonym(tx)
  const whose = ({ actor }: Entry) => known.get(actor.ref)
  const closings = new Map(
    entries.flatMap((one) =>
      one.type === 'quality.action-closed/1'
        ? [[`${String(one.data?.['review'])} ${String(one.data?.['action'])}`, one] as const]
        : [],
    ),
  )
  return entries
    .filter(({ type }) => type === 'quality.reviewed/1')
    .toReversed()
    .map((one) => reviewIn(one, whose, closings))
}

function reviewIn(
  told: Entry,
  whose: (entry: Entry) => PersonId | undefined,
  closings: ReadonlyMap<string, Entry>,
): QualityReview {
  const text = (name: string) => String(told.data?.[name])
  const list = (name: string) => (told.data?.[name] as readonly string[] | undefined) ?? []
  const id = text('review')
  const by = whose(told)
  const due = list('due')
  return {
    id,
    from: text('from'),
    until: text('until'),
    looked: list('looked'),
    findings: list('findings'),
    actions: list('actions').map((action, at) => {
      const closing = closings.get(`${id} ${action}`)
      return { action, due: due[at] ?? '', ...(closing === undefined ? {} : { closed: closedBy(closing, whose) }) }
    }),
    reference: text('reference'),
    ...(by === undefined ? {} : { recordedBy: by }),
    recordedAt: told.at as Instant,
  }
}

function closedBy(told: Entry, whose: (entry: Entry) => PersonId | undefined): NonNullable<QualityAction['closed']> {
  const by = whose(told)
  return {
    outcome: told.act.outcome,
    reference: String(told.data?.['reference']),
    ...(by === undefined ? {} : { by }),
    at: told.at as Instant,
  }
}

/** Of these digests the first that is of no audit package that the trail tells to have left the house. */
export async function unknownExport(tx: Tx, digests: readonly string[]): Promise<string | undefined> {
  if (digests.length === 0) return undefined
  const entries = await told(tx, ['trail.exported/1', 'log.exported/1'])
  const known = new Set(entries.map(({ data }) => data?.['content']))
  return digests.find((digest) => !known.has(digest))
}

async function told(tx: Tx, types: readonly string[]): Promise<Entry[]> {
  const { trail } = await readInstitution(tx)
  const rows = await tx.orm
    .select({ leaf: entry.leaf })
    .from(entry)
    .where(
      and(eq(entry.institution, tx.institution), eq(entry.trail, sql`${trail}::uuid`), among(entry.type, [...types])),
    )
    .orderBy(asc(entry.n))
  return rows.map(({ leaf }) => parseLeaf(leaf))
}
