/** Whether the database answers and has the shape this code expects; without it a process would start over tables that are not there. */
import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import type { Check } from '#connectors/platform/readiness.ts'
import type { Db } from '#db/client.ts'

const journal = JSON.parse(readFileSync(new URL('migrations/meta/_journal.json', import.meta.url), 'utf8')) as {
  readonly entries: readonly { readonly when: number }[]
}
/** When the newest migration that this code brings was made; drizzle keeps the same number in the database. */
const expected = Math.max(...journal.entries.map(({ when }) => when))

/** `postgres` and `migrations`. A database that is ahead is fine: migrations only go forward, and old code lives with new tables. */
export function databaseChecks(db: Db): Check[] {
  return [
    { name: 'postgres', ask: async () => await db.orm.execute(sql`select 1`) },
    { name: 'migrations', ask: async () => demandMigrated(await migratedTo(db)) },
  ]
}

async function migratedTo(db: Db): Promise<number> {
  const [row] = await db.orm.execute<{ at: string | null }>(
    sql`select max(created_at)::text as at from drizzle.__drizzle_migrations`,
  )
  return Number(row?.at ?? 0)
}

function demandMigrated(at: number): void {
  if (at < expected) throw Object.assign(new Error('run bevis migrate'), { code: 'migrations-pending' })
}
