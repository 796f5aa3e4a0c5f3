/** What an operator asks a database before anything else; without it a wrong role would show as a refusal deep inside a case. */
import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { type Db, inInstitution, listInstitutions, sqlState } from '#db/client.ts'

export interface SessionFacts {
  readonly role: string
  /** A superuser, or one whom row-level security does not hold. */
  readonly tooPowerful: boolean
  /** The server's version, `18.1`. */
  readonly version: string
  /** The server's clock less ours, in milliseconds, taken in the middle of the question. */
  readonly clockAheadMs: number
}

/** Who we are there, and how late it is there. */
export async function sessionFacts(db: Db): Promise<SessionFacts> {
  // The first question opens the connection, and would count as lateness.
  await db.sql`select 1`
  const asked = Date.now()
  const [row] = await db.sql<{ role: string; powerful: boolean; version: string; now: string }[]>`
    select current_user::text as role, coalesce(rolsuper or rolbypassrls, false) as powerful,
      current_setting('server_version') as version, (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now
    from pg_roles where rolname = current_user`
  const between = (asked + Date.now()) / 2
  if (row === undefined) throw new Error('the session has no role')
  const { role, powerful, version, now } = row
  return { role, tooPowerful: powerful, version, clockAheadMs: Math.round(Number(now) - between) }
}

/** Migrations this version has and the database lacks, by name; `unseen` where the role may not look. */
export async function pendingMigrations(db: Db): Promise<readonly string[] | 'unseen'> {
  const { entries } = JSON.parse(readFileSync(new URL('migrations/meta/_journal.json', import.meta.url), 'utf8')) as {
    entries: { when: number; tag: string }[]
  }
  try {
    const rows = await db.sql<{ when: string }[]>`select created_at::text as when from drizzle.__drizzle_migrations`
    const run = new Set(rows.map((row) => Number(row.when)))
    return entries.filter(({ when }) => !run.has(when)).map(({ tag }) => tag)
  } catch (error) {
    const state = sqlState(error)
    if (state === '42501') return 'unseen'
    if (state === '42P01' || state === '3F000') return entries.map(({ tag }) => tag)
    throw error
  }
}

/** `<institution> in <table>` wherever there are rows of one that has no register; `unseen` where the role may not look. */
export async function unregisteredRows(db: Db): Promise<readonly string[] | 'unseen'> {
  try {
    const rows = await db.sql<{ what: string }[]>`select unregistered() as what`
    return rows.map(({ what }) => what)
  } catch (error) {
    if (sqlState(error) === '42501') return 'unseen'
    throw error
  }
}

export interface Backlog {
  /** Rows of the outbox that are due and not sent. */
  readonly due: number
  /** How long the oldest of them has existed, in seconds; 0 without any. */
  readonly oldestSeconds: number
  /** Events that wait for somebody. */
  readonly openDeadLetters: number
}

/** Over all institutions; `unseen` where the role may not look. */
export async function backlog(db: Db): Promise<Backlog | 'unseen'> {
  const total = { due: 0, oldestSeconds: 0, openDeadLetters: 0 }
  try {
    for (const institution of await listInstitutions(db)) {
      const [row] = await inInstitution(db, institution, (tx) =>
        tx.execute<{ due: number; oldest: number; open: number }>(sql`
          select (select count(*)::int from outbox where institution = ${institution} and done_at is null and due_at <= clock_timestamp()) as due,
            (select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::int from outbox
              where institution = ${institution} and done_at is null and due_at <= clock_timestamp()) as oldest,
            (select count(*)::int from dead_letter where institution = ${institution} and state = 'open') as open`),
      )
      total.due += row?.due ?? 0
      total.oldestSeconds = Math.max(total.oldestSeconds, row?.oldest ?? 0)
      total.openDeadLetters += row?.open ?? 0
    }
    return total
  } catch (error) {
    if (sqlState(error) === '42501') return 'unseen'
    throw error
  }
}
