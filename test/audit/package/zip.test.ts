/** The archive as foreign programs read it, and as the same bytes every time. */
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { AuditError } from '#audit/errors.ts'
import { type PackageFile, zip } from '#audit/package/zip.ts'

async function zipped(files: readonly PackageFile[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of zip(inTurn(files))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* inTurn(files: readonly PackageFile[]): AsyncGenerator<PackageFile> {
  yield* files
}

const file = (path: string, text = ''): PackageFile => ({ path, bytes: Buffer.from(text) })

test('another program finds every file as it was put in', async () => {
  const files = [file('README.en.md', 'å'.repeat(1_000)), file('a/b.json', '{}'), file('empty')]
  const found = unzipSync(await zipped(files))
  expect(Object.keys(found)).toEqual(files.map(({ path }) => path))
  for (const { path, bytes } of files) expect(Buffer.from(found[path] ?? []).equals(bytes)).toBe(true)
})

test('the archive is its files and nothing of the machine: byte for byte this one', async () => {
  const bytes = await zipped([file('a', 'x'), file('b/c', 'yz')])
  expect(Buffer.from(bytes).toString('hex')).toMatchInlineSnapshot(
    `"504b03040a0000000000000021008316dc8c0100000001000000010000006178504b03040a0000000000000021006248f40f020000000200000003000000622f63797a504b01020a000a0000000000000021008316dc8c010000000100000001000000000000000000000000000000000061504b01020a000a0000000000000021006248f40f0200000002000000030000000000000000000000000020000000622f63504b0506000000000200020060000000430000000000"`,
  )
})

/** A number in so many bytes, the lowest first. */
const number = (value: number, bytes: number) => {
  const room = Buffer.alloc(8)
  room.writeBigUInt64LE(BigInt(value))
  return room.subarray(0, bytes).toString('hex')
}

describe('an archive of empty files', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => file(`f/${String(index).padStart(6, '0')}`))
  /** Of a directory of `count` lines: its bytes, and where it begins. */
  const directory = (count: number) => ({ size: count * (46 + 8), offset: count * (30 + 8) })

  test('ends plainly with up to 65,534 of them', async () => {
    const { size, offset } = directory(0xff_fe)
    const bytes = await zipped(many(0xff_fe))
    const ending = bytes.subarray(offset + size)
    expect(Buffer.from(ending).toString('hex')).toBe(
      `504b050600000000fefffeff${number(size, 4)}${number(offset, 4)}0000`,
    )
  })

  test('ends as APPNOTE 6.3.10 §4.3.14–16 has it with more, and another program finds them all', async () => {
    const count = 0xff_ff
    const { size, offset } = directory(count)
    const bytes = await zipped(many(count))
    const record = [
      // Signature, size of the rest, version 4.5 twice, disks, count twice, directory.
      '504b0606',
      number(44, 8),
      '2d002d00',
      number(0, 8),
      number(count, 8),
      number(count, 8),
      number(size, 8),
      number(offset, 8),
    ]
    const locator = ['504b0607', number(0, 4), number(offset + size, 8), number(1, 4)]
    const end = ['504b0506', '00000000', 'ffffffff', number(size, 4), number(offset, 4), '0000']
    expect(Buffer.from(bytes.subarray(offset + size)).toString('hex')).toBe([...record, ...locator, ...end].join(''))
    expect(Object.keys(unzipSync(bytes))).toHaveLength(count)
  })
})

describe('limits', () => {
  const largest = Buffer.alloc(64 * 1024 * 1024)

  test('a file of 64 MiB is written, and none that is a byte larger', async () => {
    expect((await zipped([{ path: 'a', bytes: largest }])).length).toBeGreaterThan(largest.length)
    const larger = [file('a'), { path: 'b', bytes: Buffer.alloc(largest.length + 1) }]
    await expect(zipped(larger)).rejects.toThrow('package-unwritable: b')
  })

  test('an archive is written up to where 32 bits count it with its directory, and no file beyond', async () => {
    const name = (index: number) => String(index).padStart(2, '0')
    const [header, line] = [30 + 2, 46 + 2]
    const whole = 63
    const rest = 2 ** 32 - 1 - whole * largest.length - (whole + 1) * (header + line)
    const files = async function* (): AsyncGenerator<PackageFile> {
      for (let index = 0; index < whole; index += 1) yield { path: name(index), bytes: largest }
      yield { path: name(whole), bytes: largest.subarray(0, rest) }
      yield file('z')
    }
    let length = 0
    const writing = async () => {
      for await (const chunk of zip(files())) length += chunk.length
    }
    await expect(writing).rejects.toThrow('package-unwritable: z')
    // Without the directory's lines, which would have followed.
    expect(length).toBe(2 ** 32 - 1 - (whole + 1) * line)
  })
})

test.each([
  ['upwards', ['../a']],
  ['from the root', ['/etc/passwd']],
  ['with a step in the middle', ['a/./b']],
  ['with letters that file systems read differently', ['a\\b']],
  ['out of order', ['b', 'a']],
  ['twice', ['a', 'a']],
])('a path %s is not written', async (_what, paths) => {
  await expect(zipped(paths.map((path) => file(path)))).rejects.toThrow(
    new AuditError('package-unwritable', paths.at(-1) ?? ''),
  )
})
