/** Full instants in whole seconds, in order; anything else makes `nbf` or `exp` say something other than the document. */
import { type LintRule, member, type Problem } from '#credentials/lint/rule.ts'

const wholeSecond = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export const dates: LintRule = {
  id: 'dates',
  clause: 'VCDM 2.0 §4.9, Open Badges 3.0 §8.2.4 (`nbf`, `exp`)',
  check: (document, { content }) => {
    const [from, until, awarded] = ['validFrom', 'validUntil', 'awardedDate'].map((name) => member(document, name))
    return [
      ...wrong('validFrom', isMoment(from) && isSameSecond(content.issuedAt, from)),
      ...wrong('validUntil', until === undefined || (isMoment(until) && isMoment(from) && until > from)),
      ...wrong('awardedDate', isMoment(awarded) && isMoment(from) && awarded <= from),
    ]
  },
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && wholeSecond.test(value) && !Number.isNaN(Date.parse(value))
}

function isSameSecond(a: string, b: string): boolean {
  return Math.floor(Date.parse(a) / 1000) === Math.floor(Date.parse(b) / 1000)
}

function wrong(name: string, holds: boolean): readonly Problem[] {
  if (holds) return []
  return [{ path: `$.${name}`, because: { sv: 'Tidpunkten stämmer inte.', en: 'The moment is not right.' } }]
}
