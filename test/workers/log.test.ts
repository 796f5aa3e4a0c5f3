/** The log over real trails: what waits gets its place, the tree grows, a checkpoint that a witness saw is published, and nothing is lost on the way. */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KV, Kvm } from '@nats-io/kv'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proveClearances } from '#activities/signing/proof.ts'
import { hex } from '#audit/digest.ts'
import { manifestProblem } from '#audit/heads.ts'
import { judgeCheckpoint, verifyTlogProof } from '#audit/judge-checkpoint.ts'
import { cosigner, ed25519Signer } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import { inclusionProblem } from '#audit/proof.ts'
import { bundlePath, decodeBundle } from '#audit/tile.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { emptyEdge, extend, leafHash, rootOf } from '#audit/tree.ts'
import { metricsPage } from '#connectors/platform/metrics.ts'
import { lockBucket } from '#connectors/platform/nats-lock.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { newestHeads } from '#db/heads.ts'
import { readInstitution } from '#db/institution.ts'
import { leavesBetween, listenAsked, positionsOf, readCheckpoint, readLog, readTileOf } from '#db/log.ts'
import { checkTables, readBack, runReadings } from '#workers/log/check.ts'
import { runHeads } from '#workers/log/heads.ts'
import { logRound } from '#workers/log/keeper.ts'
import { keptPolicies } from '#workers/log/policies.ts'
import type { Witnesses } from '#workers/log/publish.ts'
import { type Ground, makeGround, north } from '../db/ground.ts'
import { startWorldLog, type WorldLog } from '../support/log.ts'

let ground: Ground
let sequencer: Db
let log: WorldLog

beforeAll(async () => {
  ground = await makeGround({ nats: true })
  sequencer = ground.as('bevis_sequencer')
  log = await startWorldLog(ground.world, sequencer, { keep: false })
}, 1_200_000)

afterAll(async () => {
  await log?.stop()
  await ground?.dispose()
})

const draft = (trail: string, step: string): EntryDraft => ({
  trail,
  id: `case_x:${step}:${randomUUID()}`,
  type: 'case.judging/1',
  actor: { ref: 'pipeline', kind: 'service', role: 'gate' },
  act: { meaning: 'judge', outcome: 'success' },
  data: { evidenceVersion: 1 },
})

function appended(count: number, trail = randomUUID()) {
  const drafts = Array.from({ length: count }, (_, index) => draft(trail, `step-${index}`))
  return inInstitution(ground.as('bevis_pipeline'), north, (tx) => appendEntries(tx, drafts))
}

const round = () => logRound(log.dependencies, north)
const within = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(sequencer, north, work)

describe('the log', () => {
  test('gives every entry its place once, in the order of its trail, under a checkpoint its policy believes', async () => {
    const entries = [...(await appended(3)), ...(await appended(300))]
    await round()
    const size = await within(async (tx) => (await readLog(tx))?.size ?? 0)
    expect(size).toBe(303)
    const published = await within((tx) => readCheckpoint(tx))
    const policy = await keptPolicies(log.policyDir)(north)
    const judged = judgeCheckpoint(policy, published?.note ?? '')
    expect(judged).toMatchObject({ ok: true, checkpoint: { size: 303 }, witnesses: [{ name: 'own' }] })
    const positions = await within((tx) => positionsOf(tx, entries))
    expect(positions.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(entries.map((_, index) => index))
    const placeOf = new Map(positions.map(({ trail, n, index }) => [`${trail} ${n}`, index]))
    const places = entries.filter(({ trail }) => trail === entries.at(-1)?.trail)
    expect(
      places.every(
        ({ trail, n }, index) =>
          index === 0 || (placeOf.get(`${trail} ${n}`) ?? 0) > (placeOf.get(`${trail} ${n - 1}`) ?? 0),
      ),
    ).toBe(true)
    for (const entry of entries.slice(0, 20)) {
      const leafIndex = placeOf.get(`${entry.trail} ${entry.n}`) ?? -1
      const proof = await within((tx) => tileTree(readTileOf(tx)).inclusion(leafIndex, 303))
      const root = judged.ok ? judged.checkpoint.root : new Uint8Array(32)
      expect(inclusionProblem({ leafIndex, treeSize: 303, leafHash: entry.leafHash, root, proof })).toBeUndefined()
    }
  })

  test('tells how far the clocks of its witnesses are from the database’s, which dates all entries', async () => {
    const publisher = log.dependencies.publisherOf(north)
    const clocksOf = async (later: number) => {
      const cosign: Witnesses['cosign'] = async (ask) => {
        const answer = await publisher.witnesses.cosign(ask)
        if (answer.kind !== 'quorum') return answer
        return { ...answer, seen: new Map([...answer.seen].map(([name, time]) => [name, time + later])) }
      }
      const dependencies = { ...log.dependencies, publisherOf: () => ({ ...publisher, witnesses: { cosign } }) }
      await appended(1)
      await logRound(dependencies, north)
      const line = (await metricsPage()).text
        .split('\n')
        .find((one) => one.startsWith('bevis_log_witness_clock_ahead_seconds{'))
      expect(line).toContain('witness="own"')
      return Number(line?.split(' ').at(-1))
    }
    // One clock is all there is here; a slow machine takes its time between the witness and the database.
    const [same, apart] = [await clocksOf(0), await clocksOf(-10_000)]
    expect([Math.round(same / 1_000), Math.round(apart / 1_000)]).toEqual([expect.closeTo(0), -10])
  })

  test('stands beside it as files from which the same root is computed', async () => {
    const { size, root } = await within(async (tx) => (await readCheckpoint(tx)) ?? { size: 0, root: new Uint8Array() })
    const folder = join(log.dir, north)
    const leaves: Uint8Array[] = []
    for (let index = 0; index * 256 < size; index += 1) {
      const width = Math.min(256, size - index * 256)
      leaves.push(...decodeBundle(new Uint8Array(await readFile(join(folder, bundlePath(index, width))))))
    }
    expect(leaves).toEqual((await within((tx) => leavesBetween(tx, 0, size))).map(({ leaf }) => new Uint8Array(leaf)))
    expect(hex(rootOf(extend(emptyEdge, leaves.map(leafHash))))).toBe(hex(root))
    expect(await readFile(join(folder, 'checkpoint'), 'utf8')).toContain(`\n${size}\n`)
  })

  test('loses nothing and doubles nothing where many append and two workers take', async () => {
    const before = await within(async (tx) => (await readLog(tx))?.size ?? 0)
    const trails = Array.from({ length: 8 }, () => randomUUID())
    const writing = trails.map(async (trail) => {
      for (let turn = 0; turn < 12; turn += 1) await appended(3, trail)
    })
    let isWriting = true
    const taking = Array.from({ length: 2 }, async () => {
      while (isWriting) await round()
    })
    await Promise.all(writing)
    isWriting = false
    await Promise.all(taking)
    while ((await round()) === 'more') continue
    const after = await within((tx) => leavesBetween(tx, before, 1_000_000))
    expect(after).toHaveLength(8 * 12 * 3)
    expect(after.map(({ index }) => index)).toEqual(after.map((_, index) => before + index))
    for (const trail of trails) {
      const numbers = after.filter((entry) => entry.trail === trail).map(({ n }) => n)
      expect(numbers).toEqual(Array.from({ length: 36 }, (_, index) => index + 1))
    }
    expect(await within(async (tx) => (await readLog(tx))?.frozen)).toBeUndefined()
    expect((await within((tx) => readCheckpoint(tx)))?.size).toBe(before + after.length)
  })
})

describe('an entry whose row of waiting was taken away', () => {
  const dropped = (trail: string) => ground.admin`delete from audit.pending where trail = ${trail}`
  const placesOf = (trail: string, numbers: readonly number[]) =>
    within(async (tx) => {
      const places = await positionsOf(
        tx,
        numbers.map((n) => ({ trail, n })),
      )
      return places.toSorted((a, b) => a.n - b.n).map(({ n, index }) => ({ n, index }))
    })
  const told = async (trail: string) => {
    const rows = await ground.admin<{ places: string[] }[]>`
      select convert_from(leaf, 'UTF8')::jsonb -> 'data' -> 'places' as places from audit.entry where type = 'log.entries-found/1'`
    return rows.flatMap(({ places }) => places).filter((place) => place.startsWith(trail))
  }

  test('is taken with the next of its trail, before it, and that is told', async () => {
    const trail = randomUUID()
    await appended(1, trail)
    await round()
    await appended(2, trail)
    await dropped(trail)
    await appended(2, trail)
    await round()
    const places = await placesOf(trail, [1, 2, 3, 4, 5])
    expect(places.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
    expect(places.map(({ index }) => index)).toEqual(places.map(({ index }) => index).toSorted((a, b) => a - b))
    expect(await told(trail)).toEqual([`${trail}/2`, `${trail}/3`])
  })

  test('is found where nothing follows it, however long ago where all are looked at', async () => {
    const trail = randomUUID()
    await appended(2, trail)
    await dropped(trail)
    await round()
    expect(await placesOf(trail, [1, 2])).toEqual([])
    await ground.admin`update audit.trail set at = now() - interval '3 days' where trail = ${trail}`
    await logRound(log.dependencies, north, { withinSeconds: 86_400 })
    expect(await placesOf(trail, [1, 2])).toEqual([])
    await logRound(log.dependencies, north, {})
    expect((await placesOf(trail, [1, 2])).map(({ n }) => n)).toEqual([1, 2])
    expect(await told(trail)).toEqual([`${trail}/1`, `${trail}/2`])
    while ((await round()) === 'more') continue
    expect((await checkTables(sequencer, north)).findings).toEqual([])
  })

  test.each([
    ['gone altogether', 'entry-missing', `delete from audit.entry`],
    [
      'not what the next one follows',
      'entry-changed',
      `update audit.entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"success"', '"refused"'), 'UTF8')`,
    ],
  ])('stops the log where it is %s', async (_, because, change) => {
    const { admin } = ground
    const trail = randomUUID()
    await appended(3, trail)
    await admin.begin(async (open) => {
      await open`set local session_replication_role = replica`
      await open`alter table audit.entry disable trigger user`
      await open`delete from audit.pending where trail = ${trail} and n = 2`
      await open.unsafe(`${change} where trail = '${trail}' and n = 2`)
      await open`alter table audit.entry enable always trigger entry_never_changes`
    })
    await round()
    expect(await within(async (tx) => (await readLog(tx))?.frozen)).toBe(because)
    // Nothing of it is ever mended; the tests that follow do without that trail.
    await admin.begin(async (open) => {
      await open`alter table audit.entry disable trigger user`
      await open`alter table audit.trail disable trigger user`
      for (const table of ['pending', 'entry', 'trail'])
        await open.unsafe(`delete from audit.${table} where trail = '${trail}'`)
      for (const name of ['entry_never_changes', 'entry_never_emptied'])
        await open.unsafe(`alter table audit.entry enable always trigger ${name}`)
      for (const name of ['trail_never_ends', 'trail_never_emptied'])
        await open.unsafe(`alter table audit.trail enable always trigger ${name}`)
      await open`update audit.log set frozen_because = null, frozen_at = null`
    })
  })
})

describe('the lock', () => {
  const lockedWith = async (change: (bucket: KV) => Promise<unknown>) => {
    const admin = await ground.world.nats.connect(ground.world.nats.identity('admin'))
    try {
      await change(await new Kvm(admin).open(lockBucket))
    } finally {
      await admin.close()
    }
  }

  test('that somebody deleted is taken again by a log that its witnesses vouch for', async () => {
    await lockedWith((bucket) => bucket.delete(north))
    expect(await log.lock.read(north)).toBeUndefined()
    await appended(2)
    while ((await round()) === 'more') continue
    const { size } = await within(async (tx) => (await readCheckpoint(tx)) ?? { size: 0 })
    expect((await log.lock.read(north))?.note).toContain(`\n${size}\n`)
    expect(await within(async (tx) => (await readLog(tx))?.size)).toBe(size)
  })

  test('that holds what this log never signed stops it, whatever it is', async () => {
    const held = (await log.lock.read(north))?.note ?? ''
    for (const forged of ['', '\0', 'x'.repeat(500_000), held.replace('\n', '.2\n'), `${held}${held}`]) {
      await lockedWith((bucket) => bucket.put(north, forged))
      await round()
      const frozen = await within(async (tx) => (await readLog(tx))?.frozen)
      expect(frozen, forged.slice(0, 40)).toMatch(/^(root-differs|behind-lock)$/)
      await ground.admin`update audit.log set frozen_because = null, frozen_at = null`
    }
    await lockedWith((bucket) => bucket.put(north, held))
    await round()
    expect(await within(async (tx) => (await readLog(tx))?.frozen)).toBeUndefined()
  })
})

test('a policy that was put in the place of its own publishes nothing, and its own goes on where the log stood', async () => {
  const file = join(log.policyDir, `${north}.policy`)
  const own = await readFile(file, 'utf8')
  const sizeNow = () => within(async (tx) => (await readCheckpoint(tx))?.size ?? 0)
  await round()
  const before = await sizeNow()
  await appended(1)
  const stranger = ed25519Signer('log.example.test/norrsken', new Uint8Array(32).fill(9)).vkey
  const witness = cosigner('stranger.example/w', new Uint8Array(32).fill(8)).vkey
  const [logLine] = own.split('\n')
  for (const other of [
    'quorum of nothing\n',
    '\0'.repeat(100),
    `log ${stranger}\nquorum none\n`,
    `${logLine}\nwitness w ${witness} http://127.0.0.1:9\nquorum w\n`,
  ]) {
    await writeFile(file, other)
    await round().catch(() => undefined)
    expect(await sizeNow(), other).toBe(before)
  }
  await writeFile(file, own)
  await round()
  expect(await sizeNow()).toBeGreaterThan(before)
  expect(await within(async (tx) => (await readLog(tx))?.frozen)).toBeUndefined()
})

test('how far the record has come is told the same after entries were taken', async () => {
  const reached = async () => Number((await ground.admin<{ n: string }[]>`select audit.reached() as n`)[0]?.n)
  await appended(4)
  const before = await reached()
  await round()
  expect(await within(async (tx) => tx.execute(sql`select from audit.pending`))).toEqual([])
  expect(await reached()).toBe(before)
  await appended(1)
  expect(await reached()).toBe(before + 1)
})

test('every trail’s head is told of where an epoch has ended, and the published entries say the same', async () => {
  await appended(3)
  await round()
  const stop = new AbortController()
  const running = runHeads({ db: sequencer, everySeconds: 3600 }, stop.signal)
  await expect.poll(() => within((tx) => newestHeads(tx))).toBeDefined()
  stop.abort()
  await running
  await round()
  const manifest = await within((tx) => newestHeads(tx))
  if (manifest === undefined) return expect.unreachable()
  expect(manifest.index).toBeGreaterThanOrEqual(manifest.asOfSize)
  const { origin } = await within(readInstitution)
  const leaves = await within((tx) => leavesBetween(tx, 0, manifest.asOfSize))
  const stream = (async function* () {
    for (const { leaf } of leaves) yield await Promise.resolve(new Uint8Array(leaf))
  })()
  expect(await manifestProblem(origin, manifest, stream)).toBeUndefined()
})

test('nothing is proved to the signer by a log that nobody has compared with its lock for a while', async () => {
  const [entry] = await appended(1)
  if (entry === undefined) return expect.unreachable()
  await round()
  const policy = await keptPolicies(log.policyDir)(north)
  const [leaf] = await within((tx) => leavesBetween(tx, 0, 1_000_000)).then((all) => all.slice(-1))
  const clearance = { ...entry, leaf: leaf?.leaf ?? new Uint8Array() }
  const prove = () => within((tx) => proveClearances(tx, policy, [{ clearance, provedBy: undefined }]))
  const [proved] = await prove()
  expect(verifyTlogProof(policy, { leafHash: entry.leafHash, proofText: proved?.text ?? '' })).toMatchObject({
    ok: true,
  })
  const lied = [{ clearance: { ...clearance, leaf: new Uint8Array(3) }, provedBy: undefined }]
  expect(await within((tx) => proveClearances(tx, policy, lied))).toEqual([undefined])
  await ground.admin`update audit.log set confirmed_at = clock_timestamp() - interval '20 seconds'`
  await expect(prove()).rejects.toMatchObject({ type: 'LogUnconfirmed' })
  await round()
  expect(await prove()).toHaveLength(1)
  const other = parsePolicy(
    `log ${ed25519Signer('log.example.test/norrsken', new Uint8Array(32).fill(9)).vkey}\nquorum none\n`,
  )
  const doubted = within((tx) => proveClearances(tx, other, [{ clearance, provedBy: undefined }]))
  await expect(doubted).rejects.toMatchObject({ type: 'CheckpointNotBelieved' })
})

test('grows while it is read back, and what is published meanwhile is no finding', async () => {
  await appended(1)
  await round()
  let reads = 0
  const orm = new Proxy(sequencer.orm, {
    get: (target, name, receiver) => {
      if (name !== 'transaction') return Reflect.get(target, name, receiver)
      return async (...given: Parameters<typeof target.transaction>) => {
        const read = await target.transaction(...given)
        reads += 1
        if (reads === 1) {
          await appended(1)
          await round()
        }
        return read
      }
    },
  })
  const before = await within(readCheckpoint)
  expect((await checkTables({ ...sequencer, orm }, north)).findings).toEqual([])
  expect((await within(readCheckpoint))?.size).toBeGreaterThan(before?.size ?? 0)
})

test('is asked for a checkpoint over what the reading of the whole log took', async () => {
  const [entry] = await appended(1)
  const asked = Promise.withResolvers<void>()
  const listening = await listenAsked(sequencer, (institution) => institution === north && asked.resolve())
  const end = new AbortController()
  const reading = runReadings({ db: sequencer, everySeconds: 86_400 }, end.signal)
  await asked.promise
  end.abort()
  await Promise.all([reading, listening.stop()])
  expect(await within((tx) => positionsOf(tx, entry === undefined ? [] : [entry]))).toHaveLength(1)
})

test('is read back whole every day, and a bit that fell over stops it', async () => {
  expect((await readBack(sequencer, north)).findings).toEqual([])
  await ground.admin.begin(async (tx) => {
    await tx`alter table audit.entry disable trigger user`
    await tx`update audit.entry set leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '"success"', '"succeSs"'), 'UTF8')
      where (trail, n) in (select trail, n from audit.leaf where idx = 7)`
  })
  const { findings } = await readBack(sequencer, north)
  expect(new Set(findings.map(({ code }) => code))).toEqual(
    new Set(['chain-breaks', 'entry-outside-log', 'hash-differs', 'place-without-entry', 'root-differs']),
  )
  expect(await within(readLog)).toMatchObject({ frozen: 'check-failed' })
  expect(await round()).toBe('done')
})
