/** An older copy of the database under a log that went on: it stands still, nothing is signed, and what was published comes back byte for byte. */
import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveClearances } from '#activities/signing/proof.ts'
import { parsePolicy } from '#audit/policy.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { appendEntries, readTrail } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readCheckpoint, readLog } from '#db/log.ts'
import { databaseAt } from '#dev/roles.ts'
import { logRound } from '#workers/log/keeper.ts'
import { bevis } from '../cli/run-bevis.ts'
import { type Ground, makeGround, north } from '../db/ground.ts'
import { startWorldLog, type WorldLog } from '../support/log.ts'

let ground: Ground
let log: WorldLog

beforeAll(async () => {
  ground = await makeGround({ nats: true })
  log = await startWorldLog(ground.world, ground.as('bevis_sequencer'), { keep: false })
}, 1_200_000)

afterAll(async () => {
  await log?.stop()
  await ground?.dispose()
})

const round = () => logRound(log.dependencies, north)
const within = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(ground.as('bevis_sequencer'), north, work)

function appended(trail: string, count: number) {
  const drafts = Array.from({ length: count }, (_, index) => ({
    trail,
    id: `case_x:judging-${index}:${randomUUID()}`,
    type: 'case.judging/1',
    actor: { ref: 'pipeline', kind: 'service' as const, role: 'gate' },
    act: { meaning: 'judge', outcome: 'success' },
    data: { evidenceVersion: 1 },
  }))
  return inInstitution(ground.as('bevis_pipeline'), north, (tx) => appendEntries(tx, drafts))
}

/** A copy of the whole database as it is, or that copy in its place: what an operator does with a backup. */
async function copied(from: string, to: string): Promise<void> {
  const admin = postgres(databaseAt(ground.world.adminUrl, 'postgres'), { max: 1, onnotice: () => undefined })
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname in (${from}, ${to})`
  await admin`drop database if exists ${admin(to)} with (force)`
  await admin`create database ${admin(to)} template ${admin(from)}`
  await admin.end()
}

const recover = (...more: string[]) =>
  bevis(['log', 'recover', north, ...more, '--json'], {
    env: {
      BEVIS_DATABASE_URL: ground.world.url('bevis_api'),
      BEVIS_OWNER_DATABASE_URL: ground.world.adminUrl,
      BEVIS_SECRETS_FILE: ground.world.secretsFile,
      BEVIS_NATS_URL: ground.world.nats.url,
      BEVIS_NATS_SEED_FILE: ground.world.nats.identity('admin').seedFile,
    },
  })

const bundle = 'tile/entries/000.p/19'
const write = (change: (bytes: Buffer) => Uint8Array) => (file: string) =>
  writeFileSync(file, change(readFileSync(file)))

/** What may be wrong with the copy that one recovers from. */
const damages: readonly [damage: (file: string) => void, code: string, named: string, exit: number][] = [
  [write(() => Buffer.from('no bundle')), 'log/bundle-malformed', bundle, 3],
  [write(() => Buffer.alloc(0)), 'log/bundle-malformed', bundle, 3],
  [write((bytes) => bytes.subarray(0, -1)), 'log/bundle-malformed', bundle, 3],
  [write((bytes) => bytes.subarray(0, 2 + bytes.readUInt16BE(0))), 'log/bundle-malformed', 'it holds 1', 3],
  [write((bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(0)])), 'log/other-history', 'the root', 3],
  [(file) => rmSync(file), 'log/bundle-missing', bundle, 4],
  [
    (file) => {
      rmSync(file)
      mkdirSync(file)
    },
    'log/not-a-file',
    bundle,
    3,
  ],
  [
    (file) => {
      rmSync(file)
      symlinkSync(file, file)
    },
    'log/unreadable',
    bundle,
    7,
  ],
]

test('a restored copy freezes the log, closes the signing gate, and is filled again from what was published', async () => {
  const trail = randomUUID()
  const database = new URL(ground.world.adminUrl).pathname.slice(1)
  await appended(trail, 10)
  await round()
  await appended(trail, 2)
  await copied(database, `${database}_copy`)
  // What the copy does not know: published, seen by the witness, and in the lock.
  await appended(trail, 3)
  await appended(randomUUID(), 4)
  await round()
  const published = await within((tx) => readCheckpoint(tx))
  const lost = await within((tx) => readTrail(tx, trail))
  expect(published?.size).toBe(19)
  await copied(`${database}_copy`, database)

  await round()
  expect(await within(readLog)).toMatchObject({ size: 12, frozen: 'behind-lock' })
  const clearance = { id: 'x', trail, n: 1, leaf: lost[0]?.leaf ?? new Uint8Array() }
  const gate = within((tx) => proveClearances(tx, parsePolicy('quorum none\n'), [{ clearance, provedBy: undefined }]))
  await expect(gate).rejects.toMatchObject({ type: 'LogFrozen' })
  await round()
  expect((await within((tx) => readCheckpoint(tx)))?.size).toBe(10)

  const told = await recover()
  expect([told.code, told.json()]).toEqual([6, { frozen: 'behind-lock', size: 12, locked: 19 }])
  const without = await recover('--reason', 'disk-lost')
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('--dir or --url')])
  for (const [damage, code, named, exit] of damages) {
    const copy = mkdtempSync(join(tmpdir(), 'bevis-copy-'))
    cpSync(join(log.dir, north), copy, { recursive: true })
    damage(join(copy, bundle))
    const refused = await recover('--reason', 'disk-lost', '--dir', copy)
    const { error } = JSON.parse(refused.stderr) as { error: { code: string; what: string } }
    expect([refused.code, error.code, error.what]).toEqual([exit, code, expect.stringContaining(named)])
    rmSync(copy, { recursive: true })
  }
  expect(await within(readLog)).toMatchObject({ size: 12, frozen: 'behind-lock' })
  const done = await recover('--reason', 'disk-lost', '--dir', join(log.dir, north))
  expect([done.code, done.stderr]).toEqual([0, expect.any(String)])
  expect(done.json()).toMatchObject({ putBack: 7 })

  expect(await within((tx) => readTrail(tx, trail))).toEqual(lost)
  await appended(trail, 1)
  await round()
  const now = await within(readLog)
  // Seven put back, one that says so, one that follows.
  expect(now).toMatchObject({ size: 21, frozen: undefined })
  expect((await within((tx) => readCheckpoint(tx)))?.size).toBe(21)
  const whole = await within((tx) => readTrail(tx, trail))
  const head = { n: 16, hash: whole.at(-1)?.leafHash.toString() ?? '' }
  expect(head.n).toBe(whole.length)
  const { checks } = verifyTrail(whole.map(({ leaf }) => leaf))
  expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  expect(await within((tx) => tx.execute(sql`select from audit.pending`))).toEqual([])
})

test('a lock that NATS lost is nobody’s word: without witnesses the log stands still until somebody says so', async () => {
  const policy = join(log.policyDir, `${north}.policy`)
  const [logLine = ''] = readFileSync(policy, 'utf8').split('\n')
  writeFileSync(policy, `${logLine}\nquorum none\n`)
  const admin = await ground.world.nats.connect(ground.world.nats.identity('admin'))
  await (await jetstreamManager(admin)).streams.purge('KV_LOG_LOCK', { filter: `$KV.LOG_LOCK.${north}` })
  await appended(randomUUID(), 1)
  await round()
  expect(await within(readLog)).toMatchObject({ frozen: 'lock-lost' })
  expect((await recover()).json()).toMatchObject({ frozen: 'lock-lost', locked: 0 })
  expect((await recover('--reason', 'nats-lost')).code).toBe(0)
  await round()
  const now = await within(readLog)
  expect(now?.frozen).toBeUndefined()
  expect((await within((tx) => readCheckpoint(tx)))?.size).toBe(now?.size)
})
