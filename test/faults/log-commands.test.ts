/** `bevis log recover` and `bevis log succeed` killed wherever they write, given twice at once, and a lock lost at the worst moment: they come to their end, once. */
import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveClearances } from '#activities/signing/proof.ts'
import { checkLog } from '#audit/check-log.ts'
import { parseCheckpoint } from '#audit/checkpoint.ts'
import { parseNote } from '#audit/note.ts'
import { parsePolicy } from '#audit/policy.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { appendEntries, type EntryDraft, readTrail } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { freezeLog, readCheckpoint, readLog } from '#db/log.ts'
import { currentLog } from '#db/succession.ts'
import { databaseAt } from '#dev/roles.ts'
import { checkTables } from '#workers/log/check.ts'
import { logRound } from '#workers/log/keeper.ts'
import { openLog } from '../../cli/log-source.ts'
import { bevis } from '../cli/run-bevis.ts'
import { type Ground, makeGround, north } from '../db/ground.ts'
import { startWorldLog, type WorldLog } from '../support/log.ts'
import { arm, firedBy, passedPoints } from './points.ts'

let ground: Ground
let log: WorldLog
/** The institution's own trail, in which both commands write. */
let own: string
const scratch = mkdtempSync(join(tmpdir(), 'bevis-log-commands-'))

beforeAll(async () => {
  ground = await makeGround({ nats: true })
  log = await startWorldLog(ground.world, ground.as('bevis_sequencer'), { keep: false })
  own = (await within(readInstitution)).trail
  await appended(4)
  await round()
}, 1_200_000)

afterAll(async () => {
  await log?.stop()
  await ground?.dispose()
  rmSync(scratch, { recursive: true, force: true })
})

const round = () => logRound(log.dependencies, north)
const within = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(ground.as('bevis_sequencer'), north, work)
const policyFile = () => join(log.policyDir, `${north}.policy`)
const trail = randomUUID()

function appended(count: number) {
  const drafts = Array.from({ length: count }, () => ({
    trail,
    id: `case_x:judging:${randomUUID()}`,
    type: 'case.judging/1',
    actor: { ref: 'pipeline', kind: 'service' as const, role: 'gate' },
    act: { meaning: 'judge', outcome: 'success' },
    data: { evidenceVersion: 1 },
  }))
  return inInstitution(ground.as('bevis_pipeline'), north, (tx) => appendEntries(tx, drafts))
}

/** One that waits in the institution's own trail when a command begins to write there. */
function waiting() {
  const draft: EntryDraft = {
    trail: own,
    id: `record:test:${randomUUID()}`,
    type: 'record.gone-on-without/1',
    actor: { ref: 'operator', kind: 'service', role: 'operator' },
    act: { meaning: 'recover', outcome: 'success', reason: 'test' },
    data: { mark: 0, reached: 0, lists: 0, cases: 0 },
  }
  return inInstitution(ground.as('bevis_api'), north, (tx) => appendEntries(tx, [draft]))
}

const command = (...words: string[]) =>
  bevis(['log', ...words, '--json'], {
    env: {
      BEVIS_OWNER_DATABASE_URL: ground.world.adminUrl,
      BEVIS_SECRETS_FILE: ground.world.secretsFile,
      BEVIS_NATS_URL: ground.world.nats.url,
      BEVIS_NATS_SEED_FILE: ground.world.nats.identity('admin').seedFile,
      BEVIS_FAILPOINTS_DIR: scratch,
    },
  })
/** Ends the log that is signed now, and no other however often it is given. */
async function succeeding() {
  const { origin } = await within(currentLog)
  return () => command('succeed', north, '--ends', origin, '--reason', 'key-compromised')
}
const recover = async () => command('recover', north, '--reason', 'drill', '--dir', await published())

async function published(): Promise<string> {
  const { generation } = await within(currentLog)
  return join(log.dir, generation === 1 ? north : `${north}.${generation}`)
}

const filling = ['cli put-back 1 after-effect', 'cli put-back 1 after-commit']
const succession = [
  'cli end 1 after-effect',
  'cli end 1 after-commit',
  'cli fence 1 after-commit',
  'cli begin 1 after-effect',
  'cli begin 1 after-commit',
]
const relocking = ['cli relock 2 before', 'cli relock 2 after-commit']
/** Leave the same behind as one of those: nothing yet, or what the step before had committed. The first effect of relocking reads. */
const alike = [
  'put-back 1 before',
  'end 1 before',
  'fence 1 before',
  'fence 1 after-effect',
  'begin 1 before',
  'relock 1 before',
  'relock 1 after-effect',
  'relock 1 after-commit',
  'relock 2 after-effect',
].map((point) => `cli ${point}`)
/** Passed only by whoever was overtaken at the lock, which of two at once may be or not; it has left nothing of its own behind. */
const overtaken = ['cli fence 2 before', 'cli fence 2 after-effect', 'cli fence 2 after-commit']

/** The command, which dies there. */
async function killedAt(point: string, run: typeof recover): Promise<void> {
  arm(scratch, point)
  const { code, stderr } = await run()
  expect([code, stderr, firedBy(scratch, point)]).toEqual([null, '', expect.any(Number)])
}

const countOf = async (type: string) =>
  (await ground.admin`select from audit.entry where institution = ${north} and type = ${type}`).length

/** Whole, signed to its end, and the gate open. */
async function expectWell(): Promise<void> {
  await appended(1)
  await round()
  const now = await within(readLog)
  expect(now).toMatchObject({ frozen: undefined })
  expect((await within((tx) => readCheckpoint(tx)))?.size).toBe(now?.size)
  expect(await ground.admin`select from audit.pending where institution = ${north}`).toHaveLength(0)
  expect((await checkTables(ground.as('bevis_sequencer'), north)).findings).toEqual([])
  expect(await faultsOfFiles()).toEqual([])
  const [first] = await within((tx) => readTrail(tx, trail))
  const clearance = { id: 'x', trail, n: 1, leaf: first?.leaf ?? new Uint8Array() }
  const policy = parsePolicy(readFileSync(policyFile(), 'utf8'))
  const [proof] = await within((tx) => proveClearances(tx, policy, [{ clearance, provedBy: undefined }]))
  expect(proof).toMatchObject({ size: now?.size })
}

async function faultsOfFiles(): Promise<string[]> {
  const dir = await published()
  const { origin, size, root } = parseCheckpoint(parseNote(readFileSync(join(dir, 'checkpoint'), 'utf8')).text)
  const found: string[] = []
  const tell = ({ code, path }: { code: string; path: string }) => void found.push(`${path} ${code}`)
  await checkLog({ read: openLog({ dir }), size, root, tell, onEntry: trailChains(origin).next })
  return found
}

/** What people do when the log worker says which line the policy needs. */
async function keyNamed(): Promise<void> {
  const line = await round().then(
    () => '',
    ({ message }: Error) => /log \S+$/.exec(message)?.[0] ?? '',
  )
  appendFileSync(policyFile(), `${line}\n`)
}

async function copied(from: string, to: string): Promise<void> {
  const admin = postgres(databaseAt(ground.world.adminUrl, 'postgres'), { max: 1, onnotice: () => undefined })
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname in (${from}, ${to})`
  await admin`drop database if exists ${admin(to)} with (force)`
  await admin`create database ${admin(to)} template ${admin(from)}`
  await admin.end()
}

/** An older copy in the database's place, found out. @returns what stood in the trail before */
async function restored() {
  const database = new URL(ground.world.adminUrl).pathname.slice(1)
  await copied(database, `${database}_copy`)
  await appended(3)
  await round()
  const lost = await within((tx) => readTrail(tx, trail))
  await copied(`${database}_copy`, database)
  await round()
  expect(await within(readLog)).toMatchObject({ frozen: 'behind-lock' })
  return lost
}

/** All of them as far as the log's row, which they find held; what happens meanwhile; then they are let go at once. */
async function together(run: typeof recover, times: number, meanwhile?: (tx: postgres.Sql) => Promise<unknown>) {
  const runs: ReturnType<typeof recover>[] = []
  await ground.admin.begin(async (tx) => {
    await tx`select from audit.log where institution = ${north} for update`
    for (let started = 0; started < times; started += 1) runs.push(run())
    const waiting = async () =>
      (await ground.admin`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
        .length
    await expect.poll(waiting).toBe(times)
    await meanwhile?.(tx as unknown as postgres.Sql)
  })
  return Promise.all(runs)
}

async function loseLock(): Promise<void> {
  const admin = await ground.world.nats.connect(ground.world.nats.identity('admin'))
  await (await jetstreamManager(admin)).streams.purge('KV_LOG_LOCK', { filter: `$KV.LOG_LOCK.${north}` })
  await admin.close()
}

test.each(filling)(
  'killed at "%s", recover given again fills the log, and says once what it went on without',
  async (point) => {
    const lost = await restored()
    const said = await countOf('record.gone-on-without/1')
    await killedAt(point, recover)
    const isDone = point.endsWith('after-commit')
    // All of it or nothing: a log that is half filled never goes on.
    expect((await within(readLog))?.frozen).toBe(isDone ? undefined : 'behind-lock')
    expect(await countOf('record.gone-on-without/1')).toBe(isDone ? said + 1 : said)
    const again = await recover()
    expect([again.code, again.stderr, Reflect.get(Object(again.json()), 'putBack')]).toEqual([
      0,
      '',
      isDone ? undefined : 3,
    ])
    expect(await within((tx) => readTrail(tx, trail))).toEqual(lost)
    expect(await countOf('record.gone-on-without/1')).toBe(said + 1)
    await expectWell()
  },
)

test('two that recover at once fill the log once', async () => {
  const lost = await restored()
  const said = await countOf('record.gone-on-without/1')
  const ended = await together(recover, 2)
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
  ])
  const putBack = ended.map((one) => (one.json() as { putBack: number }).putBack)
  expect(new Set(putBack)).toEqual(new Set([0, 3]))
  expect(await within((tx) => readTrail(tx, trail))).toEqual(lost)
  expect(await countOf('record.gone-on-without/1')).toBe(said + 1)
  await expectWell()
})

test.each(succession)('killed at "%s", succeed given again ends the log and begins one other', async (point) => {
  const { generation } = await within(currentLog)
  // Entries that wait come first, those of its own trail too.
  await waiting()
  const succeed = await succeeding()
  await killedAt(point, succeed)
  const isDone = point === 'cli begin 1 after-commit'
  expect((await within(readLog))?.frozen).toBe(isDone || point === 'cli end 1 after-effect' ? undefined : 'ended')
  const again = await succeed()
  expect([again.code, isDone ? again.stderr : '']).toEqual(
    isDone ? [6, expect.stringContaining('published nothing yet')] : [0, ''],
  )
  expect((await within(currentLog)).generation).toBe(generation + 1)
  expect(await countOf('log.succeeded/1')).toBe(generation)
  await keyNamed()
  await expectWell()
  // Once the next has published, the same command again ends nothing.
  const late = await succeed()
  expect([late.code, late.stderr]).toEqual([6, expect.stringContaining('log/ended-already')])
  expect((await within(currentLog)).generation).toBe(generation + 1)
  await expectWell()
})

test('two that succeed at once begin one log, and whoever comes late is told so', async () => {
  const { generation } = await within(currentLog)
  await within((tx) => freezeLog(tx, 'ended'))
  const ended = await together(await succeeding(), 2)
  expect(new Set(ended.map(({ code }) => code))).toEqual(new Set([0, 6]))
  expect(ended.map(({ stderr }) => stderr).join('')).toContain('published nothing yet')
  expect((await within(currentLog)).generation).toBe(generation + 1)
  expect(await within(readLog)).toMatchObject({ frozen: undefined })
  await keyNamed()
  await expectWell()
})

test('a log that somebody lets go on meanwhile is not followed by another', async () => {
  const { generation } = await within(currentLog)
  await within((tx) => freezeLog(tx, 'ended'))
  const [ended] = await together(
    await succeeding(),
    1,
    (tx) => tx`update audit.log set frozen_because = null, frozen_at = null`,
  )
  expect([ended?.code, ended?.stderr]).toEqual([6, expect.stringContaining('go on meanwhile')])
  expect((await within(currentLog)).generation).toBe(generation)
  await expectWell()
})

test('a lock lost between a succession and the first checkpoint begins anew where a witness would object', async () => {
  await (await succeeding())()
  await loseLock()
  await keyNamed()
  await expectWell()
})

test('and without witnesses the log stands still until somebody says so', async () => {
  const [...lines] = readFileSync(policyFile(), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('log '))
  writeFileSync(policyFile(), `${lines.join('\n')}\nquorum none\n`)
  await round()
  await (await succeeding())()
  await loseLock()
  await keyNamed()
  await round()
  expect(await within(readLog)).toMatchObject({ frozen: 'lock-lost' })
  expect((await recover()).code).toBe(0)
  await expectWell()
})

test.each(relocking)('killed at "%s", recover given again finds or makes the lock', async (point) => {
  await loseLock()
  await appended(1)
  await round()
  expect(await within(readLog)).toMatchObject({ frozen: 'lock-lost' })
  const said = await countOf('record.gone-on-without/1')
  await killedAt(point, recover)
  expect(await within(readLog)).toMatchObject({ frozen: 'lock-lost' })
  expect((await recover()).code).toBe(0)
  expect(await countOf('record.gone-on-without/1')).toBe(said + 1)
  await expectWell()
})

test('there is no point at which these commands write that was not tried', () => {
  const isOwed = (point: string) => !(point.startsWith('cli unnamed ') || overtaken.includes(point))
  const passed = passedPoints(scratch).filter(isOwed)
  expect(passed).toEqual([...succession, ...filling, ...relocking, ...alike].toSorted())
})
