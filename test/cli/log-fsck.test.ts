/** `bevis log fsck` from a folder and over HTTP, with the exit codes scripts go by. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkpointText } from '#audit/checkpoint.ts'
import { buildLeaf, nextEntry } from '#audit/entry.ts'
import { headsMap } from '#audit/heads.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { leafHash } from '#audit/tree.ts'
import { writeLog } from '../audit/log/folder.ts'
import { flip, signer, trailOf, wholeLog } from '../audit/log/whole-log.ts'
import { opened, log as origin, start, trail } from '../audit/sample.ts'
import { bevis } from './run-bevis.ts'

const { folder, whole, damaged } = wholeLog()

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

  test('waits for no pipe and reads no device that lies where a file should', async () => {
    const pipe = damaged('pipe', (at) => {
      rmSync(at('checkpoint'))
      execFileSync('mkfifo', [at('checkpoint')])
    })
    const device = damaged('device', (at) => {
      rmSync(at('tile/entries/001'))
      symlinkSync('/dev/zero', at('tile/entries/001'))
    })
    for (const dir of [pipe, device]) {
      const { code, stderr } = await bevis(['log', 'fsck', '--dir', dir, '--json'])
      expect([code, JSON.parse(stderr)]).toMatchObject([3, { error: { code: 'log/not-a-file' } }])
    }
  })

  test('compares with no more of an older log than there is, whatever size it claims', async () => {
    const boasting = join(folder, 'boasting')
    const claim = { origin: `${origin}.2`, size: Number.MAX_SAFE_INTEGER, root: new Uint8Array(32), extensions: [] }
    mkdirSync(boasting, { recursive: true })
    writeFileSync(
      join(boasting, 'checkpoint'),
      signNote(checkpointText(claim), [ed25519Signer(claim.origin, new Uint8Array(32).fill(4))]),
    )
    const found = await bevis(['log', 'fsck', '--dir', whole, '--succeeds', boasting, '--json'])
    expect([found.code, found.json()]).toMatchObject([
      3,
      { findings: [{ code: 'before-not-whole' }, { code: 'before-unnamed' }], before: { lost: 0 } },
    ])
  })

  test('computes the newest manifest of trail heads anew, and tells one that leaves entries out', async () => {
    const entries = trailOf(300)
    const manifestOver = (count: number): Uint8Array => {
      const map = headsMap(origin)
      map.add({ trail, n: count, head: leafHash(entries[count - 1] ?? new Uint8Array()) })
      const { root, size } = map.finish()
      const told = { asOfSize: entries.length, mapRoot: root, trails: size }
      const draft = { ...opened, id: 'heads:300', type: 'log.heads/1', data: told }
      return buildLeaf(nextEntry(draft, { ...start, trail: trail.replace('9', '8') }, '2026-03-01T11:00:00.000Z'))
    }
    for (const [name, count, code] of [
      ['true-heads', 300, 0],
      ['false-heads', 299, 3],
    ] as const) {
      writeLog(join(folder, name), [...entries, manifestOver(count)], signer)
      const found = await bevis(['log', 'fsck', '--dir', join(folder, name), '--heads', '--trails', '--json'])
      const findings = code === 0 ? [] : [{ code: 'heads-differ', path: 'checkpoint', at: 300 }]
      expect([found.code, found.json()]).toMatchObject([code, { heads: { asOfSize: 300, trails: 1 }, findings }])
    }
    const none = await bevis(['log', 'fsck', '--dir', whole, '--heads', '--json'])
    expect([none.code, none.json()]).toMatchObject([0, { heads: 'none' }])
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
