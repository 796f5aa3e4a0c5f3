/** Arithmetic on instants as text, because the pure floor has no clock and no Date. */
import { as, type Instant } from '#domain/words.ts'

const dayMs = 86_400_000

/** Milliseconds since 1970 of an RFC 3339 UTC instant. Civil-calendar arithmetic after the proleptic Gregorian rules. */
export function toMillis(at: Instant): number {
  const [date = '', time = ''] = at.split('T')
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  const [hours = 0, minutes = 0, seconds = 0] = time.replace('Z', '').split(':').map(Number)
  return days(year, month, day) * dayMs + (hours * 3600 + minutes * 60) * 1000 + Math.round(seconds * 1000)
}

/** Days since 1970-01-01; months are counted from March, so that the leap day ends a year. */
function days(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const m = month <= 2 ? month + 9 : month - 3
  return (
    365 * y +
    Math.floor(y / 4) -
    Math.floor(y / 100) +
    Math.floor(y / 400) +
    Math.floor((153 * m + 2) / 5) +
    day -
    719_469
  )
}

/** The instant so many seconds later (or earlier, when negative). */
export function plusSeconds(at: Instant, seconds: number): Instant {
  return fromMillis(toMillis(at) + Math.round(seconds * 1000))
}

/** Milliseconds since 1970 as an instant. */
export function fromMillis(millis: number): Instant {
  const day = Math.floor(millis / dayMs)
  const rest = millis - day * dayMs
  const { year, month, date } = civil(day)
  const clock = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1000) % 60].map((part) => pad(Math.floor(part), 2))
  return as<Instant>(`${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}T${clock.join(':')}.${pad(rest % 1000, 3)}Z`)
}

function civil(day: number): { year: number; month: number; date: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const date = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date }
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
