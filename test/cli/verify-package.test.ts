/** `bevis verify` on audit packages: recognised by what they are, judged without network, exit codes as scripts need them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '#audit/digest.ts'
import { documentSigner } from '../support/documents.ts'
import { caseTrail, type Files, filesOf, policyText, sealed, soundPackage, zipped } from '../support/package.ts'
import { bevis } from './run-bevis.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-package-'))
const at = (name: string) => join(folder, name)
const policy = ['--policy', at('trust.policy'), '--at', '2026-12-01']

beforeAll(async () => {
  const signer = await documentSigner()
  const { files, of } = await soundPackage('A', signer.sign)
  await signer.close()
  writeFileSync(at('trust.policy'), policyText)
  writeFileSync(at('package.zip'), await zipped(files))
  unpacked(at('folder'), files)
  const tampered = filesOf(of)
  tampered.set(`trails/${caseTrail}/0003.json`, utf8('{}'))
  writeFileSync(at('tampered.zip'), await zipped(sealed(tampered)))
  const poor = filesOf(of)
  poor.delete('heads.json')
  writeFileSync(at('poor.zip'), await zipped(sealed(poor)))
})
afterAll(() => rmSync(folder, { recursive: true }))

function unpacked(root: string, files: Files): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), bytes)
  }
}

describe('bevis verify, an audit package', () => {
  test('exits 0 for a sound one, as archive and as folder, and says so first', async () => {
    for (const name of ['package.zip', 'folder']) {
      const { code, stdout, stderr } = await bevis(['verify', at(name), ...policy])
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout.split('\n')[0]).toMatch(/^✔ \S+  The package is genuine and unchanged\./)
      expect(stdout).toMatch(/E1 holds: Who decided has neither taught nor scored the learner/)
      expect(stdout).toContain('Result: GENUINE and unchanged. Not checked: anchors, brackets.')
    }
  })

  test('exits 3 for a tampered one and names the check, and 8 for one that lacks material', async () => {
    const tampered = await bevis(['verify', at('tampered.zip'), ...policy])
    expect([tampered.code, tampered.stdout]).toEqual([3, expect.stringMatching(/canonical +FAILED/)])
    const poor = await bevis(['verify', at('poor.zip'), ...policy])
    expect([poor.code, poor.stdout]).toEqual([8, expect.stringMatching(/completeness +could not check/)])
    const content = await bevis(['verify', at('poor.zip'), ...policy, '--without', 'completeness'])
    expect(content.code).toBe(0)
  })

  test('exits 2 without a policy of the verifier’s own, and for a policy that is none', async () => {
    const without = await bevis(['verify', at('package.zip')])
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('--policy')])
    expect((await bevis(['verify', at('package.zip'), '--policy', at('package.zip')])).code).toBe(2)
    expect((await bevis(['verify', at('package.zip'), ...policy, '--without', 'everything'])).code).toBe(2)
  })

  test('answers one JSON document, the same to the letter each time', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => bevis(['verify', at('package.zip'), ...policy, '--json'])))
    expect(one?.stdout).toBe(two?.stdout)
    expect(one?.json()).toMatchObject({
      packages: [{ file: 'package.zip', outcome: 'passed', proved: { size: 28 }, trails: [{ case: 'case_fixture' }] }],
    })
  })

  test('flags what is dated later than the time it is verified at', async () => {
    const { code, stdout } = await bevis([
      'verify',
      at('package.zip'),
      '--policy',
      at('trust.policy'),
      '--at',
      '2026-01-01',
    ])
    expect([code, stdout]).toEqual([3, expect.stringMatching(/clock +FAILED/)])
  })

  test('follows no link out of a folder, and takes no garbage for a package', async () => {
    symlinkSync('/etc', at('folder/etc'))
    const linked = await bevis(['verify', at('folder'), ...policy])
    expect([linked.code, linked.stdout]).toEqual([3, expect.stringContaining('link: etc')])
    rmSync(at('folder/etc'))
    writeFileSync(at('garbage.zip'), 'PK\x03\x04 and no more')
    const garbage = await bevis(['verify', at('garbage.zip'), ...policy])
    expect([garbage.code, garbage.stdout]).toEqual([3, expect.stringContaining('cannot be read')])
  })
})
