/** What the trail tells of events taken in. Without it a case would rest on facts of which nobody can say when they came. */
import type { EntryDraft } from '#db/audit-log.ts'
import type { CaseRow } from '#db/cases.ts'
import type { EvidenceRow } from '#db/evidence.ts'
import type { KeyedEvent } from '#db/inbox.ts'
import type { Raised } from '#db/joining.ts'
import type { CaseId } from '#domain/words.ts'

const intakeActor = { ref: 'intake', kind: 'service', role: 'intake' } as const

/** Why an issued case is looked at again. */
export const withdrawnFact = 'fact-withdrawn'

/** True when something was issued or recorded on a fact that was wrong. */
export function concernsIssued({ touch, state }: Raised): boolean {
  return touch.meaning === 'withdrawn' && (state === 'issued' || state === 'recorded')
}

/** The first entry of each case that was opened. */
export function openedEntries(
  facts: ReadonlyMap<KeyedEvent, EvidenceRow>,
  opened: ReadonlyMap<CaseId, KeyedEvent>,
  rows: readonly CaseRow[],
): EntryDraft[] {
  return rows.flatMap((row) => {
    const event = opened.get(row.id)
    const fact = event === undefined ? undefined : facts.get(event)
    if (fact === undefined) return []
    return [
      {
        ...about(fact, row),
        id: `${row.id}:opened:${row.evidenceVersion}`,
        type: 'case.opened/1',
        act: { meaning: 'case-opened', outcome: 'received' },
        data: {
          achievement: row.achievement,
          achievementVersion: row.achievementVersion,
          promised: row.promised,
          evidence: fact.id,
        },
      },
    ]
  })
}

/** One entry per case and fact, and one more where an officer must look. */
export function touchEntries(raised: readonly Raised[], rows: readonly CaseRow[]): EntryDraft[] {
  return raised.flatMap((one): EntryDraft[] => {
    const { touch, version } = one
    const row = rows.find((one) => one.id === touch.caseId)
    if (row === undefined) return []
    const { fact, meaning } = touch
    const told: EntryDraft = {
      ...about(fact, row),
      id: `${row.id}:evidence-${meaning}:${version}`,
      type: `evidence.${meaning}/1`,
      act: { meaning: `evidence-${meaning}`, outcome: meaning },
      data: { evidence: fact.id, kind: fact.kind, evidenceVersion: version },
    }
    if (!concernsIssued(one)) return [told]
    const review: EntryDraft = {
      trail: row.trail,
      id: `${row.id}:review:${version}`,
      type: 'review.opened/1',
      actor: intakeActor,
      act: { meaning: 'review-opened', outcome: 'opened', reason: withdrawnFact },
      data: { evidenceVersion: version },
    }
    return [told, review]
  })
}

/** What all entries about a fact share. The digest of the event is salted: it could be guessed otherwise (contracts §9). */
function about(fact: EvidenceRow, row: CaseRow): Pick<EntryDraft, 'trail' | 'actor' | 'occurred' | 'src' | 'private'> {
  return {
    trail: row.trail,
    actor: intakeActor,
    occurred: fact.occurredAt,
    src: { emitter: fact.source.emitter, event: fact.id },
    private: [{ name: 'event', value: fact.body.digest, subject: fact.person }],
  }
}
