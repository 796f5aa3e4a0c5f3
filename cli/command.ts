/** What a command is; without one shape each would parse, help and fail in its own way. */
import type { Exit } from './exit-codes.ts'
import type { Output } from './output.ts'

/** One option. `value` names what follows it, for help; without it the option is a switch. */
export interface Option {
  readonly value?: string
  readonly multiple?: boolean
  readonly says: string
}

export type Options = Readonly<Record<string, Option>>

type ValueOf<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly multiple: true }
    ? readonly string[]
    : string
  : true

/** What was given: text, lists of text, or true; absent where it was not. */
export type Values<O extends Options> = { readonly [Name in keyof O]?: ValueOf<O[Name]> }

export interface Call<O extends Options = Options> {
  /** Words that are no options, after the command's own. */
  readonly args: readonly string[]
  readonly values: Values<O>
  readonly out: Output
}

export interface Command<O extends Options = Options> {
  /** Words after the command's own, for help: `<case id>`, `<file…|->`. */
  readonly takes: string
  /** How many of them. */
  readonly args: readonly [least: number, most: number]
  readonly options: O
  /** Its answer is a list: it takes `--ndjson` and `--plain` too, and answers through `out.list`. */
  readonly lists?: true
  /** Help leads with these: a line to type, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  run(call: Call<O>): Promise<Exit>
}

/** Keeps the option table's exact type while the command is stored among others. */
export function command<const O extends Options>(definition: Command<O>): Command {
  return definition as unknown as Command
}

/** A command in the catalogue: its name, and how to load it. */
export interface Entry {
  /** The words that call it: `case show`. */
  readonly name: string
  readonly does: string
  readonly load: () => Promise<Command>
}
