/** Migrations: harmless to repeat, safe at once, and possible without a superuser. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
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
  await Promise.all([one, other, one, other].map(migrate))
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
  const root = fileURLToPath(new URL('../..', import.meta.url))
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
