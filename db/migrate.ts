/** Brings a database to the shape this code expects; without it two processes starting at once would both try, and half succeed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import postgres, { type Sql } from 'postgres'
import { rightsAsSql } from '#db/rights.ts'

const migrationsFolder = fileURLToPath(new URL('migrations', import.meta.url))
/** Held while one process migrates; the others wait and find nothing to do. */
const migrationLock = 0x62657670
const lookAgainMs = 100

/**
 * Runs the pending migrations and brings all rights to what `rights.ts` says. Needs the roles (`ensureRoles`) and an owner's
 * login. Safe to run at any time, by many at once, and while everything works: indexes are built beside it (decision 0044).
 * @param folder of drizzle's files; the house's own where nothing is said
 */
export async function migrate(adminUrl: string, folder: string = migrationsFolder): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined })
  try {
    await takeLock(sql)
    for (const migration of await pending(sql, folder)) await run(sql, migration)
    await applyRights(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Asked for again and again: who waited inside Postgres would be waited for by an index that is built, and neither would go on. */
async function takeLock(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<{ mine: boolean }[]>`select pg_try_advisory_lock(${migrationLock}) as mine`
    if (row?.mine === true) return
    await sleep(lookAgainMs)
  }
}

/** Those that are newer than the newest one recorded, in their order; the table is drizzle's own. */
async function pending(sql: Sql, folder: string): Promise<MigrationMeta[]> {
  await sql`create schema if not exists drizzle`
  await sql`
    create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`
  const [row] = await sql<{ last: string | null }[]>`
    select max(created_at)::text as last from drizzle.__drizzle_migrations`
  return readMigrationFiles({ migrationsFolder: folder }).filter(
    ({ folderMillis }) => folderMillis > Number(row?.last ?? 0),
  )
}

const concurrently = /^\s*(?:create\s+(?:unique\s+)?|drop\s+)index\s+concurrently\s+if\s+(?:not\s+)?exists\s+"(\w+)"/i

/** @throws Error for a migration that mixes what must and what cannot be in one transaction */
async function run(sql: Sql, migration: MigrationMeta): Promise<void> {
  const beside = migration.sql.filter((statement) => concurrently.test(statement))
  if (beside.length === 0) {
    await sql.begin(async (tx) => {
      for (const statement of migration.sql) await tx.unsafe(statement)
      await record(tx, migration)
    })
    return
  }
  if (beside.length < migration.sql.length) throw new Error('indexes built concurrently need a migration of their own')
  for (const statement of beside) await buildBeside(sql, statement)
  await record(sql, migration)
}

/** What an interrupted build left is of no use to queries, would be taken for the index, and is removed first. */
async function buildBeside(sql: Sql, statement: string): Promise<void> {
  const name = concurrently.exec(statement)?.[1] ?? ''
  const [invalid] = await sql`
    select from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = ${name} and not i.indisvalid`
  if (invalid !== undefined) await sql`drop index concurrently ${sql(name)}`
  await sql.unsafe(statement)
}

async function record(sql: Pick<Sql, 'unsafe'>, { hash, folderMillis }: MigrationMeta): Promise<void> {
  await sql.unsafe('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, folderMillis])
}

/** One transaction: no process ever sees the moment in between. */
async function applyRights(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    for (const statement of rightsAsSql()) await tx.unsafe(statement)
  })
}
