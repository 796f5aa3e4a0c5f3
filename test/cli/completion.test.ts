/** Completion as a shell does it; docs/cli.md as people read it. Both are written from the catalogue. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '#cli/catalogue.ts'
import { type Shell, script, shells } from '#cli/completion-scripts.ts'
import { referencePage } from '#cli/reference.ts'

const isHere = (shell: string) => {
  try {
    execFileSync(shell, ['-c', 'true'])
    return true
  } catch {
    return false
  }
}

describe('completion', () => {
  const scripts = {} as Record<Shell, string>
  beforeAll(async () => {
    for (const shell of shells) scripts[shell] = await script(shell, catalogue)
  })

  /** What bash offers for the last word of a line. */
  function offered(...words: string[]): string[] {
    const quoted = words.map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _bevis; printf '%s\n' "\${COMPREPLY[@]}"`
    const said = execFileSync('bash', ['--norc', '-c', `${scripts.bash}\n${ask}`], { encoding: 'utf8' })
    return said.split('\n').filter((word) => word !== '')
  }

  test('in bash offers every first word, then what belongs to it', () => {
    expect(offered('bevis', '')).toEqual(
      expect.arrayContaining([...new Set(catalogue.map(({ name }) => name.split(' ')[0] ?? ''))]),
    )
    expect(offered('bevis', 'dead-letter', 're')).toEqual(['replay'])
    expect(offered('bevis', 'case', 'x')).toEqual([])
  })

  test('in bash offers a command’s own options, and files where an option wants a value', () => {
    expect(offered('bevis', 'verify', 'a.jwt', '--re')).toEqual(['--require'])
    expect(offered('bevis', 'case', 'list', '--nd')).toEqual(['--ndjson'])
    expect(offered('bevis', 'case', 'show', '--nd')).toEqual([])
    expect(offered('bevis', 'verify', '--jwks', 'x')).toEqual([])
  })

  test.each(shells.filter((shell) => isHere(shell)))('for %s is read by the shell itself', (shell) => {
    expect(execFileSync(shell, ['-n'], { input: scripts[shell], encoding: 'utf8', stdio: 'pipe' })).toBe('')
  })

  test.each(shells)('for %s knows every command and option', async (shell) => {
    for (const { name, load } of catalogue) {
      for (const word of name.split(' ')) expect(scripts[shell]).toContain(word)
      for (const option of Object.keys((await load()).options)) expect(scripts[shell]).toContain(option)
    }
  })
})

test('docs/cli.md is fresh', async () => {
  const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
  expect(page, 'run: node tools/generate-cli.ts').toBe(await referencePage(catalogue))
})
