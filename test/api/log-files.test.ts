/** A published log over HTTP: what a cache may keep of it and for how long, so that a mirror costs its institution nothing. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ed25519Signer } from '#audit/note-key.ts'
import { writeLog } from '../audit/log/folder.ts'
import { leavesOf, opened, log as origin } from '../audit/sample.ts'
import { bevis } from '../cli/run-bevis.ts'
import { type ApiWorld, createApiWorld } from './world.ts'

const leaves = leavesOf(Array.from({ length: 700 }, () => opened))
const signer = ed25519Signer(origin, new Uint8Array(32).fill(3))

let w: ApiWorld
beforeAll(async () => {
  w = await createApiWorld()
  writeLog(join(w.logDir, 'norrsken'), leaves, signer)
})
afterAll(() => w.dispose())

const at = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  w.ask(undefined, `/log/norrsken/${path}`, { method, headers })
const stored = (path: string) => readFileSync(join(w.logDir, 'norrsken', path))
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())
const told = (response: Response, ...names: string[]) => [
  response.status,
  ...names.map((name) => response.headers.get(name)),
]

describe('of a published log', () => {
  test.each([
    ['a whole tile', 'tile/0/001'],
    ['a part of a tile', 'tile/0/002.p/188'],
    ['a tile of a higher level', 'tile/1/000.p/2'],
    ['a whole bundle', 'tile/entries/000'],
    ['a part of a bundle', 'tile/entries/002.p/188'],
  ])('%s may be kept for ever by anybody', async (_, path) => {
    const response = await at(path)
    expect(told(response, 'cache-control', 'content-type', 'access-control-allow-origin')).toEqual([
      200,
      'public, max-age=31536000, immutable',
      'application/octet-stream',
      '*',
    ])
    expect(await bytesOf(response)).toEqual(stored(path))
  })

  test('the checkpoint is text that is old after a second, and is not sent to who has it', async () => {
    const response = await at('checkpoint')
    expect(told(response, 'cache-control', 'content-type')).toEqual([
      200,
      'public, max-age=1, must-revalidate',
      'text/plain; charset=utf-8',
    ])
    expect(await bytesOf(response)).toEqual(stored('checkpoint'))
    const headers = { 'if-none-match': response.headers.get('etag') ?? '' }
    const again = await at('checkpoint', headers)
    expect(told(again, 'cache-control')).toEqual([304, 'public, max-age=1, must-revalidate'])
    // As the log's own process does: written aside, then in its place.
    const file = join(w.logDir, 'norrsken', 'checkpoint')
    const old = readFileSync(file)
    writeFileSync(`${file}.new`, `${old.toString()}— another signature\n`)
    renameSync(`${file}.new`, file)
    expect((await at('checkpoint', headers)).status).toBe(200)
    writeFileSync(file, old)
  })

  test('bundles are sent compressed to who takes it, and a cache keeps the two apart', async () => {
    const plain = await at('tile/entries/000', { 'accept-encoding': 'identity' })
    const small = await at('tile/entries/000', { 'accept-encoding': 'gzip' })
    expect(told(plain, 'content-encoding', 'vary')).toEqual([200, null, 'Accept-Encoding'])
    expect(told(small, 'content-encoding', 'vary')).toEqual([200, 'gzip', 'Accept-Encoding'])
    expect(await bytesOf(small)).toEqual(await bytesOf(plain))
    expect(told(await at('tile/0/001', { 'accept-encoding': 'gzip' }), 'content-encoding', 'vary')).toEqual([
      200,
      null,
      null,
    ])
  })

  test('what is not there yet is not remembered as missing', async () => {
    for (const path of ['tile/0/003', 'tile/0/002', 'tile/entries/002.p/189', 'tile/0/002.p/188/1']) {
      expect(told(await at(path), 'cache-control'), path).toEqual([404, 'no-store'])
    }
    const nowhere = await w.ask(undefined, '/log/sorsken/checkpoint')
    expect(told(nowhere, 'cache-control')).toEqual([404, 'no-store'])
  })

  test('nothing but its own files is served, however it is asked for', async () => {
    mkdirSync(join(w.logDir, 'norrsken', 'tile', 'keys'), { recursive: true })
    for (const file of ['norrsken/norrsken.seed', 'norrsken/tile/keys/000', 'secret', 'norrsken/checkpoint.new']) {
      writeFileSync(join(w.logDir, file), 'a secret')
    }
    const asked = [
      'norrsken.seed',
      'tile/keys/000',
      'checkpoint.new',
      '..%2fsecret',
      'tile/..%2f..%2fsecret',
      'tile//0/001',
      'tile/0/1',
      'tile/00/001',
      'tile/0/001.p/256',
      '',
    ]
    for (const path of asked) {
      const response = await at(path)
      expect([path, response.status, (await response.text()).includes('a secret')]).toEqual([path, 404, false])
    }
  })

  test('headers can be asked for alone, and nothing can be put there', async () => {
    const head = await at('tile/0/001', {}, 'HEAD')
    expect(told(head, 'cache-control')).toEqual([200, 'public, max-age=31536000, immutable'])
    expect((await bytesOf(head)).length).toBe(0)
    for (const method of ['PUT', 'POST', 'DELETE']) {
      expect(told(await at('checkpoint', {}, method), 'allow'), method).toEqual([405, 'GET, HEAD'])
    }
  })

  test('a range is answered with the whole', async () => {
    const response = await at('tile/0/001', { range: 'bytes=0-31' })
    expect(response.status).toBe(200)
    expect((await bytesOf(response)).length).toBe(8192)
  })

  test('any tool reads it whole from its address', async () => {
    const { code, stdout, stderr } = await bevis([
      'log',
      'fsck',
      '--url',
      `${w.api.url}/log/norrsken`,
      '--vkey',
      signer.vkey,
      '--trails',
    ])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('The log is whole.')
  })
})
