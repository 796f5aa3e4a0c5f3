/**
 * Reviews of the quality assurance itself, as the institution's trail tells them: what was looked at, what was found, what is to be done
 * about it by when, and who saw to it. They stand nowhere else, so nobody can change one afterwards (audit-log §12, J3; ESG 1.9).
 */
import type { Entry } from '#audit/entry.ts'
import { type Done, doneBy, entriesOf, listOf, type Staff, saysSame, textOf } from '#db/acts.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
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
  readonly closed?: Done & { readonly outcome: string; readonly reference: string }
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
  const draft: EntryDraft = {
    trail,
    id: `${review}:closed:${action}`,
    type: 'quality.action-closed/1',
    actor,
    act: { meaning: 'quality-action', outcome },
    data: { review, action, reference },
  }
  await appendEntries(tx, [draft])
  // Whoever was first stands there.
  return (await entriesOf(tx, ['quality.action-closed/1'])).some((entry) => saysSame(entry, draft))
}

/** Latest first. */
export async function qualityReviews(tx: Tx): Promise<QualityReview[]> {
  const entries = await entriesOf(tx, ['quality.reviewed/1', 'quality.action-closed/1'])
  const staff = await staffByPseudonym(tx)
  const closings = new Map(
    entries.flatMap((one) =>
      one.type === 'quality.action-closed/1'
        ? [[`${textOf(one, 'review')} ${textOf(one, 'action')}`, one] as const]
        : [],
    ),
  )
  return entries
    .filter(({ type }) => type === 'quality.reviewed/1')
    .toReversed()
    .map((one) => reviewIn(one, staff, closings))
}

function reviewIn(told: Entry, staff: Staff, closings: ReadonlyMap<string, Entry>): QualityReview {
  const id = textOf(told, 'review')
  const { by, at: recordedAt } = doneBy(told, staff)
  const due = listOf(told, 'due')
  return {
    id,
    from: textOf(told, 'from'),
    until: textOf(told, 'until'),
    looked: listOf(told, 'looked'),
    findings: listOf(told, 'findings'),
    actions: listOf(told, 'actions').map((action, at) => {
      const closing = closings.get(`${id} ${action}`)
      return { action, due: due[at] ?? '', ...(closing === undefined ? {} : { closed: closedBy(closing, staff) }) }
    }),
    reference: textOf(told, 'reference'),
    ...(by === undefined ? {} : { recordedBy: by }),
    recordedAt,
  }
}

function closedBy(told: Entry, staff: Staff): NonNullable<QualityAction['closed']> {
  return { outcome: told.act.outcome, reference: textOf(told, 'reference'), ...doneBy(told, staff) }
}

/** Of these digests the first that is of no audit package that the trail tells to have left the house. */
export async function unknownExport(tx: Tx, digests: readonly string[]): Promise<string | undefined> {
  if (digests.length === 0) return undefined
  const { trail } = await readInstitution(tx)
  const entries = await entriesOf(tx, ['trail.exported/1', 'log.exported/1'], trail)
  const known = new Set(entries.map(({ data }) => data?.['content']))
  return digests.find((digest) => !known.has(digest))
}
