/** Column kinds shared by all tables: bytes, instants, the institution key that row-level security reads. */
import { customType, text } from 'drizzle-orm/pg-core'
import type { Instant } from '#domain/words.ts'

/** Postgres `bytea` as bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** A `timestamptz`: microseconds in the database, an `Instant` (UTC, milliseconds, `Z`) in the code. */
export const instant = customType<{ data: Instant; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: toInstant,
})

/** Tenant column; every table that holds an institution's rows has it and a policy on it. */
export const institutionColumn = () => text('institution').notNull()

/** Postgres prints `2026-03-01 10:00:00.123456+00`; the house compares instants as RFC 3339 text. */
export function toInstant(printed: string): Instant {
  const iso = printed.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
  return new Date(iso).toISOString() as Instant
}
