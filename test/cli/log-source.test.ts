/** A log at an address whose server means no good: what it can cost whoever reads it is bounded. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openLog } from '#cli/log-source.ts'
import type { Pace } from '#cli/pace.ts'

let end: (() => void) | undefined
afterEach(() => end?.())

/** A server that answers every request so. */
async function served(answer: (response: ServerResponse, nth: number) => unknown): Promise<string> {
  let asked = 0
  const server = createServer((_, response) => {
    asked += 1
    void answer(response, asked)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  end = () => server.close().closeAllConnections()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`
}

/** So many bytes, one by one. */
async function dribble(response: ServerResponse, bytes: number, everyMs: number): Promise<void> {
  for (let sent = 0; sent < bytes && !response.destroyed; sent += 1) {
    response.write('x')
    await sleep(everyMs)
  }
  response.end()
}

const short: Pace = { bytesPerSecond: 1_000, fileMs: 50, lateMs: 200, allLateMs: 300 }

test.each<readonly [string, (response: ServerResponse, nth: number) => unknown]>([
  ['sends a byte now and then', (response) => dribble(response, Number.POSITIVE_INFINITY, 20)],
  ['never answers', () => undefined],
  ['answers and sends nothing', (response) => response.writeHead(200).flushHeaders()],
  ['has every file asked for twice', (response, nth) => response.writeHead(nth % 2 === 1 ? 503 : 200).end('x')],
])('a server that %s is given up, and the file is named', async (_, answer) => {
  const url = await served(answer)
  const read = openLog({ url }, short)
  const all = async () => {
    for (let at = 0; at < 100; at += 1) await read(`tile/0/${String(at).padStart(3, '0')}`)
  }
  await expect(all()).rejects.toMatchObject({
    exit: 'unreachable',
    code: 'log/too-slow',
    what: expect.stringMatching(new RegExp(`^${url}/tile/0/0\\d\\d `)),
  })
})

test('files that each come just in time are late together', async () => {
  const url = await served((response) => dribble(response, 5, 30))
  const read = openLog({ url }, { bytesPerSecond: 1_000, fileMs: 1, lateMs: 60_000, allLateMs: 500 })
  const all = async () => {
    for (let at = 0; at < 100; at += 1) expect(await read(`tile/0/${String(at).padStart(3, '0')}`)).toHaveLength(5)
  }
  await expect(all()).rejects.toMatchObject({ code: 'log/too-slow' })
})

test('a large file over a slow line is waited for as long as it keeps coming', async () => {
  const url = await served((response) => dribble(response, 40, 50))
  const read = openLog({ url }, { bytesPerSecond: 1, fileMs: 0, lateMs: 1_000, allLateMs: 60_000 })
  expect(await read('tile/0/000')).toHaveLength(40)
})
