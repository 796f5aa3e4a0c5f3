/** Tools of the semantic checks; without them each family would report the same fault in its own words. */
import type { Instant } from '#domain/words.ts'
import { later, toInstant } from './instant.ts'
import { type Path, type Problem, type ProblemCode, pointerOf } from './problems.ts'
export interface Examiner {
  readonly report: (code: ProblemCode, where: Path, text: { readonly detail: string; readonly advice: string }) => void
  /** The moment is not more than 5 minutes ahead of `now`; clocks of senders differ a little. */
  readonly happened: (moment: string | undefined, ...where: Path) => void
  /** `from` is not after `until`. */
  readonly inOrder: (from: string | undefined, until: string | undefined, where: Path) => void
  /** No key occurs twice; the second occurrence is reported. Absent entries are passed over. */
  readonly distinct: (keys: readonly (string | undefined)[], where: Path, what: string) => void
  /** The sender wrote this member of `data`, rightly or wrongly. */
  readonly stated: (member: string) => boolean
}

const toleranceMs = 5 * 60_000

/** An examiner of the `data` a sender wrote, that adds what it finds to `problems`. */
export function examinerFor(problems: Problem[], data: object, now: Instant): Examiner {
  const report: Examiner['report'] = (code, where, text) =>
    problems.push({ code, pointer: pointerOf(['data', ...where]), ...text })
  return {
    report,
    happened: (moment, ...where) => {
      if (isInFuture(moment, now)) problems.push(futureProblem(['data', ...where]))
    },
    inOrder: (from, until, where) => {
      const [start, end] = [toInstant(from), toInstant(until)]
      if (start === undefined || end === undefined || start <= end) return
      report('time-order', where, { detail: 'lies before `from`', advice: 'let the period end after it begins' })
    },
    distinct: (keys, where, what) => {
      const seen = new Set<string>()
      for (const [index, key] of keys.entries()) {
        if (key === undefined) continue
        if (seen.has(key))
          report('duplicate-id', [...where, index], {
            detail: `${what} occurs twice`,
            advice: `name each ${what} once`,
          })
        seen.add(key)
      }
    },
    stated: (member) => Object.hasOwn(data, member),
  }
}

/** More than 5 minutes ahead; what is no moment at all is another problem. */
export function isInFuture(moment: unknown, now: Instant): boolean {
  const at = toInstant(moment)
  return at !== undefined && at > later(now, toleranceMs)
}

export function futureProblem(path: Path): Problem {
  return {
    code: 'time-in-future',
    pointer: pointerOf(path),
    detail: 'lies more than 5 minutes in the future',
    advice: 'send events after they happened, with the right offset, from a synchronised clock',
  }
}

interface HalfRead {
  readonly scheme?: string | undefined
  readonly value?: string | undefined
}

/** Key of a reference for comparison within one event; a half-read reference has none. */
export function refKey(ref: HalfRead | undefined): string | undefined {
  return ref?.scheme === undefined || ref.value === undefined ? undefined : `${ref.scheme} ${ref.value}`
}
