/** When things happened in the demo's story, counted back from today: the register's periods and a login's age must fit any day. */
import { as, type Instant } from '#domain/words.ts'

const dayMs = 86_400_000

/** So many days ago at a clock time (UTC), as an instant. */
export function daysAgo(days: number, clock = '09:00'): Instant {
  const date = new Date(Date.now() - days * dayMs).toISOString().slice(0, 10)
  return as<Instant>(`${date}T${clock}:00.000Z`)
}

/** A day so many years from now; validity of documents. */
export function yearsAhead(years: number): Instant {
  const now = new Date()
  now.setUTCFullYear(now.getUTCFullYear() + years)
  return as<Instant>(`${now.toISOString().slice(0, 10)}T00:00:00.000Z`)
}
