/** `bevis verify` on audit packages: recognised by what they are, judged without network, exit codes as scripts need them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '#audit/digest.ts'
import { packageProfiles } from '#audit/package/profiles.ts'
import { documentSigner } from '../support/documents.ts'
import { caseTrail, policyText } from '../support/memory-log.ts'
import { type Files, filesOf, sealed, soundPackage, zipped } from '../support/package.ts'
import { cutTo } from '../support/package-profile.ts'
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
  for (const profile of packageProfiles) writeFileSync(at(`${profile}.zip`), await zipped(cutTo(profile, files)))
  const undocumented = new Map([...files].filter(([path]) => !path.includes('/credentials/')))
  writeFileSync(at('undocumented.zip'), await zipped(sealed(undocumented, { profile: 'employer' })))
  writeFileSync(at('false.zip'), await zipped(sealed(await falselyJudged())))
  writeFileSync(at('relabelled.zip'), await zipped(cutTo('public', await falselyJudged())))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The log has recorded a verdict that its gate does not give: judged again, it shows. */
async function falselyJudged(): Promise<Files> {
  const { log, trail, told, ...rest } = (await soundPackage('A')).of
  const judged = told.judged.map((one) => {
    const text = new TextDecoder().decode(one.inputBytes).replaceAll('"pers_scorer"', '"pers_decider"')
    return { ...one, inputBytes: utf8(text) }
  })
  return filesOf({ log, trail, told: { ...told, judged }, ...rest })
}

function unpacked(root: string, files: Files): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), bytes)
  }
}

describe('bevis verify, a package for each reader', () => {
  const entriesAlone =
    /^◐ \S+ {2}Every entry is genuine and unchanged, but the gates were not judged again and separation/
  const whole = /^✔ \S+ {2}The package is genuine and unchanged[.]/

  test.each([
    ['public', entriesAlone],
    ['employer', entriesAlone],
    ['subject', entriesAlone],
    ['accreditor', whole],
    ['court', whole],
  ] as const)('%s: exits 0, and its first line says how far that reaches', async (profile, first) => {
    const { code, stdout, stderr } = await bevis(['verify', at(`${profile}.zip`), ...policy])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(first)
    if (first === entriesAlone) {
      expect(stdout.split('\n')[0]).toContain(`profile ${profile} withholds what that takes`)
      expect(stdout).toMatch(/Result: ENTRIES GENUINE and unchanged[.] Not checked: .*replay, separation/)
    }
  })

  test.each([
    // Rows: what is handed over. Columns: what was promised.
    ['public', [0, 8, 8, 8, 8]],
    ['employer', [0, 0, 0, 8, 8]],
    ['subject', [0, 0, 0, 8, 8]],
    ['accreditor', [0, 8, 8, 0, 8]],
    ['court', [0, 0, 0, 0, 0]],
  ] as const)('%s: exits 8 where less is handed over than was promised', async (profile, codes) => {
    const promised = ['public', 'employer', 'subject', 'accreditor', 'court']
    const ended = await Promise.all(
      promised.map((one) => bevis(['verify', at(`${profile}.zip`), ...policy, '--profile', one])),
    )
    expect(ended.map(({ code }) => code)).toEqual(codes)
  })

  test('hides no false judgement by calling itself public from whoever says what they were promised', async () => {
    const before = await bevis(['verify', at('false.zip'), ...policy])
    expect([before.code, before.stdout]).toEqual([3, expect.stringMatching(/replay +FAILED/)])
    const promised = await bevis(['verify', at('relabelled.zip'), ...policy, '--profile', 'accreditor'])
    expect([promised.code, promised.stdout]).toEqual([
      8,
      expect.stringContaining('The package says it is of profile public, and you demand accreditor.'),
    ])
    const unsaid = await bevis(['verify', at('relabelled.zip'), ...policy])
    expect(unsaid.stdout).toMatch(entriesAlone)
    expect(unsaid.stdout).not.toMatch(/✔|The package is genuine/)
    const { packages } = (await bevis(['verify', at('relabelled.zip'), ...policy, '--json'])).json() as Told
    expect(packages).toMatchObject([{ shows: 'entries', demanded: { profile: 'public', by: 'package' } }])
  })

  test('holds its own profile to what that shows: without its document one for an employer exits 8', async () => {
    const { code, stdout } = await bevis(['verify', at('undocumented.zip'), ...policy])
    expect([code, stdout]).toEqual([8, expect.stringMatching(/documents +could not check/)])
  })

  test('claims no more than was checked where the verifier does without', async () => {
    const { code, stdout } = await bevis(['verify', at('poor.zip'), ...policy, '--without', 'completeness'])
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toMatch(/What was checked holds[.] You can do without: completeness[.]$/)
    expect(stdout).not.toContain('GENUINE')
  })

  test('exits 2 for a profile there is none of', async () => {
    const { code, stderr } = await bevis(['verify', at('public.zip'), ...policy, '--profile', 'everybody'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('everybody is no profile')])
  })
})

interface Told {
  readonly packages: readonly unknown[]
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
