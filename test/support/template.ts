/** The migrated database that every test's own is copied from: without it each file would migrate anew. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { migrate } from '#db/migrate.ts'
import { ensureRoles } from '#db/roles.ts'
import { databaseAt, rolePasswords } from '#dev/roles.ts'
import { withLock } from '#dev/servers/lock.ts'
import { root, testPaths } from './paths.ts'

/** Runs one piece of SQL as the superuser. */
async function administer<T>(adminUrl: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Makes a database of its own for one test file; gives its name. */
export async function createDatabase(adminUrl: string): Promise<string> {
  const template = await ensureTemplate(adminUrl)
  const name = `world_${randomBytes(8).toString('hex')}`
  await administer(adminUrl, async (sql) => await sql`create database ${sql(name)} template ${sql(template)}`)
  return name
}

export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await administer(adminUrl, async (sql) => await sql`drop database if exists ${sql(name)} with (force)`)
}

/** The template for the migrations and rights as they are now, made once and kept between runs. */
async function ensureTemplate(adminUrl: string): Promise<string> {
  const name = `template_${migrationsHash()}`
  return await withLock(testPaths.templateLock, async () => {
    const known = await administer(
      adminUrl,
      async (sql) => await sql`select 1 from pg_database where datname = ${name}`,
    )
    if (known.length === 0) await makeTemplate(adminUrl, name)
    return name
  })
}

async function makeTemplate(adminUrl: string, name: string): Promise<void> {
  const draft = `${name}_draft`
  await dropDatabase(adminUrl, draft)
  await dropLeftovers(adminUrl)
  await administer(adminUrl, async (sql) => await sql`create database ${sql(draft)}`)
  await ensureRoles(databaseAt(adminUrl, draft), rolePasswords(adminUrl))
  await migrate(databaseAt(adminUrl, draft))
  // Renamed when whole: an interrupted migration never becomes a template.
  await administer(adminUrl, async (sql) => await sql`alter database ${sql(draft)} rename to ${sql(name)}`)
}

/** Databases of runs that were killed, and templates of migrations that have changed since. */
async function dropLeftovers(adminUrl: string): Promise<void> {
  const old = await administer(
    adminUrl,
    async (sql) =>
      await sql<{ name: string }[]>`
      select datname as name from pg_database d
      where (datname like 'template\\_%' or datname like 'world\\_%')
        and not exists (select 1 from pg_stat_activity a where a.datname = d.datname)
        and (pg_stat_file('base/' || d.oid || '/PG_VERSION')).modification < now() - interval '6 hours'`,
  )
  for (const { name } of old) await dropDatabase(adminUrl, name)
}

function migrationsHash(): string {
  const folder = join(root, 'db', 'migrations')
  const hash = createHash('sha256').update(readFileSync(join(root, 'db', 'rights.ts')))
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted() : []
  for (const file of files.filter((name) => /[.](sql|json)$/.test(name))) {
    hash.update(`\0${file}\0`).update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 16)
}
