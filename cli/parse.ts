/** From words to a command and its values; every mistake is told with what was probably meant. */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearest } from '#events/near.ts'
import { usage } from './cli-error.ts'
import type { Command, Entry, Options } from './command.ts'

/** Options that every command takes. */
export const commonOptions = {
  json: { says: 'one JSON document instead of text' },
  'no-color': { says: 'no colour; NO_COLOR does the same' },
  'no-input': { says: 'never ask; what would be asked is an error' },
  help: { says: 'tell how the command is used' },
} as const satisfies Options

/** Options of commands that answer with a list. */
export const listOptions = {
  ndjson: { says: 'one JSON document per item, each on a line' },
  plain: { says: 'cells separated by tabs, uncut, without a head' },
} as const satisfies Options

/** Everything a command takes: its own options first. */
export function allOptions({ options, lists }: Command): Options {
  return { ...options, ...(lists === true ? listOptions : {}), ...commonOptions }
}

/** `entry`: a command. `group`: only its first words, or none: help is due. `unknown`: nothing begins like that. */
export type Found =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly rest: readonly string[] }
  | { readonly kind: 'group'; readonly words: string; readonly entries: readonly Entry[] }
  | { readonly kind: 'unknown'; readonly words: string; readonly meant?: string }

/** Finds the command that the leading words name; options may stand anywhere after them. */
export function findCommand(argv: readonly string[], catalogue: readonly Entry[]): Found {
  const words = argv.slice(
    0,
    indexOr(
      argv.findIndex((word) => word.startsWith('-')),
      argv.length,
    ),
  )
  for (let count = words.length; count > 0; count -= 1) {
    const name = words.slice(0, count).join(' ')
    const entry = catalogue.find((one) => one.name === name)
    if (entry !== undefined) return { kind: 'entry', entry, rest: argv.slice(count) }
  }
  const [first, second] = words
  if (first === undefined) return { kind: 'group', words: '', entries: catalogue }
  const entries = catalogue.filter((one) => one.name.startsWith(`${first} `))
  if (entries.length > 0 && second === undefined) return { kind: 'group', words: first, entries }
  const asked = second === undefined ? first : `${first} ${second}`
  const meant =
    nearest(
      asked,
      catalogue.map((one) => one.name),
    ) ?? nearest(first, [...groups(catalogue)])
  return { kind: 'unknown', words: entries.length > 0 ? asked : first, ...(meant === undefined ? {} : { meant }) }
}

/** First words of all commands. */
export function groups(catalogue: readonly Entry[]): Set<string> {
  return new Set(catalogue.map((one) => one.name.split(' ')[0] ?? ''))
}

export interface Parsed {
  readonly args: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
}

/** @throws CliError `usage/…` */
export function parseWords(name: string, loaded: Command, words: readonly string[]): Parsed {
  const { args, takes } = loaded
  const all = allOptions(loaded)
  const { tokens } = parseArgs({
    args: [...words],
    options: shapeOf(all),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  for (const token of tokens) if (token.kind === 'option') demandKnown(name, all, token)
  const { positionals, values } = parseArgs({ args: [...words], options: shapeOf(all), allowPositionals: true })
  const wanted = takes === '' ? 'nothing after its name' : takes
  if (values['help'] !== true && (positionals.length < args[0] || positionals.length > args[1])) {
    throw usage('arguments', `${name} takes ${wanted}`, `see bevis ${name} --help`)
  }
  return { args: positionals, values }
}

function shapeOf(options: Options): NonNullable<ParseArgsConfig['options']> {
  const shape = Object.entries(options).map(([name, { value, multiple = false }]) => [
    name,
    { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple },
  ])
  return Object.fromEntries(shape)
}

function demandKnown(
  command: string,
  options: Options,
  token: { name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
): void {
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
  const help = `see bevis ${command} --help`
  if (option === undefined) {
    const meant = nearest(token.name, Object.keys(options))
    const mend = meant === undefined ? help : `did you mean --${meant}?`
    throw usage('unknown-option', `${command} has no option ${token.rawName}`, mend)
  }
  if (option.value !== undefined) {
    const needs = `${token.rawName} needs ${option.value}`
    if (token.value === undefined || token.value.startsWith('--')) throw usage('option-value', needs, help)
    if (token.inlineValue !== true && /^-./.test(token.value))
      throw usage('option-value', needs, `write ${token.rawName}=${token.value} if that is its value`)
  }
  if (option.value === undefined && token.value !== undefined) {
    throw usage('option-value', `${token.rawName} takes no value`, help)
  }
}

function indexOr(index: number, otherwise: number): number {
  return index === -1 ? otherwise : index
}
