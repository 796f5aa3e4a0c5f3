/** Makes the login roles. Without them every process would be the same user and contracts §4 a promise on paper. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { auditOwner, type Role, roles } from '#db/rights.ts'

export type Passwords = Readonly<Record<Role, string>>

/** One number for everybody who makes roles; `bevis` in ASCII. */
const rolesLock = 0x62657669
const attempts = 5

/** A role of ours has powers nobody gave it here. */
export class RoleTooPowerful extends Error {
  readonly code = 'role-too-powerful'
}

/**
 * Creates the roles that are missing and sets every password. Roles belong to the whole cluster, so any number of callers, also
 * for different databases, may run this at once: they queue on one advisory lock. Passwords leave this process as SCRAM-SHA-256
 * verifiers only, so no server log ever shows one.
 *
 * @throws RoleTooPowerful when one of the roles is a superuser or ignores row-level security
 */
export async function ensureRoles(adminUrl: string, passwords: Passwords): Promise<void> {
  const sql = await maintenance(adminUrl)
  try {
    await patiently(() => makeAll(sql, passwords))
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function makeAll(sql: Sql, passwords: Passwords): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${rolesLock})`
    const existing = await tx<{ rolname: string }[]>`select rolname from pg_roles where rolname like 'bevis\\_%'`
    const known = new Set(existing.map((row) => row.rolname))
    if (!known.has(auditOwner)) await tx.unsafe(`create role ${auditOwner} nologin`)
    for (const role of roles) {
      const verb = known.has(role) ? 'alter' : 'create'
      await tx.unsafe(`${verb} role ${role} login password '${scramVerifier(passwords[role])}'`)
    }
    // A managed Postgres gives no superuser: whoever migrates must be able to hand schema audit over.
    const [member] = await tx<{ is: boolean }[]>`select pg_has_role(${auditOwner}, 'usage') as is`
    if (member?.is === false) await tx.unsafe(`grant ${auditOwner} to current_user`)
    await refusePowers(tx)
  })
}

async function refusePowers(tx: Sql | postgres.TransactionSql): Promise<void> {
  const strong = await tx<{ rolname: string }[]>`
    select rolname from pg_roles
    where rolname = any(${[auditOwner, ...roles]}) and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`
  if (strong.length > 0) throw new RoleTooPowerful(strong.map((row) => row.rolname).join(', '))
}

/** Advisory locks are per database, roles are not: everybody meets in `postgres`, or stays where it does not exist. */
async function maintenance(adminUrl: string): Promise<Sql> {
  const url = new URL(adminUrl)
  url.pathname = '/postgres'
  const shared = postgres(url.href, { max: 1, onnotice: () => undefined })
  try {
    await shared`select 1`
    return shared
  } catch (error) {
    await shared.end({ timeout: 5 })
    if (sqlState(error) !== '3D000' && sqlState(error) !== '42501') throw error
    return postgres(adminUrl, { max: 1, onnotice: () => undefined })
  }
}

/** Where the meeting place is missing two callers can still collide; the catalogue then says so and the second try finds the role. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const collided = ['42710', '23505', 'XX000'].includes(sqlState(error) ?? '')
      if (!collided || attempt === attempts) throw error
    }
  }
}

function sqlState(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined
}

/** RFC 5803 text as Postgres stores it (RFC 5802 §3). Our passwords are ASCII, so SASLprep changes nothing. */
export function scramVerifier(password: string, salt: Uint8Array = randomBytes(16)): string {
  const rounds = 4096
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256')
  const stored = createHash('sha256')
    .update(createHmac('sha256', salted).update('Client Key').digest())
    .digest('base64')
  const server = createHmac('sha256', salted).update('Server Key').digest('base64')
  return `SCRAM-SHA-256$${rounds}:${Buffer.from(salt).toString('base64')}$${stored}:${server}`
}
