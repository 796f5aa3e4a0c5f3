/** How each command tells what it does; examples come first, because they are what people copy. */
import type { Entry } from './catalogue.ts'
import type { Command, Options } from './command.ts'
import { describeExitCodes } from './exit-codes.ts'
import { commonOptions } from './parse.ts'

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
    `Every command: --help, --json, --no-color`,
    ...footer(),
  ].join('\n')
}

export function commandHelp(name: string, does: string, { takes, options, examples }: Command): string {
  return [
    `bevis ${[name, takes].filter(Boolean).join(' ')}: ${does}`,
    '',
    'Examples',
    ...examples.flatMap(([line, says]) => [`  ${line}`, `      ${says}`]),
    '',
    'Options',
    ...columns([...optionLines(options), ...optionLines(commonOptions)]),
    ...footer(),
  ].join('\n')
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
  return ['', `Exit codes  ${describeExitCodes()}`, 'Documents   README.md, docs/']
}
