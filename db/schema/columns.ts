/** Column kinds shared by all tables: bytes, instants, the institution key that row-level security reads. */
import { customType, text, timestamp } from 'drizzle-orm/pg-core'

/** Postgres `bytea` as bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** A `timestamptz`, microseconds in the database, RFC 3339 text in the code. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' })

/** Tenant column; every table that holds an institution's rows has it and a policy on it. */
export const institutionColumn = () => text('institution').notNull()
