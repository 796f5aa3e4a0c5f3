/** Migrations: harmless to repeat, safe at once, and possible without a superuser. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '#db/migrate.ts'
import { rights } from '#db/rights.ts'
import { ensureRoles } from '#db/roles.ts'
import { databaseAt, rolePasswords } from '#dev/roles.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let admin: postgres.Sql
const made: { databases: string[]; roles: string[] } = { databases: [], roles: [] }
beforeAll(async () => {
  world = await createWorld()
  admin = postgres(world.adminUrl, { max: 2, onnotice: () => undefined })
})
afterAll(async () => {
  for (const name of made.databases) await admin`drop database if exists ${admin(name)} with (force)`
  for (const name of made.roles) {
    await admin`revoke bevis_audit_owner from ${admin(name)} cascade`
    await admin`drop role if exists ${admin(name)}`
  }
  await admin.end({ timeout: 5 })
  await world.dispose()
})

const root = fileURLToPath(new URL('../..', import.meta.url))

async function emptyDatabase(): Promise<string> {
  const name = `world_${randomBytes(8).toString('hex')}`
  made.databases.push(name)
  await admin`create database ${admin(name)}`
  return databaseAt(world.adminUrl, name)
}

async function shapeOf(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1 })
  try {
    const rows = await sql<{ line: string }[]>`
      select table_schema || '.' || table_name || '.' || column_name || ' ' || data_type as line from information_schema.columns
      where table_schema in ('public', 'audit')
      union all select conrelid::regclass || ' ' || conname from pg_constraint where connamespace in ('public'::regnamespace, 'audit'::regnamespace)
      union all select polrelid::regclass || ' ' || polname from pg_policy
      union all select grantee || ' ' || privilege_type || ' ' || table_name || '.' || column_name
        from information_schema.column_privileges where grantee like 'bevis\\_%'
      order by 1`
    return rows.map((row) => row.line)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

test('an empty database gets every table of the house, whoever migrates it and however many at once', async () => {
  const [one, other] = await Promise.all([emptyDatabase(), emptyDatabase()])
  await Promise.all([one, other].map((url) => ensureRoles(url, rolePasswords(world.adminUrl))))
  await Promise.all([one, other, one, other].map((url) => migrate(url)))
  const shape = await shapeOf(one)
  expect(shape).toEqual(await shapeOf(other))
  for (const table of Object.keys(rights)) expect(shape.join('\n')).toContain(`${table}.`)
})

test('a second run changes nothing and loses no row', async () => {
  await admin`insert into institution (institution, origin, trail, body) values ('norrsken', 'x/norrsken', gen_random_uuid(), '{}')`
  const before = await shapeOf(world.adminUrl)
  await migrate(world.adminUrl)
  expect(await shapeOf(world.adminUrl)).toEqual(before)
  expect(await admin`select institution from institution`).toHaveLength(1)
})

test('an index is built while writers go on, and one that was left half built is built again', async () => {
  const url = await emptyDatabase()
  await ensureRoles(url, rolePasswords(world.adminUrl))
  await migrate(url)
  const folder = oneMore('CREATE INDEX CONCURRENTLY IF NOT EXISTS "outbox_tried" ON "outbox" ("attempts");')
  const sql = postgres(url, { max: 2, onnotice: () => undefined })
  try {
    await sql`create index outbox_tried on outbox (target)`
    await sql`update pg_index set indisvalid = false where indexrelid = 'outbox_tried'::regclass`
    const writer = await sql.reserve()
    await writer`begin`
    await writer`insert into outbox (id, institution, kind, target, payload) values ('a', 'norrsken', 'event', 't', '{}')`
    const both = Promise.all([migrate(url, folder), migrate(url, folder)])
    // It waits for who wrote before, but nobody who comes later waits for it.
    await sql`insert into outbox (id, institution, kind, target, payload) values ('b', 'norrsken', 'event', 't', '{}')`
    await writer`commit`
    writer.release()
    await both
    const [index] = await sql`
      select indisvalid as valid, pg_get_indexdef(indexrelid) as definition from pg_index
      where indexrelid = 'outbox_tried'::regclass`
    expect(index).toEqual({ valid: true, definition: expect.stringContaining('(attempts)') })
    expect(await sql`select id from outbox`).toHaveLength(2)
  } finally {
    await sql.end({ timeout: 5 })
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a migration that mixes what must and what cannot be in one transaction is refused, and nothing of it done', async () => {
  const url = await emptyDatabase()
  await ensureRoles(url, rolePasswords(world.adminUrl))
  const index = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "outbox_tried" ON "outbox" ("attempts");'
  const folder = oneMore(`ALTER TABLE outbox ADD COLUMN more text;--> statement-breakpoint\n${index}`)
  try {
    await expect(migrate(url, folder)).rejects.toThrow('need a migration of their own')
    expect((await shapeOf(url)).join('\n')).not.toContain('outbox.more')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** The migrations of the house and one that comes after them. */
function oneMore(sql: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-migrations-'))
  cpSync(join(root, 'db/migrations'), folder, { recursive: true })
  const file = join(folder, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { idx: number; when: number; tag: string }[] }
  const last = journal.entries.at(-1)
  journal.entries.push({ ...last, idx: 9999, when: (last?.when ?? 0) + 1, tag: '9999_more' })
  writeFileSync(file, JSON.stringify(journal))
  writeFileSync(join(folder, '9999_more.sql'), sql)
  return folder
}

test('every index on a table that was there before is built beside the work', () => {
  const folder = join(root, 'db/migrations')
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  for (const file of files) {
    const sql = readFileSync(join(folder, file), 'utf8')
    const own = new Set([...sql.matchAll(/CREATE TABLE "?(?:audit"\.")?(\w+)"?/gi)].map(([, name]) => name))
    const blocking = [...sql.matchAll(/CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON "?(?:audit"\.")?(\w+)"?/gi)]
    expect(
      blocking.filter(([, table]) => !own.has(table)).map(([statement]) => statement),
      file,
    ).toEqual([])
  }
})

test('a right given by hand is taken back', async () => {
  await admin`grant delete on credential to bevis_pipeline`
  await migrate(world.adminUrl)
  const [may] = await admin`select has_table_privilege('bevis_pipeline', 'credential', 'delete') as is`
  expect(may?.['is']).toBe(false)
})

test('an owner who is no superuser can migrate, as on a managed server', async () => {
  const owner = `owner_${randomBytes(6).toString('hex')}`
  made.roles.push(owner)
  await admin.unsafe(`create role ${owner} login password 'only-here' createrole`)
  // The roles exist already, so the server's operator hands them over: that is how a managed server would be set up.
  await admin.unsafe(`grant bevis_audit_owner to ${owner}`)
  const url = new URL(await emptyDatabase())
  await admin.unsafe(`alter database ${url.pathname.slice(1)} owner to ${owner}`)
  url.username = owner
  url.password = 'only-here'
  await migrate(url.href)
  expect(await shapeOf(url.href)).toContain('audit.entry entry_is_its_leaf')
})

test('the migrations say what the tables in the code say', () => {
  const copy = mkdtempSync(join(tmpdir(), 'bevis-migrations-'))
  try {
    cpSync(join(root, 'db/migrations'), copy, { recursive: true })
    const before = readdirSync(copy)
    const kit = join(root, 'node_modules/drizzle-kit/bin.cjs')
    const into = ['--dialect=postgresql', '--schema=./db/schema/*.ts', `--out=${relative(root, copy)}`]
    execFileSync(process.execPath, [kit, 'generate', ...into], { cwd: root, stdio: 'pipe' })
    expect(readdirSync(copy)).toEqual(before)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
