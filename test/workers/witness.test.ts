import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { parseCosignature } from '#audit/cosignature.ts'
import { openNote } from '#audit/note.ts'
import { cosigner, parseVerifierKey } from '#audit/note-key.ts'
import type { HttpServer } from '#connectors/platform/listen.ts'
import { knownLogs } from '#workers/witness/known-logs.ts'
import { startWitness } from '#workers/witness/serve.ts'
import { openWitnessStore } from '#workers/witness/store.ts'
import { type SmallLog, smallLog } from '../support/small-log.ts'

const seed = Uint8Array.from(randomBytes(32))
const { vkey } = cosigner('witness.example/w1', seed)
const witnessKey = parseVerifierKey(vkey)
const grease = `\u2014 grease.example ${randomBytes(80).toString('base64')}\n`

let folder: string
let log: SmallLog
const servers: HttpServer[] = []
const troubles: unknown[] = []
let refused: string[] = []

/** A witness on the folder of this test; a second one is a second process as far as the folder can tell. */
async function open(): Promise<HttpServer> {
  const server = await startWitness(
    {
      store: await openWitnessStore(join(folder, 'state')),
      cosigners: [cosigner('witness.example/w1', seed)],
      logs: knownLogs([join(folder, 'logs'), join(folder, 'more-logs')], (file) => troubles.push(file)),
      onRefused: (origin, problem) => refused.push(`${origin} ${problem}`),
      onTrouble: (error) => troubles.push(error),
    },
    { port: 0 },
  )
  servers.push(server)
  return server
}

const know = (name: string, ...vkeys: string[]) =>
  writeFileSync(join(folder, 'logs', name), `${vkeys.map((one) => `log ${one}\n`).join('')}quorum none\n`)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bevis-witness-'))
  for (const name of ['logs', 'more-logs']) mkdirSync(join(folder, name))
  log = smallLog('log.example/uni')
  refused = []
  know('uni.policy', log.vkey)
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
  rmSync(folder, { recursive: true })
  expect(troubles.splice(0)).toEqual([])
})

interface Told {
  readonly status: number
  readonly type: string
  readonly text: string
}

async function post(server: HttpServer, body: string | Uint8Array): Promise<Told> {
  const response = await fetch(`${server.url}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) })
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() }
}

const bodyOf = (from: number, size: number, of = log) =>
  printAddCheckpoint({ oldSize: from, proof: of.prove(from, size), note: of.note(size) })
const add = (server: HttpServer, from: number, size: number, of = log) => post(server, bodyOf(from, size, of))

/** The time a cosignature bears, once it has been verified. */
function timeIn(answer: Told, size: number, of = log): number {
  const text = of.note(size).slice(0, of.note(size).indexOf('\n\n') + 1)
  const [line] = openNote(`${text}\n${answer.text}`, [witnessKey]).verified
  if (line === undefined) throw new Error('no cosignature of the witness')
  return parseCosignature(line.signature).time
}

describe('a witness that is asked to cosign', () => {
  let server: HttpServer
  beforeEach(async () => {
    server = await open()
  })

  test('answers 200 with its cosignature, and goes on from there', async () => {
    const before = Math.floor(Date.now() / 1_000)
    const steps: [number, number][] = [
      [0, 1],
      [1, 5],
      [5, 5],
      [5, 300],
    ]
    for (const [from, size] of steps) {
      const answer = await add(server, from, size)
      expect([answer.status, answer.text.endsWith('\n')]).toEqual([200, true])
      const time = timeIn(answer, size)
      expect(time).toBeGreaterThanOrEqual(before)
      expect(time).toBeLessThanOrEqual(Date.now() / 1_000)
    }
  })

  test('cosigns the empty tree too, and only with its root', async () => {
    expect((await add(server, 0, 0)).status).toBe(200)
    const lie = log.signed(`${log.origin}\n0\n${Buffer.from(log.root(1)).toString('base64')}\n`)
    expect((await post(server, printAddCheckpoint({ oldSize: 0, proof: [], note: lie }))).status).toBe(422)
    expect((await add(server, 0, 3)).status).toBe(200)
  })

  test('ignores signatures of keys it does not know, before and after the log’s own', async () => {
    const note = log.note(4)
    const [text, own] = note.split('\n\n')
    const other = smallLog(log.origin).note(4).split('\n\n')[1]
    const body = `old 0\n\n${text}\n\n${grease}${other}${own}${grease}`
    const answer = await post(server, body)
    expect(answer.status).toBe(200)
    expect(timeIn(answer, 4)).toBeGreaterThan(0)
  })

  test('takes any of the keys a log may sign with', async () => {
    const next = smallLog(log.origin)
    know('next.policy', next.vkey)
    expect((await add(server, 0, 2)).status).toBe(200)
    const sameTree = `${log.note(2).split('\n\n')[0]}\n`
    const note = next.signed(sameTree)
    expect((await post(server, printAddCheckpoint({ oldSize: 2, proof: [], note }))).status).toBe(200)
  })

  const hash = Buffer.alloc(32, 7).toString('base64')
  const malformed: readonly (readonly [string, (note: string) => string | Uint8Array])[] = [
    ['nothing', () => ''],
    ['no old size', (note) => `\n${note}`],
    ['an old size with a zero before it', (note) => `old 00\n\n${note}`],
    ['an old size that is no number', (note) => `old -1\n\n${note}`],
    ['an old size beyond what counts', (note) => `old 9999999999999999\n\n${note}`],
    ['a hash of 31 bytes', (note) => `old 1\n${Buffer.alloc(31).toString('base64')}\n\n${note}`],
    ['a hash with stray bits', (note) => `old 1\n${hash.slice(0, -2)}d=\n\n${note}`],
    ['a line that is no hash', (note) => `old 1\nproof\n\n${note}`],
    ['64 hashes', (note) => `old 1\n${`${hash}\n`.repeat(64)}\n${note}`],
    ['no empty line', (note) => `old 0\n${note}`],
    ['no signature', (note) => `old 0\n\n${note.split('\n\n')[0]}\n`],
    ['a note without its last newline', (note) => `old 0\n\n${note.slice(0, -1)}`],
    ['carriage returns', (note) => `old 0\r\n\r\n${note}`],
    ['bytes that are no UTF-8', (note) => Buffer.concat([Buffer.from(`old 0\n\n${note}`), Buffer.of(0xff, 10)])],
    ['an old size above the checkpoint’s', (note) => `old 9\n\n${note}`],
  ]
  test.each(malformed)('answers 400 to %s', async (_what, body) => {
    expect((await post(server, body(log.note(4)))).status).toBe(400)
    expect((await add(server, 0, 4)).status).toBe(200)
  })

  test('answers 404 to a log it does not know, whoever signed', async () => {
    expect((await add(server, 0, 4, smallLog('log.example/other'))).status).toBe(404)
  })

  test('answers 403 where no key it trusts for the log has signed, or one has signed something else', async () => {
    expect((await add(server, 0, 4, smallLog(log.origin))).status).toBe(403)
    const [text] = log.note(4).split('\n\n')
    const [, otherSignature] = log.note(5).split('\n\n')
    expect((await post(server, `old 0\n\n${text}\n\n${otherSignature}`)).status).toBe(403)
    // A wrong signature of a known key spoils the note, though a good one stands beside it.
    const [, good] = log.note(4).split('\n\n')
    expect((await post(server, `old 0\n\n${text}\n\n${good}${otherSignature}`)).status).toBe(403)
  })

  test('answers 409 with the size it holds, as text/x.tlog.size', async () => {
    expect((await add(server, 3, 7)).status).toBe(409)
    await add(server, 0, 5)
    for (const from of [0, 3, 6]) {
      expect(await add(server, from, 7)).toEqual({ status: 409, type: 'text/x.tlog.size', text: '5\n' })
    }
    expect((await add(server, 5, 7)).status).toBe(200)
  })

  test('answers 422 to what does not go on from what it cosigned, and stays where it was', async () => {
    await add(server, 0, 6)
    const fork = log.forkedAt(4)
    const lies = [
      printAddCheckpoint({ oldSize: 6, proof: log.prove(6, 9).slice(1), note: log.note(9) }),
      printAddCheckpoint({ oldSize: 6, proof: [...log.prove(6, 9), log.root(1)], note: log.note(9) }),
      printAddCheckpoint({ oldSize: 6, proof: [log.root(1)], note: log.note(6) }),
      bodyOf(6, 6, fork),
      bodyOf(6, 9, fork),
      printAddCheckpoint({ oldSize: 6, proof: log.prove(6, 9), note: fork.note(9) }),
    ]
    for (const lie of lies) expect((await post(server, lie)).status).toBe(422)
    expect(refused).toHaveLength(lies.length)
    expect((await add(server, 6, 9)).status).toBe(200)
  })

  test('answers 422 to a proof from the empty tree, which needs none', async () => {
    const body = printAddCheckpoint({ oldSize: 0, proof: [log.root(1)], note: log.note(3) })
    expect((await post(server, body)).status).toBe(422)
  })

  test('keeps what a log signed against its own word: proof that anybody can check', async () => {
    await add(server, 0, 6)
    const lie = bodyOf(6, 6, log.forkedAt(4))
    await post(server, lie)
    await post(server, lie)
    const of = join(folder, 'state', createHash('sha256').update(log.origin).digest('hex'))
    const kept = readdirSync(of).filter((name) => name.startsWith('contradiction.'))
    expect(kept.map((name) => readFileSync(join(of, name), 'utf8'))).toEqual([lie])
  })

  test('answers 405 to any other method and 413 to more than a request may hold', async () => {
    expect((await fetch(`${server.url}/add-checkpoint`)).status).toBe(405)
    expect((await post(server, Buffer.alloc(200_000, 'a'))).status).toBe(413)
  })

  test('tells who it is, and whom it watches', async () => {
    expect(await (await fetch(server.url)).text()).toBe(`${vkey}\nlog log.example/uni\n`)
  })

  test('serves the newest checkpoint it cosigned, with the log’s signature and its own and no other', async () => {
    const monitored = `${server.url}/${createHash('sha256').update(log.origin).digest('hex')}/checkpoint`
    expect((await fetch(monitored)).status).toBe(404)
    for (const [from, size] of [
      [0, 9],
      [9, 10],
    ] as const)
      await post(server, bodyOf(from, size) + grease)
    const note = await (await fetch(monitored)).text()
    const { verified, unverified } = openNote(note, [parseVerifierKey(log.vkey), witnessKey])
    expect(note.startsWith(`${log.origin}\n10\n`)).toBe(true)
    expect([verified.length, unverified.length]).toEqual([2, 0])
    expect((await fetch(`${server.url}/..%2f..%2fetc/checkpoint`)).status).toBe(404)
  })

  test('knows a log as soon as its key lies in the folder, and no longer than that', async () => {
    const other = smallLog('log.example/other')
    know('other.policy', other.vkey)
    expect((await add(server, 0, 4, other)).status).toBe(200)
    rmSync(join(folder, 'logs', 'other.policy'))
    expect((await add(server, 4, 5, other)).status).toBe(404)
  })

  test('knows the logs of all its folders, a file of the same name in each', async () => {
    const other = smallLog('log.example/partner')
    writeFileSync(join(folder, 'more-logs', 'uni.policy'), `log ${other.vkey}\nquorum none\n`)
    expect((await add(server, 0, 1, other)).status).toBe(200)
    expect((await add(server, 0, 1)).status).toBe(200)
  })

  test('goes on with what a file said while it cannot be read, and says so', async () => {
    await add(server, 0, 1)
    writeFileSync(join(folder, 'logs', 'uni.policy'), 'log nonsense\n')
    expect((await add(server, 1, 2)).status).toBe(200)
    expect(troubles.splice(0)).toEqual(['uni.policy'])
  })
})

describe('two witnesses on one folder', () => {
  test('of those who race from one size exactly one is cosigned; the others are told where it stands', async () => {
    const both = [await open(), await open()]
    await add(both[0] as HttpServer, 0, 3)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => add(both[index % 2] as HttpServer, 3, 4 + index)),
    )
    const won = answers.findIndex(({ status }) => status === 200)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409).map(({ text }) => text)).toEqual(
      Array.from({ length: 11 }, () => `${4 + won}\n`),
    )
  })

  test('of those who race to be the first too', async () => {
    const both = [await open(), await open()]
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => add(both[index % 2] as HttpServer, 0, 1 + index)),
    )
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200,
      ...Array.from({ length: 7 }, () => 409),
    ])
  })

  test('whatever they are asked, they cosign one history, forward only', async () => {
    const step = fc.record({
      of: fc.constantFrom(0, 1),
      from: fc.option(fc.integer({ min: 0, max: 12 })),
      grow: fc.integer({ min: 0, max: 5 }),
      isFork: fc.boolean(),
    })
    const both = [await open(), await open()]
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const one = smallLog(`log.example/${(round += 1)}`)
        know('round.policy', one.vkey)
        let held = { size: 0, time: 0, by: one }
        for (const { of, from, grow, isFork } of steps) {
          const oldSize = from ?? held.size
          const size = oldSize + grow
          const by = isFork && held.size > 0 ? held.by.forkedAt(held.size - 1) : held.by
          const answer = await add(both[of] as HttpServer, oldSize, size, by)
          const isHeld = oldSize === held.size
          expect(answer.status).toBe(!isHeld ? 409 : isFork && held.size > 0 ? 422 : 200)
          if (answer.status !== 200) continue
          const time = timeIn(answer, size, by)
          expect(time).toBeGreaterThanOrEqual(held.time)
          held = { size, time, by }
        }
      }),
      { numRuns: 25 },
    )
    refused = []
  })

  test('refuse to begin anew where the state of a known log is gone', async () => {
    const server = await open()
    await add(server, 0, 3)
    const of = join(folder, 'state', createHash('sha256').update(log.origin).digest('hex'))
    const state = readdirSync(of).find((name) => name.startsWith('state.')) ?? ''
    renameSync(join(of, state), join(of, 'gone'))
    expect((await add(server, 0, 3)).status).toBe(500)
    expect(troubles.splice(0)).toEqual([expect.objectContaining({ code: 'witness/store-damaged' })])
  })
})
