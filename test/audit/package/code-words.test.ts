/** No code that a package shows stands there without words. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { disclosedWords, packagePurposes, reasonWords, wordsOf } from '#audit/package/code-words.ts'
import { roleWords } from '#audit/package/words.ts'
import { parsePolicy } from '#audit/policy.ts'
import { blockers, erasureBases } from '#domain/erasure.ts'
import { revocationReasons } from '#domain/gates/revocation.ts'
import { caseStates, stateWords } from '#domain/issuance/state.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { openZip } from '#verifier/zip.ts'
import { root } from '../../support/paths.ts'

const isUnknown = (reason: string) => reasonWords(reason).sv === `kod ${reason}`

/** What machines write as `reason`, as a literal; what persons choose is theirs. */
function writtenReasons(): string[] {
  const sources = globSync('{activities,db,workers}/**/*.ts', { cwd: root })
  const found = sources.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\breason: '([a-z-]+)'|toOfficer\([^']*'([a-z-]+)'\)/g)].map(
      ([, reason, overdue]) => reason ?? overdue ?? '',
    ),
  )
  return [...new Set(found)]
}

test('every reason of a closed list, and every one that a machine writes, has words in both languages', () => {
  const written = writtenReasons()
  expect(written).toEqual(expect.arrayContaining(['below-promise', 'evidence-overdue', 'approval-overdue']))
  const closed = [...revocationReasons, ...Object.keys(erasureBases), ...Object.keys(blockers)]
  expect([...written, ...closed].filter(isUnknown)).toEqual([])
})

test('a reason that a person wrote stays what they wrote, as a code', () => {
  expect(reasonWords('outcomes-shown')).toEqual({ sv: 'kod outcomes-shown', en: 'code outcomes-shown' })
  expect(reasonWords('constructor').en).toBe('code constructor')
})

test('every state of a case has words', () => {
  expect(caseStates.map((state) => stateWords[state]).filter((words) => words.sv === '' || words.en === '')).toEqual([])
})

test('packages of an earlier release show no role, reason of a machine, purpose or disclosed name as a code', async () => {
  const folder = join(root, 'test', 'golden', '0.1.0')
  const policy = parsePolicy(readFileSync(join(folder, 'trust.policy'), 'utf8'))
  for (const name of ['court', 'accreditor', 'sample', 'public', 'log']) {
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.zip`)))
    const source = { size: bytes.length, read: async (from: number, size: number) => bytes.subarray(from, from + size) }
    const report = await verifyPackage(() => openZip(source), { policy })
    const entries = report.trails.flatMap(({ timeline }) => timeline)
    const bare = [
      ...entries.filter(({ actor }) => roleWords(actor.role).sv === actor.role).map(({ actor }) => actor.role),
      ...entries
        .filter(({ type, reason }) => reason !== undefined && type === 'approver.appointed/1' && isUnknown(reason))
        .map(({ reason }) => reason),
      ...entries
        .flatMap(({ disclosed }) => disclosed)
        .filter((value) => wordsOf(disclosedWords, value.name).sv === value.name)
        .map((value) => value.name),
    ]
    expect([name, bare]).toEqual([name, []])
    expect(Object.keys(packagePurposes)).toContain(report.stated?.purpose)
  }
})
