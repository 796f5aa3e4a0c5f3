/** Swedish personal and coordination numbers never enter a document, wherever a text may have brought them. */
import { type LintRule, none, problem } from '#credentials/lint/rule.ts'

/** YYMMDD or YYYYMMDD, a separator or none, four digits; not inside a longer word or number, nor among the groups of a UUID. */
const shaped = /(?<![0-9A-Za-z-])(?:19|20)?(\d{2})(\d{2})(\d{2})[-+ ]?(\d{4})(?![0-9A-Za-z-])/g

export const noPersonalNumber: LintRule = {
  id: 'no-personal-number',
  clause: 'GDPR Art. 87 with 3 kap. 10 § lag (2018:218); standards §3.1 (identity hash)',
  each: (leaf) =>
    typeof leaf.value === 'string' && holdsNumber(leaf.value)
      ? problem(leaf.path, 'Texten liknar ett personnummer.', 'The text looks like a personal number.')
      : none,
}

/** Ten digits in a row, which hardly any text has: asked first, since the whole pattern is slow. */
const longEnough = /\d{6}[-+ ]?\d{4}/

function holdsNumber(text: string): boolean {
  if (!longEnough.test(text)) return false
  return [...text.matchAll(shaped)].some(([, year = '', month = '', day = '', last = '']) => {
    // A coordination number has 60 added to its day.
    const date = Number(day) > 60 ? Number(day) - 60 : Number(day)
    return Number(month) >= 1 && Number(month) <= 12 && date >= 1 && date <= 31 && luhn(year + month + day + last)
  })
}

function luhn(digits: string): boolean {
  const sum = Array.from(digits).reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}
