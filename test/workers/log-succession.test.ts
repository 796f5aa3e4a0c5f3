/** A log that cannot go on is followed by another over the same entries: issuing goes on, old proofs still hold, and what was lost is said. */
import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { proveClearances } from '#activities/signing/proof.ts'
import { printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { checkpointText, parseCheckpoint } from '#audit/checkpoint.ts'
import { verifyTlogProof } from '#audit/judge-checkpoint.ts'
import { parseNote, signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import { successionIn } from '#audit/succession.ts'
import { leafHash, nodeHash } from '#audit/tree.ts'
import { appendEntries, readTrail } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { freezeLog, readCheckpoint, readLog } from '#db/log.ts'
import { currentLog, successionsOf } from '#db/succession.ts'
import { databaseAt } from '#dev/roles.ts'
import { checkTables } from '#workers/log/check.ts'
import { logRound } from '#workers/log/keeper.ts'
import { bevis } from '../cli/run-bevis.ts'
import { type Ground, makeGround, north } from '../db/ground.ts'
import { startWorldLog, type WorldLog } from '../support/log.ts'

/** Each test calls the command line several times and copies whole databases. */
vi.setConfig({ testTimeout: 240_000 })

let ground: Ground
let log: WorldLog
/** Name of the log as its entries have it. */
let name: string

beforeAll(async () => {
  ground = await makeGround({ nats: true })
  log = await startWorldLog(ground.world, ground.as('bevis_sequencer'), { keep: false })
  name = (await within(readInstitution)).origin
}, 1_200_000)

afterAll(async () => {
  await log?.stop()
  await ground?.dispose()
})

const round = () => logRound(log.dependencies, north)
const within = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(ground.as('bevis_sequencer'), north, work)
const policyFile = () => join(log.policyDir, `${north}.policy`)
const policy = () => parsePolicy(readFileSync(policyFile(), 'utf8'))
const folder = (generation: number) => join(log.dir, generation === 1 ? north : `${north}.${generation}`)

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

/** A proof as a credential would bear it. */
async function provedFirst(trail: string) {
  const [first] = await within((tx) => readTrail(tx, trail))
  const leaf = first?.leaf ?? new Uint8Array()
  const clearance = { id: 'x', trail, n: 1, leaf }
  const [proof] = await within((tx) => proveClearances(tx, policy(), [{ clearance, provedBy: undefined }]))
  return { leaf, proof }
}

const asOwner = () => ({
  BEVIS_DATABASE_URL: ground.world.url('bevis_api'),
  BEVIS_OWNER_DATABASE_URL: ground.world.adminUrl,
  BEVIS_SECRETS_FILE: ground.world.secretsFile,
  BEVIS_NATS_URL: ground.world.nats.url,
  BEVIS_NATS_SEED_FILE: ground.world.nats.identity('admin').seedFile,
})
/** The log that is signed now, or `before`, ends. */
const succeed = async (reason: string, before?: string) =>
  command('succeed', '--ends', before ?? (await within(currentLog)).origin, '--reason', reason)
const command = (what: string, ...more: string[]) =>
  bevis(['log', what, ...(what === 'fsck' ? [] : [north]), ...more, '--json'], { env: asOwner() })

/** What people do when the log worker says which line the policy needs. */
async function keyNamed(): Promise<string> {
  await expect(round()).rejects.toThrow('the policy does not name the log')
  const line = await round().catch(({ message }: Error) => /log \S+$/.exec(message)?.[0] ?? '')
  appendFileSync(policyFile(), `${line}\n`)
  return line.slice('log '.length)
}

async function copied(from: string, to: string): Promise<void> {
  const admin = postgres(databaseAt(ground.world.adminUrl, 'postgres'), { max: 1, onnotice: () => undefined })
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname in (${from}, ${to})`
  await admin`drop database if exists ${admin(to)} with (force)`
  await admin`create database ${admin(to)} template ${admin(from)}`
  await admin.end()
}
const database = () => new URL(ground.world.adminUrl).pathname.slice(1)

const trail = randomUUID()

test('a log whose key was stolen is followed by one with a key of its own; what it proved stays proved', async () => {
  await appended(trail, 5)
  await round()
  const before = await provedFirst(trail)
  expect(before.proof).toMatchObject({ origin: name, size: 5 })
  const proofText = before.proof?.text ?? ''
  await copied(database(), `${database()}_before`)

  const unasked = await command('succeed')
  expect([unasked.code, unasked.json()]).toEqual([0, { size: 5, ends: name, begins: `${name}.2` }])
  expect((await succeed('entries-lost')).code).toBe(6)
  expect((await succeed('boredom')).code).toBe(2)
  // As one that was interrupted leaves it: frozen, and given again.
  await within((tx) => freezeLog(tx, 'ended'))
  const unnamed = await command('succeed', '--reason', 'key-compromised')
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining(`--ends ${name}`)])
  expect((await succeed('key-compromised', `${name}x`)).code).toBe(2)
  const done = await succeed('key-compromised')
  expect([done.code, done.json()]).toEqual([0, { begins: `${name}.2`, size: 5, kept: 5, generation: 2 }])
  // Nothing is signed before people have said whom to believe.
  await expect(provedFirst(trail)).rejects.toMatchObject({ type: 'LogUnconfirmed' })
  expect((await succeed('key-compromised')).stderr).toContain('published nothing yet')
  await keyNamed()
  const late = randomUUID()
  await appended(late, 1)
  await round()

  const now = await provedFirst(late)
  expect(now.proof).toMatchObject({ origin: `${name}.2`, index: 6, size: 7 })
  const judged = verifyTlogProof(policy(), { leafHash: leafHash(now.leaf), proofText: now.proof?.text ?? '' })
  expect(judged).toMatchObject({ ok: true, witnesses: [{ name: 'own' }] })
  expect(verifyTlogProof(policy(), { leafHash: leafHash(before.leaf), proofText })).toMatchObject({ ok: true })
  expect((await provedFirst(trail)).proof).toMatchObject({ origin: `${name}.2`, index: 0, size: 7 })

  const { trail: own } = await within(readInstitution)
  const said = (await within((tx) => readTrail(tx, own))).flatMap(({ leaf }) => successionIn(leaf) ?? [])
  const last = parseCheckpoint(parseNote(said[0]?.checkpoint ?? '').text)
  expect([said.length, said[0]?.kept, last.origin, last.size]).toEqual([1, 5, name, 5])
  expect((await checkTables(ground.as('bevis_sequencer'), north)).findings).toEqual([])

  // Given again, though the next log is in the best of health, it ends no other.
  const again = await succeed('key-compromised', name)
  expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('log/ended-already')])
  expect(await within(currentLog)).toMatchObject({ origin: `${name}.2`, generation: 2 })
  expect(await within(readLog)).toMatchObject({ size: 7, frozen: undefined })
})

test('anybody sees from the published files that the new log took over the old one', async () => {
  const whole = await command('fsck', '--dir', folder(2), '--trails', '--succeeds', folder(1))
  expect([whole.code, whole.json()]).toEqual([
    0,
    expect.objectContaining({ origin: `${name}.2`, size: 7, before: { origin: name, entries: 5, lost: 0 } }),
  ])
  expect((await command('fsck', '--dir', folder(1), '--trails')).code).toBe(0)
  // Not the other way round.
  const back = await command('fsck', '--dir', folder(1), '--succeeds', folder(2))
  expect([back.code, back.json()]).toEqual([
    3,
    expect.objectContaining({ findings: [{ code: 'before-unnamed', path: 'before' }] }),
  ])
})

test('a copy of before the succession is behind, and is filled again from the log that followed', async () => {
  await copied(`${database()}_before`, database())
  await round()
  expect(await within(readLog)).toMatchObject({ size: 5, frozen: 'behind-lock' })
  const done = await command('recover', '--reason', 'disk-lost', '--dir', folder(2))
  expect([done.code, done.stderr]).toEqual([0, expect.any(String)])
  expect(await within(currentLog)).toMatchObject({ origin: `${name}.2`, generation: 2 })
  await round()
  expect(await within(readLog)).toMatchObject({ size: 8, frozen: undefined })
  expect((await within((tx) => readCheckpoint(tx)))?.note.split('\n')[0]).toBe(`${name}.2`)
})

test('when a witness holds another history, signed with our key, the next log goes on without it', async () => {
  const seed = readFileSync(join(log.keysDir, `${north}.2.seed`), 'utf8').trim()
  const thief = ed25519Signer(`${name}.2`, new Uint8Array(Buffer.from(seed, 'base64')))
  const { url = '' } = policy().witnesses[0] ?? {}
  const published = await within((tx) => readCheckpoint(tx))
  // A tree of eight is whole, so that of nine is one node above both.
  const ninth = leafHash(new Uint8Array([1]))
  const root = nodeHash(published?.root ?? ninth, ninth)
  const forked = { origin: `${name}.2`, size: 9, root, extensions: [] }
  const note = signNote(checkpointText(forked), [thief])
  const answer = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: printAddCheckpoint({ oldSize: published?.size ?? 0, proof: [ninth], note }),
  })
  expect([answer.status, published?.size]).toEqual([200, 8])

  await appended(trail, 1)
  await round()
  expect(await within(readLog)).toMatchObject({ size: 9, frozen: 'witness-refuses' })
  expect((await succeed('entries-lost')).code).toBe(6)
  expect((await succeed('other-history')).json()).toMatchObject({ begins: `${name}.3`, kept: 9 })
  await keyNamed()
  await round()
  expect((await provedFirst(trail)).proof).toMatchObject({ origin: `${name}.3`, index: 0, size: 10 })
  expect((await command('fsck', '--dir', folder(3), '--trails', '--succeeds', folder(2))).json()).toMatchObject({
    whole: true,
    before: { entries: 8, lost: 0 },
  })
})

test('entries that are lost for good end a log too, and whoever has its files sees which', async () => {
  await copied(database(), `${database()}_before`)
  await appended(trail, 4)
  await round()
  await copied(`${database()}_before`, database())
  await round()
  expect(await within(readLog)).toMatchObject({ size: 10, frozen: 'behind-lock' })
  const done = await succeed('entries-lost')
  expect(done.json()).toMatchObject({ begins: `${name}.4`, size: 10, kept: 10 })
  await keyNamed()
  await appended(trail, 1)
  await round()
  expect(await within(readLog)).toMatchObject({ size: 12, frozen: undefined })
  const compared = await command('fsck', '--dir', folder(4), '--trails', '--succeeds', folder(3))
  expect([compared.code, compared.json()]).toEqual([
    0,
    expect.objectContaining({ before: { origin: `${name}.3`, entries: 14, lost: 4 } }),
  ])
  expect((await checkTables(ground.as('bevis_sequencer'), north)).findings).toEqual([])
})

test('no role of the house may say that a log has ended', async () => {
  const [succession] = await within(successionsOf)
  expect(succession?.generation).toBe(2)
  const { trail: own } = await within(readInstitution)
  const draft = {
    trail: own,
    id: `log:succeeded:${randomUUID()}`,
    type: 'log.succeeded/1',
    actor: { ref: 'operator', kind: 'service' as const, role: 'operator' },
    act: { meaning: 'succeed', outcome: 'success', reason: 'key-compromised' },
    data: { generation: 9, size: 1, kept: 1, checkpoint: [], last: [] },
  }
  for (const role of ['bevis_api', 'bevis_sequencer'] as const) {
    const asked = inInstitution(ground.as(role), north, (tx) => appendEntries(tx, [draft]))
    await expect(asked).rejects.toMatchObject({ cause: { code: 'BV002', detail: 'type' } })
  }
})
