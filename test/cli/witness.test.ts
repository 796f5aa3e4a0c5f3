import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { openNote } from '#audit/note.ts'
import { parseVerifierKey } from '#audit/note-key.ts'
import { moments, pointFile, pointName } from '#config/failpoints.ts'
import { isFree } from '#dev/servers/ports.ts'
import { type SmallLog, smallLog } from '../support/small-log.ts'
import { bevis, type Running, startBevis } from './run-bevis.ts'

const name = 'witness.norrsken.example/w1'
let folder: string
let log: SmallLog
let vkey: string
const running: Running[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bevis-witness-'))
  mkdirSync(join(folder, 'logs'))
  log = smallLog('log.example/uni')
  writeFileSync(join(folder, 'logs', 'uni.policy'), `log ${log.vkey}\nquorum none\n`)
  const made = await bevis(['witness', 'key', name, join(folder, 'key'), '--json'])
  expect(made).toMatchObject({ code: 0, stderr: '' })
  vkey = (made.json() as { vkey: string }).vkey
})
afterEach(async () => {
  for (const one of running) one.kill('SIGKILL')
  await Promise.all(running.splice(0).map(({ ended }) => ended))
  rmSync(folder, { recursive: true })
})

async function start(
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly process: Running }> {
  const port = await freePort()
  const env = {
    BEVIS_WITNESS_NAME: name,
    BEVIS_WITNESS_KEY_FILE: join(folder, 'key'),
    BEVIS_WITNESS_DIR: join(folder, 'state'),
    BEVIS_WITNESS_LOGS_DIR: join(folder, 'logs'),
    BEVIS_FAILPOINTS_DIR: join(folder, 'failpoints'),
    BEVIS_PORT: String(port),
    ...more,
  }
  const process = startBevis(['witness'], { env })
  running.push(process)
  await process.says('listening on')
  return { url: `http://127.0.0.1:${port}`, process }
}

let next = 20_000 + (process.pid % 20_000)
async function freePort(): Promise<number> {
  for (;;) {
    const port = (next += 1)
    if (await isFree(port)) return port
  }
}

async function add(url: string, from: number, size: number, of = log) {
  const body = printAddCheckpoint({ oldSize: from, proof: of.prove(from, size), note: of.note(size) })
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body })
  return { status: response.status, text: await response.text() }
}

describe('bevis witness key', () => {
  test('makes a key for its owner alone and tells the same verifier key ever after', async () => {
    const file = join(folder, 'key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const seed = readFileSync(file)
    const again = await bevis(['witness', 'key', name, file])
    expect([again.code, again.stdout.trim(), readFileSync(file)]).toEqual([0, vkey, seed])
    expect(parseVerifierKey(vkey)).toMatchObject({ name, type: 4 })
  })

  test('makes nothing under a name that cannot be one', async () => {
    const file = join(folder, 'other')
    const { code, stderr } = await bevis(['witness', 'key', 'a name', file])
    expect([code, stderr, statSync(file, { throwIfNoEntry: false })]).toEqual([
      2,
      expect.stringContaining('usage/witness-name'),
      undefined,
    ])
  })
})

describe('bevis witness', () => {
  test('cosigns as a process of its own, answers operators and ends when told to', async () => {
    const { url, process } = await start()
    const { status, text } = await add(url, 0, 3)
    const [body] = log.note(3).split('\n\n')
    expect(status).toBe(200)
    expect(openNote(`${body}\n\n${text}`, [parseVerifierKey(vkey)]).verified).toHaveLength(1)
    const operators = /operators ask (http:\S+?)"/.exec(process.stderr())?.[1]
    expect(await (await fetch(`${operators}/readyz?verbose`)).text()).toContain('[+]store ok\n[+]logs ok')
    expect(await (await fetch(`${operators}/metrics`)).text()).toContain('bevis_witness_requests_total{status="200"} 1')
    process.kill('SIGTERM')
    expect((await process.ended).code).toBe(0)
  })

  test('puts a line by each of its two keys, of which a policy goes by either', async () => {
    const file = join(folder, 'second')
    const second = (await bevis(['witness', 'key', name, file, '--ml-dsa'])).stdout.trim()
    const { url } = await start({ BEVIS_WITNESS_ML_DSA_KEY_FILE: file })
    const { status, text } = await add(url, 0, 3)
    const note = `${log.note(3).split('\n\n')[0]}\n\n${text}`
    const types = (keys: readonly string[]) =>
      openNote(note, keys.map(parseVerifierKey)).verified.map(({ verifier }) => verifier.type)
    expect([status, types([vkey]), types([second]), types([vkey, second])]).toEqual([200, [0x04], [0x06], [0x04, 0x06]])
    expect((await (await fetch(`${url}/`)).text()).split('\n').slice(0, 2)).toEqual([vkey, second])
    writeFileSync(file, 'short')
    await expect(start({ BEVIS_WITNESS_ML_DSA_KEY_FILE: file })).rejects.toThrow('BEVIS_WITNESS_ML_DSA_KEY_FILE')
  })

  test('does not start on another key than 32 bytes', async () => {
    writeFileSync(join(folder, 'key'), 'short')
    await expect(start()).rejects.toThrow('BEVIS_WITNESS_KEY_FILE')
  })

  test('two processes on one folder cosign one of two trees', async () => {
    const both = await Promise.all([start(), start()])
    const fork = log.forkedAt(3)
    await add(both[0].url, 0, 3)
    const answers = await Promise.all([add(both[0].url, 3, 5), add(both[1].url, 3, 5, fork)])
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409])
  })

  // A process that dies between its judgement and its answer: at every moment there is.
  test.each(moments)('killed %s the step is on disk, it forgets nothing and says no second thing', async (moment) => {
    const first = await start()
    await add(first.url, 0, 4)
    const point = pointName({ process: 'witness', step: 'cosign', effect: 1, moment })
    writeFileSync(pointFile(join(folder, 'failpoints'), 'armed', point), '1')
    await expect(add(first.url, 4, 6)).rejects.toThrow()
    expect((await first.process.ended).code).toBeNull()

    const { url } = await start()
    const holds = moment === 'before' ? 4 : 6
    const size = Number((await add(url, 1, 9)).text)
    expect(size).toBe(holds)
    // Another history from where it was is refused, and the log itself goes on.
    expect((await add(url, holds, 9, log.forkedAt(holds - 1))).status).toBe(422)
    expect((await add(url, holds, 6)).status).toBe(200)
  })
})
