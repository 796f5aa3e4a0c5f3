/** Packages under a fuzzer, for a count: whatever is done to one, the verifier answers with a report and never passes what it should not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '#audit/digest.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { documentSigner } from '../support/documents.ts'
import { caseTrail, trust } from '../support/memory-log.ts'
import { filesOf, opened, sealed, soundPackage } from '../support/package.ts'
import { propertiesOf } from './properties.ts'

const signer = await documentSigner()
const properties = await propertiesOf(signer.sign)
await signer.close()

describe('whatever is done to a package', () => {
  test.each(properties)('$name', { timeout: 120_000 }, async ({ holds }) => {
    await fc.assert(holds, { numRuns: 60 })
  })
})

describe('a package that asks for too much', () => {
  test('has JSON nested deeper than any document: refused, and no stack runs out', async () => {
    const files = filesOf((await soundPackage('E')).of)
    const deep = utf8(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    for (const name of ['heads.json', `trails/${caseTrail}/disclosures.json`, `trails/${caseTrail}/inputs/0003.json`])
      files.set(name, deep)
    const report = await verifyPackage(opened(sealed(files)), trust)
    expect(report.outcome).toBe('failed')
  })

  test('has a proof of a million lines and a note of a million signatures: refused', async () => {
    const files = filesOf((await soundPackage('E')).of)
    files.set(
      `trails/${caseTrail}/0001.tlog-proof`,
      utf8(`c2sp.org/tlog-proof@v1\nindex 0\n${'A\n'.repeat(1_000_000)}\n`),
    )
    const { outcome } = await verifyPackage(opened(sealed(files)), trust)
    expect(outcome).toBe('failed')
    const note = new TextDecoder().decode(files.get('checkpoint.txt'))
    files.set('checkpoint.txt', utf8(note + '— stranger.example AAAAAAAAAAAAAAAA\n'.repeat(100_000)))
    expect((await verifyPackage(opened(sealed(files)), trust)).outcome).toBe('failed')
  })

  test('reads in memory that does not grow with the archive', async () => {
    const { files } = await soundPackage('E')
    const large = 300 * 1024 * 1024
    let held = 0
    const whole = await opened(files)()
    const name = 'zz-large'
    const report = await verifyPackage(
      async () => ({
        names: [
          ...whole.names,
          ...Array.from({ length: 300 }, (_, index) => `${name}-${String(index).padStart(3, '0')}`),
        ],
        sizeOf: (one) => (one.startsWith(name) ? large / 300 : whole.sizeOf(one)),
        read: async (one) => {
          held = Math.max(held, process.memoryUsage().arrayBuffers)
          return one.startsWith(name) ? new Uint8Array(large / 300) : whole.read(one)
        },
      }),
      trust,
    )
    expect(report.checks.find(({ id }) => id === 'files')?.outcome).toBe('failed')
    expect(held).toBeLessThan(large / 2)
  })
})
