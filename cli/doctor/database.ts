/** Postgres: reachable, under the right role, migrated, with a sound clock and nothing piling up. */

import { readSecrets, type Secrets } from '#config/secrets.ts'
import { type Backlog, backlog, pendingMigrations, sessionFacts, unregisteredRows } from '#db/check-up.ts'
import { type Db, openDb, sqlState } from '#db/client.ts'
import { otherSecrets } from '#db/secrets-mark.ts'
import { type Answer, attention, type Check, failed, ok, patienceMs, skipped, unreachable } from './check.ts'
import type { Patient } from './patient.ts'

/** Nothing here is decrypted, so no key is needed. */
const noKeys = { kek: new Uint8Array(32), hmac: new Uint8Array(32) }

export function databaseChecks(patient: Patient): readonly Check[] {
  const url = patient.value('BEVIS_DATABASE_URL')
  const check = (id: string, judge: (db: Db) => Promise<Answer>, address = url): Check => ({
    id,
    ask: async () => (address === undefined ? skipped('BEVIS_DATABASE_URL is not set here') : withDb(address, judge)),
  })
  return [
    check('postgres', (db) => judgeSession(db, patient)),
    check('migrations', judgeMigrations, patient.ownerUrl ?? url),
    secretsCheck(patient, url),
    check('institutions', judgeInstitutions),
    check('clock', judgeClock),
    check('outbox', async (db) => judgeOutbox(await backlog(db))),
    check('dead letters', async (db) => judgeDeadLetters(await backlog(db))),
  ]
}

function secretsCheck({ value }: Patient, url: string | undefined): Check {
  const file = value('BEVIS_SECRETS_FILE')
  const judge = async (db: Db, secrets: Secrets): Promise<Answer> => {
    const others = await otherSecrets(db, secrets)
    const mend = 'put the file back that this database was begun with (docs/operations.md#secrets-changed)'
    return others.length === 0
      ? ok('none is another than the database was begun with')
      : failed(`${others.join(', ')} of ${file} is another than the database was begun with`, mend)
  }
  return {
    id: 'secrets',
    ask: async () =>
      url === undefined || file === undefined
        ? skipped('BEVIS_DATABASE_URL or BEVIS_SECRETS_FILE is not set here')
        : withDb(url, (db) => judge(db, readSecrets(file))),
  }
}

async function withDb(url: string, judge: (db: Db) => Promise<Answer>): Promise<Answer> {
  const db = openDb(url, noKeys, { max: 1, connectTimeoutMs: patienceMs })
  try {
    return await judge(db)
  } catch (error) {
    const { host } = new URL(url)
    const state = sqlState(error)
    if (state === '28P01' || state === '28000')
      return failed(
        `Postgres at ${host} refuses the login (${state})`,
        'give the password of this role; bevis config show tells where it comes from',
      )
    if (state === '3D000') return failed(`Postgres at ${host} has no such database`, 'create it, or mend the address')
    if (state !== undefined)
      return failed(`Postgres at ${host} refuses (${state})`, 'bring it up to date: bevis migrate')
    const mend = 'start it, or mend BEVIS_DATABASE_URL; on this machine: bevis stack status'
    return unreachable(`Postgres at ${host} does not answer`, mend)
  } finally {
    await db.close()
  }
}

async function judgeSession(db: Db, { process: name }: Patient): Promise<Answer> {
  const { role, tooPowerful, version } = await sessionFacts(db)
  const told = `Postgres ${version}, as ${role}`
  if (tooPowerful)
    return failed(
      `${told}, whom row-level security does not hold`,
      'use the role of this process (contracts: one role each)',
    )
  const own = `bevis_${name}`
  const isOther = name !== 'cli' && name !== 'keys' && role !== own
  return isOther ? failed(`${told}, which is not ${own}`, `give ${name} the login of ${own}`) : ok(told)
}

async function judgeMigrations(db: Db): Promise<Answer> {
  const pending = await pendingMigrations(db)
  if (pending === 'unseen') return skipped('only the owner of the database can see them')
  return pending.length === 0
    ? ok('the database is what this version expects')
    : failed(`${pending.length} pending: ${pending.join(', ')}`, 'run: bevis migrate')
}

/** Nothing at night looks at an institution whose row in the register is gone; only this does, and the look at any other. */
async function judgeInstitutions(db: Db): Promise<Answer> {
  const found = await unregisteredRows(db)
  if (found === 'unseen') return skipped('this role may not see it')
  return found.length === 0
    ? ok('every row is of a registered institution')
    : failed(
        `rows of an institution without a register: ${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}`,
        'somebody took the register’s row away or planted these (docs/operations.md#record-differs)',
      )
}

/** Wide enough for a slow line, narrow enough for a login that must be five minutes old at most. */
const widestSkewMs = 2_000

async function judgeClock(db: Db): Promise<Answer> {
  const { clockAheadMs } = await sessionFacts(db)
  const told = `Postgres is ${Math.abs(clockAheadMs)} ms ${clockAheadMs < 0 ? 'behind' : 'ahead'}`
  return Math.abs(clockAheadMs) <= widestSkewMs
    ? ok(told)
    : failed(told, 'have both machines keep time (NTP); deadlines and logins stand on it')
}

const patienceSeconds = 120

function judgeOutbox(found: Backlog | 'unseen'): Answer {
  if (found === 'unseen') return skipped('this role may not see it')
  const { due, oldestSeconds } = found
  if (due === 0) return ok('nothing waits')
  const told = `${due} wait, the oldest for ${oldestSeconds} s`
  return oldestSeconds <= patienceSeconds
    ? ok(told)
    : failed(told, 'see that the relay runs and reaches NATS and Temporal: bevis work relay')
}

function judgeDeadLetters(found: Backlog | 'unseen'): Answer {
  if (found === 'unseen') return skipped('this role may not see them')
  const { openDeadLetters } = found
  return openDeadLetters === 0
    ? ok('none waits')
    : attention(`${openDeadLetters} wait for somebody`, 'see bevis dead-letter list')
}
