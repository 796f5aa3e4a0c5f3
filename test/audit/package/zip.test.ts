/** The archive as foreign programs read it, and as the same bytes every time. */
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
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

test('more files than a plain zip counts are all found', async () => {
  const many = Array.from({ length: 65_600 }, (_, index) => file(`f/${String(index).padStart(6, '0')}`))
  const found = unzipSync(await zipped(many))
  expect(Object.keys(found)).toHaveLength(many.length)
})

test.each([
  ['upwards', ['../a']],
  ['from the root', ['/etc/passwd']],
  ['with a step in the middle', ['a/./b']],
  ['with letters that file systems read differently', ['a\\b']],
  ['out of order', ['b', 'a']],
  ['twice', ['a', 'a']],
])('a path %s is not written', async (_what, paths) => {
  await expect(zipped(paths.map((path) => file(path)))).rejects.toThrow(AuditError)
})
