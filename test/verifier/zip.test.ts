/** The reader of archives against archives that lie: whatever two readers could see differently is refused, by name. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { filesIn } from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'
import { openZip, type Source } from '#verifier/zip.ts'
import { type Lie, zipOf } from '../support/zip.ts'

const text = (content: string) => new TextEncoder().encode(content)
const plain = [
  { name: 'a.json', bytes: text('{}') },
  { name: 'b/one.txt', bytes: text('one') },
]

function source(bytes: Uint8Array): Source {
  return { size: bytes.length, read: async (from, length) => bytes.subarray(from, from + length) }
}

async function problemOf(bytes: Uint8Array, limits?: Parameters<typeof openZip>[1]): Promise<string> {
  try {
    const files = await openZip(source(bytes), limits)
    for (const name of files.names) await files.read(name)
    return 'read'
  } catch (error) {
    if (error instanceof PackageProblem) return error.code
    throw error
  }
}

describe('an archive as written', () => {
  test('gives its files, each with its own bytes', async () => {
    const files = await openZip(source(zipOf(plain)))
    expect(files.names).toEqual(['a.json', 'b/one.txt'])
    expect(await files.read('b/one.txt')).toEqual(text('one'))
    await expect(files.read('b/two.txt')).rejects.toMatchObject({ code: 'no-such-file' })
  })

  test('may have more files than a plain zip can count', async () => {
    const many = Array.from({ length: 65_600 }, (_, index) => ({
      name: `t/${String(index).padStart(6, '0')}`,
      bytes: new Uint8Array(),
    }))
    const files = await openZip(source(zipOf(many)))
    expect(files.names.length).toBe(65_600)
  })
})

describe('an archive that lies', () => {
  const lies: readonly (readonly [told: string, code: string, lie: Lie])[] = [
    ['is encrypted', 'encrypted', { flags: 1 }],
    ['has a data descriptor', 'zip-not-as-written', { flags: 8 }],
    ['is deflated', 'zip-not-as-written', { method: 8 }],
    ['holds a symbolic link', 'link', { attributes: 0xa1ff_0000 }],
    ['has an extra field', 'zip-not-as-written', { extra: text('\x01\x00\x00\x00') }],
    ['announces more bytes than it has', 'overlap', { size: (size) => size + 10 }],
    ['announces more than any file may have', 'too-large', { size: () => 0x7fff_ffff }],
    ['announces other sizes packed and unpacked', 'size-lie', { unpacked: (size) => size * 1000 }],
    ['says otherwise in a file’s own header', 'size-lie', { localName: (name) => name.replace('one', 'two') }],
    ['puts two files in one place', 'overlap', { offset: () => 0 }],
    ['points outside itself', 'overlap', { offset: () => 0x7fff_ffff }],
    ['counts more files than it has', 'size-lie', { count: (count) => count + 1 }],
    ['counts fewer files than it has', 'size-lie', { count: (count) => count - 1 }],
    ['claims a huge count', 'size-lie', { count: () => 0xffff }],
    ['has bytes before its first file', 'overlap', { before: text('#!/bin/sh\n') }],
    ['has bytes between files and directory', 'overlap', { between: text('hidden') }],
    ['has a comment', 'not-a-zip', { comment: text('hello') }],
    ['has a wrong checksum', 'zip-damaged', { crc: (crc) => crc ^ 1 }],
  ]
  test.each(lies)('%s: %s', async (_, code, lie) => {
    expect(await problemOf(zipOf(plain, lie))).toBe(code)
  })

  test.each([
    '../evil',
    'a/../../evil',
    '/etc/passwd',
    'C:/windows',
    'a\\b',
    'a//b',
    'a/',
    '.hidden/x',
    'a\0b',
    'å.txt',
    'x'.repeat(300),
    'a/b/c/d/e/f/g/h/i/j',
  ])('has a file named %j', async (name) => {
    expect(await problemOf(zipOf([{ name, bytes: text('x') }]))).toBe('name')
  })

  test('has a name twice, also where only case differs, and never in another order', async () => {
    const named = (...names: string[]) => zipOf(names.map((name) => ({ name, bytes: text('x') })))
    expect(await problemOf(named('a', 'a'))).toBe('name-twice')
    expect(await problemOf(named('A', 'a'))).toBe('name-twice')
    expect(await problemOf(named('b', 'a'))).toBe('zip-not-as-written')
    expect(() =>
      filesIn(
        new Map([
          ['A', text('')],
          ['a', text('')],
        ]),
      ),
    ).toThrow('name-twice')
  })

  test('has more or larger files than is allowed', async () => {
    const small = { files: 1, file: 100, total: 100 }
    expect(await problemOf(zipOf(plain), small)).toBe('too-many-files')
    expect(await problemOf(zipOf([{ name: 'a', bytes: new Uint8Array(101) }]), small)).toBe('too-large')
  })

  test('is cut off anywhere', async () => {
    const whole = zipOf(plain)
    for (let length = 0; length < whole.length; length += 1)
      expect(await problemOf(whole.subarray(0, length))).not.toBe('read')
  })

  test('has any one bit turned: refused, and never with another error', async () => {
    const whole = zipOf(plain)
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const turned = Uint8Array.from(whole)
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await problemOf(turned), `bit ${bit}`).not.toBe('read')
    }
  })

  test('is anything at all: a refusal under a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await problemOf(bytes)).not.toBe('read')
      }),
      { numRuns: 300 },
    )
  })
})
