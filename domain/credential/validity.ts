/** How long a credential is valid; months differ in length, and the pure floor has no calendar of its own. */
import { as, type Instant } from '#domain/words.ts'

export interface CredentialValidity {
  readonly from: Instant
  readonly months?: number
  /** Exclusive. Absent when the credential does not expire. */
  readonly until?: Instant
}

/** Validity from a moment on; the day is the same day of the month, or the last one where the month is shorter. */
export function validityFrom(from: Instant, months: number | undefined): CredentialValidity {
  return months === undefined ? { from } : { from, months, until: plusMonths(from, months) }
}

/** The same clock time so many months later. */
export function plusMonths(at: Instant, months: number): Instant {
  const [year, month, day] = [Number(at.slice(0, 4)), Number(at.slice(5, 7)), Number(at.slice(8, 10))]
  const count = year * 12 + (month - 1) + months
  const [newYear, newMonth] = [Math.floor(count / 12), (count % 12) + 1]
  const date = [pad(newYear, 4), pad(newMonth, 2), pad(Math.min(day, daysIn(newYear, newMonth)), 2)].join('-')
  return as<Instant>(`${date}${at.slice(10)}`)
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
