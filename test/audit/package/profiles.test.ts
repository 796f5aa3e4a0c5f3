/** The table of profiles: what the page for readers says is what the data says, and nothing is open that no line opens. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  disclosureNames,
  fileClasses,
  howShown,
  openings,
  packageProfiles,
  whyClosed,
} from '#audit/package/profiles.ts'
import { root } from '../../support/paths.ts'

const nobody = { isProtected: false }

/** Rows of the table in docs/audit-package.md: names in backquotes → cells. */
function documented(): { readonly row: string; readonly cells: readonly string[] }[] {
  const page = readFileSync(join(root, 'docs/audit-package.md'), 'utf8')
  const lines = page.split('\n')
  const head = lines.findIndex((line) => line.startsWith('| | public'))
  const end = lines.indexOf('', head)
  return lines.slice(head + 2, end).map((line) => {
    const [row = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return { row, cells }
  })
}

test.each([...disclosureNames, ...fileClasses])('who sees %s is documented as it is', (part) => {
  const isFile = fileClasses.some((one) => one === part)
  const row = documented().find((one) => one.row.includes(isFile ? `\`${part}/\`` : `\`${part}\``))
  const open = packageProfiles.map((profile) => (whyClosed(profile, part, nobody) === undefined ? '●' : ''))
  expect(row?.cells).toEqual(open)
})

test('who sees who looked is documented as it is', () => {
  const row = documented().find((one) => one.row === '`access/`')
  expect(row?.cells).toEqual(packageProfiles.map((profile) => (openings[profile].access ? '●' : '')))
})

test('what no line names is closed to everybody', () => {
  for (const profile of packageProfiles) expect(whyClosed(profile, 'something-new', nobody)).toBe('profile')
})

describe('protected identity', () => {
  const concerned = { isProtected: true }

  test('closes inputs and verdicts to accreditors and documents to employers', () => {
    expect(whyClosed('accreditor', 'inputs', concerned)).toBe('protected')
    expect(whyClosed('accreditor', 'verdicts', concerned)).toBe('protected')
    expect(whyClosed('employer', 'credentials', concerned)).toBe('protected')
    expect(whyClosed('court', 'inputs', concerned)).toBeUndefined()
  })

  test('hides a name from every profile but its bearer’s', () => {
    const holder = { isProtected: true, isHolder: true, decided: false }
    const shown = packageProfiles.map((profile) => [profile, howShown(profile, holder)])
    expect(Object.fromEntries(shown)).toEqual({
      public: 'unnamed',
      employer: 'unnamed',
      accreditor: 'unnamed',
      court: 'masked',
      subject: 'named',
    })
    expect(howShown('subject', { isProtected: true, isHolder: false, decided: true })).toBe('masked')
  })

  test('is no reason to name to a subject those who decided nothing', () => {
    expect(howShown('subject', { isProtected: false, isHolder: false, decided: false })).toBe('unnamed')
    expect(howShown('subject', { isProtected: false, isHolder: false, decided: true })).toBe('named')
  })
})
