/** Completion as a shell does it; docs/cli.md as people read it. Both are written from the catalogue. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

/** zsh completes only at a terminal: one of its own, into which each line is typed with a tab; `bevis` tells what it was given. */
const terminal = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -U compinit; compinit -u -D; bevis() { print -r -- \\"ran:\\$*\\" }; source $1; print rea''dy"
zpty -r shell said '*ready*'
for line in "\${@:2}"; do
  zpty -w -n shell "$line"$'\\t\\n'
  zpty -r shell said '*ran:*
*'
  print -r -- "$said"
done
zpty -d shell`

describe('completion', () => {
  const scripts = {} as Record<Shell, string>
  const folder = mkdtempSync(join(tmpdir(), 'bevis-completion-'))
  const file = (shell: Shell) => join(folder, `bevis.${shell}`)
  beforeAll(async () => {
    for (const shell of shells) {
      scripts[shell] = await script(shell, catalogue)
      writeFileSync(file(shell), `${scripts[shell]}\n`)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

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

  test.skipIf(!isHere('zsh'))('in zsh, typed at a terminal, finishes commands and options', () => {
    const typed = ['bevis dead-letter rep', 'bevis verify a.jwt --req', 'bevis case list --nd']
    const said = execFileSync('zsh', ['-f', '-c', terminal, 'zsh', file('zsh'), ...typed], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect([...said.matchAll(/^ran:(.*?)\s*$/gm)].map(([, line]) => line)).toEqual([
      'dead-letter replay',
      'verify a.jwt --require',
      'case list --ndjson',
    ])
  })

  test.skipIf(!isHere('fish'))('in fish offers commands, options and what they do', () => {
    const ask = (line: string) =>
      execFileSync('fish', ['--no-config', '-c', `source $argv[1]; complete -C $argv[2]`, file('fish'), line], {
        encoding: 'utf8',
      })
        .trimEnd()
        .split('\n')
    const does = (name: string) => catalogue.find((one) => one.name === name)?.does ?? ''
    expect(ask('bevis dead-letter rep')).toEqual([`replay\t${does('dead-letter replay')}`])
    expect(ask('bevis keys ').toSorted()).toEqual(
      ['inventory', 'list', 'retire', 'rotate'].map((verb) => `${verb}\t${does(`keys ${verb}`)}`),
    )
    expect(ask('bevis verify a.jwt --req')).toEqual([expect.stringMatching(/^--require\t/)])
    expect(ask('bevis case show --ndj')).toEqual([''])
  })

  test.each(shells.filter((shell) => isHere(shell)))('for %s is read by the shell itself', (shell) => {
    expect(execFileSync(shell, ['-n', file(shell)], { encoding: 'utf8', stdio: 'pipe' })).toBe('')
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
