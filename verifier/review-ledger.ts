/** Reviews of the quality assurance as a log tells them: how many, and what they found to be done that nobody closed in time (audit-log §12, J3). */
import type { Entry } from '#audit/entry.ts'
import { type Place, placeOf } from '#verifier/place.ts'

export interface ReviewCounts {
  readonly recorded: number
  readonly actions: number
  readonly closed: number
}

export interface ReviewLedger {
  /** Every entry, to know what is open. */
  note(entry: Entry, index: number): void
  /** Those of the period. */
  count(entry: Entry): void
  counts(): ReviewCounts
  /** Actions still open on the day after they were due, as of this moment; each at the place of its review. */
  late(at: string): Place[]
}

export function reviewLedger(): ReviewLedger {
  const open = new Map<string, { readonly due: string; readonly place: Place }>()
  let [recorded, actions, closed] = [0, 0, 0]
  return {
    note: (entry, index) => {
      if (entry.type === 'quality.action-closed/1') open.delete(keyOf(entry, entry.data?.['action']))
      if (entry.type !== 'quality.reviewed/1') return
      const due = codesIn(entry, 'due')
      for (const [at, action] of codesIn(entry, 'actions').entries()) {
        const place = { ...placeOf(entry, index, undefined), reason: action }
        open.set(keyOf(entry, action), { due: due[at] ?? '', place })
      }
    },
    count: (entry) => {
      if (entry.type === 'quality.action-closed/1') closed += 1
      if (entry.type !== 'quality.reviewed/1') return
      recorded += 1
      actions += codesIn(entry, 'actions').length
    },
    counts: () => ({ recorded, actions, closed }),
    late: (at) => [...open.values()].flatMap(({ due, place }) => (due < at.slice(0, 10) ? [place] : [])),
  }
}

function keyOf({ data }: Entry, action: unknown): string {
  return `${String(data?.['review'])} ${String(action)}`
}

function codesIn({ data }: Entry, name: string): readonly string[] {
  const found: unknown = data?.[name]
  return Array.isArray(found) ? found.map(String) : []
}
