/** `bevis log fsck` from a folder and over HTTP, with the exit codes scripts go by. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519Signer } from '#audit/note-key.ts'
import { writeLog } from '../audit/log/folder.ts'
import { leavesOf, opened, log as origin } from '../audit/sample.ts'
import { bevis } from './run-bevis.ts'

const trailOf = (count: number) => leavesOf(Array.from({ length: count }, () => opened))
const signer = ed25519Signer(origin, new Uint8Array(32).fill(3))
const folder = mkdtempSync(join(tmpdir(), 'bevis-fsck-'))
const whole = join(folder, 'whole')

beforeAll(() => {
  writeLog(whole, trailOf(700), signer)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** A copy of the whole log, with one thing done to it. */
function damaged(name: string, damage: (at: (path: string) => string) => void): string {
  const copy = join(folder, name.replaceAll(/\W+/g, '-'))
  cpSync(whole, copy, { recursive: true })
  damage((path) => join(copy, path))
  return copy
}

const flip = (path: string, at: number) => {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

describe('bevis log fsck', () => {
  test('tells a whole log, and whose signature it carries', async () => {
    const { code, stdout, stderr } = await bevis(['log', 'fsck', '--dir', whole, '--vkey', signer.vkey, '--trails'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('The log is whole.')
    expect(stdout).toMatch(/Trails +1 of 700 entries/)
  })

  test('ends with 3 for a damaged one, and lists what differs', async () => {
    const dir = damaged('command', (at) => flip(at('tile/0/000'), 0))
    const other = ed25519Signer('other.example', new Uint8Array(32).fill(4))
    const text = await bevis(['log', 'fsck', '--dir', dir])
    expect([text.code, text.stdout]).toEqual([
      3,
      expect.stringContaining('tile/0/000 hash 0 differs from what lies below it'),
    ])
    const json = await bevis(['log', 'fsck', '--dir', dir, '--vkey', other.vkey, '--json'])
    expect([json.code, json.json()]).toMatchObject([
      3,
      {
        origin,
        size: 700,
        whole: false,
        differences: 2,
        findings: [
          { code: 'signature-missing', path: 'checkpoint' },
          { code: 'hash-differs', path: 'tile/0/000', at: 0 },
        ],
      },
    ])
  })

  test('reads a log over HTTP, asks again where a server stumbles, and tells one that is not there', async () => {
    let stumbles = 1
    const server = createServer((request, response) => {
      if (request.url === '/log/tile/0/001' && stumbles > 0) {
        stumbles -= 1
        response.writeHead(503).end()
        return
      }
      try {
        response.end(readFileSync(join(whole, (request.url ?? '').replace('/log/', ''))))
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const found = await bevis(['log', 'fsck', '--url', `http://127.0.0.1:${port}/log`, '--json'])
    expect([found.code, found.json()]).toMatchObject([0, { whole: true, size: 700 }])
    expect(await bevis(['log', 'fsck', '--url', `http://127.0.0.1:${port}/nothing`])).toMatchObject({ code: 4 })
    await new Promise((resolve) => server.close(resolve))
  })

  test.each([
    [['--dir', whole, '--url', 'http://localhost'], 'usage/source'],
    [['--dir', whole, '--vkey', 'nobody'], 'usage/vkey'],
  ])('refuses %j', async (args, code) => {
    const ended = await bevis(['log', 'fsck', ...args])
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(code)])
  })
})
