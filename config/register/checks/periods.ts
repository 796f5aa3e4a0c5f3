/** Periods run forwards; a mandate that ends before it begins would silently never hold. */
import { at, type Entries, type Place, type Report } from './report.ts'

export function checkPeriods(all: Entries, report: Report): void {
  const dated = [
    ...all.appointments,
    ...all.accreditations,
    ...all.mandates,
    ...all.people.flatMap((entry) =>
      entry.item.employments.map((item, index) => ({ ...at(entry, 'employments', index), item })),
    ),
    ...all.emitters.flatMap((entry) => entry.item.keys.map((item, index) => ({ ...at(entry, 'keys', index), item }))),
  ]
  for (const entry of dated) checkPeriod(entry, report)
}

interface Period {
  readonly item: { readonly from: string; readonly until?: string }
}

function checkPeriod(entry: Place & Period, report: Report): void {
  const { from, until } = entry.item
  if (until === undefined || from < until) return
  report('validity-order', at(entry, 'until'), {
    detail: 'is not after `from`',
    advice: 'let the period end after it begins; `until` is the first day it no longer holds',
  })
}
