/** Moments at the border: without one spelling, comparing two of them as text would be wrong. */
import { z } from 'zod'
import { as, type Instant } from '#domain/words.ts'

/** RFC 3339 with seconds and an offset; local time without offset and leap seconds are refused. */
const rfc3339 =
  /^(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/

const advice = 'write RFC 3339 with seconds and offset, for instance 2026-11-23T14:05:00+01:00'

/** A moment with offset; given on as UTC with milliseconds and `Z`. */
export const instant = z
  .string()
  .max(40)
  .regex(rfc3339, advice)
  .refine((text) => !rfc3339.test(text) || isRealDay(text), 'name a day that the month has')
  .meta({ format: 'date-time', description: 'RFC 3339 with seconds and offset' })
  .transform((text): Instant => normalised(text))

/** The moment of a text from outside, or undefined when it is none. */
export function toInstant(text: unknown): Instant | undefined {
  const result = instant.safeParse(text)
  return result.success ? result.data : undefined
}

/** The clock, for parsing at the border. Gates never use it (contracts §5: the database's time). */
export function currentInstant(): Instant {
  return as<Instant>(new Date().toISOString())
}

/** The moment so many milliseconds later. */
export function later(moment: Instant, milliseconds: number): Instant {
  return as<Instant>(new Date(Date.parse(moment) + milliseconds).toISOString())
}

function normalised(text: string): Instant {
  return as<Instant>(new Date(text).toISOString())
}

/** Every month has so many days. */
const everyMonth = 28

/** `Date` would silently read 30 February as 2 March. */
function isRealDay(text: string): boolean {
  const day = text.slice(0, 10)
  if (Number(day.slice(8)) <= everyMonth) return true
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)
}
