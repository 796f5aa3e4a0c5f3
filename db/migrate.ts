/** Brings a database to the shape this code expects; without it two processes starting at once would both try, and half succeed. */
import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres, { type Sql } from 'postgres'
import { rightsAsSql } from '#db/rights.ts'

const migrationsFolder = fileURLToPath(new URL('migrations', import.meta.url))
/** Held while one process migrates; the others wait and find nothing to do. */
const migrationLock = 0x62657670

/**
 * Runs the pending migrations and brings all rights to what `rights.ts` says. Needs the roles (`ensureRoles`) and an owner's
 * login. Safe to run at any time and by many at once.
 */
export async function migrate(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined })
  try {
    await sql`select pg_advisory_lock(${migrationLock})`
    await runMigrations(drizzle(sql), { migrationsFolder })
    await applyRights(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** One transaction: no process ever sees the moment in between. */
async function applyRights(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    for (const statement of rightsAsSql()) await tx.unsafe(statement)
  })
}
