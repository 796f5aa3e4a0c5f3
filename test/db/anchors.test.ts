/** Time-stamps on a real log's checkpoints, by openssl's authority. */
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkpointText } from '#audit/checkpoint.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { parseLeaf } from '#audit/entry.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { metricsPage } from '#connectors/platform/metrics.ts'
import { readTrustedTsa, verifyTimeStamp } from '#connectors/time-stamp/verify.ts'
import { anchorType } from '#db/anchors.ts'
import { appendEntries, readTrail } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { freezeNow, integrate, readLog, storeCheckpoint } from '#db/log.ts'
import type { Role } from '#db/rights.ts'
import { type Anchoring, anchorOnce, runAnchors } from '#workers/log/anchor.ts'
import { makeTsa, type RunningTsa, startTsa, type TsaFolder } from '../support/tsa.ts'
import { type Ground, judged, makeGround, north } from './ground.ts'

const log = ed25519Signer(`log.example.test/${north}`, createHash('sha256').update('log').digest())
let ground: Ground
let folder: TsaFolder
let honest: RunningTsa
beforeAll(async () => {
  folder = makeTsa()
  honest = await startTsa((query) => folder.reply(query))
})
afterAll(async () => {
  await honest.close()
  folder.dispose()
})

describe('a checkpoint', () => {
  beforeEach(async () => {
    ground = await makeGround()
    await publish()
    return () => ground.dispose()
  })

  const within = <T>(role: Role, work: (tx: Tx) => Promise<T>) => inInstitution(ground.as(role), north, work)

  /** Grows the log by an entry, and by what waits, and publishes it. */
  async function publish(): Promise<number> {
    const trail = randomUUID()
    await within('bevis_pipeline', (tx) => appendEntries(tx, [judged(trail, trail)]))
    return within('bevis_sequencer', async (tx) => {
      await integrate(tx, 100)
      const { size = 0, root = new Uint8Array() } = (await readLog(tx)) ?? {}
      const note = signNote(checkpointText({ origin: log.name, size, root, extensions: [] }), [log])
      await storeCheckpoint(tx, { size, root, note })
      return size
    })
  }

  const anchoring = (over: Partial<Anchoring> = {}, url = honest.url): Anchoring => ({
    db: ground.as('bevis_sequencer'),
    tsa: { url, trusted: readTrustedTsa(folder.root) },
    everySeconds: 3_600,
    ...over,
  })
  const anchors = async () => {
    const rows = await ground.admin<{ size: string; token: Uint8Array; time: Date; note: string }[]>`
      select a.size, a.token, a.gen_time as time, c.note from audit.anchor a join audit.checkpoint c using (institution, size)
      where institution = ${north} order by a.size`
    return rows.map(({ size, time, ...row }) => ({ ...row, size: Number(size), genTime: time.toISOString() }))
  }
  const told = async () => {
    const entries = await within('bevis_api', async (tx) => readTrail(tx, (await readInstitution(tx)).trail))
    return entries.filter(({ type }) => type === anchorType)
  }

  test('is stamped at once, once in its time, and the trail tells of the stamp', async () => {
    expect(await anchorOnce(anchoring(), north)).toMatchObject({ kind: 'anchored', size: 1 })
    const [stored, ...more] = await anchors()
    const [entry, ...others] = await told()
    expect([more, others]).toEqual([[], []])
    if (stored === undefined || entry === undefined) throw new Error('nothing was kept')
    const digest = sha256(Buffer.from(stored.note))
    const verdict = await verifyTimeStamp(stored.token, { digest, trusted: readTrustedTsa(folder.root) })
    expect(verdict).toMatchObject({ ok: true, stamp: { genTime: stored.genTime } })
    const serial = verdict.ok ? verdict.stamp.serial : ''
    const data = { size: 1, digest: b64url(sha256(stored.token)), serial, genTime: stored.genTime }
    expect(parseLeaf(entry.leaf).data).toEqual(data)
    expect(await anchorOnce(anchoring(), north)).toEqual({ kind: 'not-due' })
  })

  test('that has its stamp gets no second one, and the next one waits for its time', async () => {
    await anchorOnce(anchoring(), north)
    expect(await anchorOnce(anchoring({ everySeconds: 0 }), north)).toEqual({ kind: 'not-due' })
    const size = await publish()
    expect(await anchorOnce(anchoring(), north)).toEqual({ kind: 'not-due' })
    expect(await anchorOnce(anchoring({ everySeconds: 0 }), north)).toMatchObject({ kind: 'anchored', size })
    expect((await anchors()).map((one) => one.size)).toEqual([1, size])
  })

  test('is told of once though two workers have it stamped', async () => {
    await Promise.all([anchorOnce(anchoring(), north), anchorOnce(anchoring(), north)])
    const [stored, ...more] = await anchors()
    const [entry, ...others] = await told()
    expect([more, others]).toEqual([[], []])
    const { data } = parseLeaf(entry?.leaf ?? new Uint8Array())
    expect(data?.['digest']).toBe(b64url(sha256(stored?.token ?? new Uint8Array())))
  })

  test('of a log that stands still is not stamped', async () => {
    await freezeNow(ground.as('bevis_sequencer'), north, 'behind-lock')
    expect(await anchorOnce(anchoring(), north)).toEqual({ kind: 'not-due' })
  })

  test('keeps nothing of an answer that is no time-stamp, and nothing of none', async () => {
    const forger = await startTsa((query) => folder.reply(query, 'stranger'))
    expect(await anchorOnce(anchoring({}, forger.url), north)).toEqual({ kind: 'refused', problem: 'untrusted' })
    await forger.close()
    expect(await anchorOnce(anchoring({}, forger.url), north)).toEqual({ kind: 'unreachable' })
    expect([await anchors(), await told()]).toEqual([[], []])
    expect(await anchorOnce(anchoring(), north)).toMatchObject({ kind: 'anchored' })
  })

  test('is seen to by the worker that watches all logs, which tells how old the newest stamp is', async () => {
    const end = new AbortController()
    const running = runAnchors(anchoring(), end.signal)
    await expect.poll(anchors).toHaveLength(1)
    await expect
      .poll(async () => (await metricsPage()).text)
      .toContain(`bevis_log_anchor_age_seconds{institution="${north}"}`)
    end.abort()
    await running
  })

  test('an authority that is away is told of, and not asked again at once', async () => {
    const away = await startTsa(() => new Uint8Array(), 503)
    const troubles: string[] = []
    const end = new AbortController()
    const onTrouble = (institution: string, what: string) => troubles.push(`${institution} ${what}`)
    const running = runAnchors(anchoring({ onTrouble }, away.url), end.signal)
    await expect.poll(() => troubles).toEqual([`${north} tsa-unreachable`])
    end.abort()
    await running
    expect(away.asked).toBe(1)
    await away.close()
  })
})
