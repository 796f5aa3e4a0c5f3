/** How each command tells what it does; examples come first, because they are what people copy. */
import type { Command, Entry, Options } from './command.ts'
import { describeExitCodes } from './exit-codes.ts'
import { allOptions, commonOptions, listOptions } from './parse.ts'

const starters: readonly (readonly [string, string])[] = [
  ['bevis stack dev', 'start everything on this machine and stay'],
  ['bevis case list --state waiting', 'which cases wait'],
  ['bevis verify diploma.jwt', 'is this credential genuine and in force?'],
]

/** All commands, or those of one group. */
export function listHelp(words: string, entries: readonly Entry[]): string {
  const lines = entries.map(({ name, does }) => [name, does] as const)
  const head = words === '' ? 'bevis: from completion event to signed credential, step by step' : `bevis ${words} …`
  return [
    head,
    ...(words === '' ? ['', 'Examples', ...columns(starters)] : []),
    '',
    'Commands',
    ...columns(lines),
    '',
    `Every command: --help, --json, --no-color, --no-input · all of it at once: bevis help --all`,
    ...footer(),
  ].join('\n')
}

/** Every command with all it takes, in one page. */
export async function wholeHelp(entries: readonly Entry[]): Promise<string> {
  const each = await Promise.all(entries.map(async ({ name, does, load }) => commandBody(name, does, await load())))
  const common = ['Every command also takes', ...columns(optionLines(commonOptions))]
  return [listHelp('', entries), ...each, [...common, ...footer()].join('\n')].join('\n\n')
}

/** Without what all commands share. */
function commandBody(name: string, does: string, loaded: Command): string {
  const own = optionLines({ ...loaded.options, ...(loaded.lists === true ? listOptions : {}) })
  return [...head(name, does, loaded), ...(own.length === 0 ? [] : ['', 'Options', ...columns(own)])].join('\n')
}

export function commandHelp(name: string, does: string, loaded: Command): string {
  return [...head(name, does, loaded), '', 'Options', ...columns(optionLines(allOptions(loaded))), ...footer()].join(
    '\n',
  )
}

function head(name: string, does: string, { takes, examples }: Command): string[] {
  return [
    `bevis ${[name, takes].filter(Boolean).join(' ')}: ${does}`,
    '',
    'Examples',
    ...examples.flatMap(([line, says]) => [`  ${line}`, `      ${says}`]),
  ]
}

function optionLines(options: Options): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { value, says }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    says,
  ])
}

function columns(lines: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...lines.map(([left]) => left.length))
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

function footer(): string[] {
  return ['', `Exit codes  ${describeExitCodes()}`, 'Documents   README.md, docs/cli.md']
}
