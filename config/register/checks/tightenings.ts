/** An institution may only tighten the table; a register that loosens it must not come into force (levels.md). */
import { levels } from '#domain/policy/levels.ts'
import { tighten } from '#domain/policy/tighten.ts'
import { at, type Entries, type Report } from './report.ts'

/** Each alone, so that every wrong one is told at its place; then all together, which may leave no accepted way at all. */
export function checkTightenings(all: Entries, report: Report): void {
  const advice = 'demand more than the table, or leave the demand as the table has it (docs/levels.md)'
  const loose = all.tightenings.filter((entry) => {
    const alone = tighten(levels, [entry.item])
    if (alone.kind === 'profiles') return false
    for (const { rule, because } of alone.problems) {
      report('loosens-table', at(entry, 'demand'), { detail: `loosens ${rule}: ${because.en}`, advice })
    }
    return true
  })
  const [first] = all.tightenings
  if (loose.length > 0 || first === undefined) return
  const together = tighten(
    levels,
    all.tightenings.map(({ item }) => item),
  )
  if (together.kind === 'profiles') return
  for (const { rule, because } of together.problems) {
    report('loosens-table', { file: first.file, path: ['tightenings'] }, { detail: `${rule}: ${because.en}`, advice })
  }
}
