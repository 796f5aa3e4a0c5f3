/** Appeals and complaints as a log tells them: how many, how they ended, and those that nobody brought to an end in time (G2, G3). */
import type { Entry } from '#audit/entry.ts'
import { stepIn } from '#audit/entry-types.ts'
import { daysSince } from '#domain/handling.ts'
import type { Instant } from '#domain/words.ts'
import { type Place, placeOf } from '#verifier/place.ts'

export interface MatterCounts {
  /** Begun in the period. */
  readonly begun: number
  /** Closed in it. */
  readonly closed: number
  /** What those were found to be that were judged in it. */
  readonly outcomes: Readonly<Record<string, number>>
}

export interface MatterLedger {
  /** Every entry, to know what is open. */
  note(entry: Entry, index: number): void
  /** Those of the period. */
  count(entry: Entry): void
  counts(): MatterCounts
  /** Still open more than `days` after they came, as of this moment; each at the place where it began, by the step it has come to. */
  late(at: string, days: number): Place[]
  /** True when whoever does this is somebody whom it is about. */
  isByConcerned(entry: Entry): boolean
}

interface Open {
  readonly received: string
  readonly place: Place
  readonly persons: readonly unknown[]
}

/** `judged`: the step whose outcome is the matter's. */
const kinds = {
  appeal: { first: 'appeal.lodged/1', judged: 'appeal.decided/1', closed: 'appeal.closed/1' },
  complaint: { first: 'complaint.received/1', judged: 'complaint.closed/1', closed: 'complaint.closed/1' },
} as const

export function matterLedger(kind: keyof typeof kinds): MatterLedger {
  const types = kinds[kind]
  const open = new Map<unknown, Open>()
  const outcomes = new Map<string, number>()
  let [begun, closed] = [0, 0]
  return {
    note: (entry, index) => {
      if (!entry.type.startsWith(`${kind}.`)) return
      const { type, data } = entry
      const id = data?.[kind]
      const known = open.get(id)
      if (type === types.first) open.set(id, begin(entry, index))
      else if (type === types.closed) open.delete(id)
      else if (known !== undefined) open.set(id, { ...known, place: { ...known.place, reason: stepIn(entry) } })
    },
    count: ({ type, act }) => {
      if (type === types.first) begun += 1
      if (type === types.closed) closed += 1
      if (type === types.judged) outcomes.set(act.outcome, (outcomes.get(act.outcome) ?? 0) + 1)
    },
    counts: () => ({
      begun,
      closed,
      outcomes: Object.fromEntries([...outcomes].toSorted(([one], [other]) => (one < other ? -1 : 1))),
    }),
    // A day that is none is no reason to be passed over.
    late: (at, days) =>
      [...open.values()].flatMap(({ received, place }) => (daysSince(received, at as Instant) <= days ? [] : [place])),
    isByConcerned: ({ type, actor, data }) =>
      /^complaint\.(progressed|closed)\/1$/.test(type) && open.get(data?.[kind])?.persons.includes(actor.ref) === true,
  }
}

function begin(entry: Entry, index: number): Open {
  const persons: unknown = entry.data?.['persons']
  return {
    received: String(entry.data?.['received']),
    place: { ...placeOf(entry, index, undefined), reason: stepIn(entry) },
    persons: Array.isArray(persons) ? persons : [],
  }
}
