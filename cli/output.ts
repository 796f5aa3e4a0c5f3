/** Where words go: data to standard output, messages to standard error. Without the split no pipe could be trusted. */
import { isatty } from 'node:tty'
import { wantsNoColour } from '#config/env.ts'
import type { CliError } from './cli-error.ts'
import { type Progress, startProgress } from './progress.ts'
import { type Column, plainRows, table } from './table.ts'

export type Ink = 'green' | 'red' | 'yellow' | 'dim' | 'bold'

/** A list: rows for people, `document` for `--json`, each item of `items` on a line of its own for `--ndjson`. */
export interface Listing<Row> {
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  /** Said when there is none. */
  readonly nothing: string
  readonly document: unknown
  /** As `document` has them; the rows where that is the same. */
  readonly items?: readonly unknown[]
  /** One part of a list that goes on: no head. */
  readonly headless?: boolean
}

export interface Output {
  /** One JSON document, or lines of JSON: notes for people are left out. */
  readonly json: boolean
  /** Whether a person can be asked. */
  readonly mayAsk: boolean
  /** The answer: a text for people, or one JSON document under `--json`. */
  data(text: () => string, document: unknown): void
  /** The answer of a command that lists. */
  list<Row>(listing: Listing<Row>): void
  /** What happened and what to do next; never part of the answer. */
  note(line: string): void
  /** Long work over a known number of things. */
  progress(label: string, total: number): Progress
  readonly paint: (ink: Ink, text: string) => string
}

const codes: Readonly<Record<Ink, readonly [number, number]>> = {
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
}

/** `text` for people, `plain` for grep and awk, `json` one document, `ndjson` a document per line. */
export type Form = 'text' | 'plain' | 'json' | 'ndjson'

export interface OutputSettings {
  readonly form: Form
  readonly colour: boolean
  /** False under `--no-input`. */
  readonly input: boolean
}

export function openOutput({ form, colour, input }: OutputSettings): Output {
  const coloured = colour && process.stdout.isTTY && !wantsNoColour()
  const say = (line: string) => process.stdout.write(`${line}\n`)
  return {
    json: form === 'json' || form === 'ndjson',
    // Asked of the descriptor: to touch process.stdin would make a pipe non-blocking, and reading it whole would fail.
    mayAsk: input && isatty(0) && process.stderr.isTTY,
    data: (text, document) => say(form === 'json' ? JSON.stringify(document) : text()),
    list: ({ rows, columns, nothing, document, items = rows, headless = false }) => {
      if (form === 'json') say(JSON.stringify(document))
      else if (form === 'ndjson') for (const item of items) say(JSON.stringify(item))
      else if (form === 'plain' || headless) for (const line of plainRows(rows, columns)) say(line)
      else say(table(rows, columns, nothing))
    },
    note: (line) => {
      process.stderr.write(`${line}\n`)
    },
    progress: (label, total) =>
      startProgress(label, total, {
        isTerminal: process.stderr.isTTY && !wantsNoColour(),
        columns: process.stderr.columns || 80,
        write: (text) => process.stderr.write(text),
        now: () => performance.now(),
      }),
    paint: (ink, text) => (coloured ? `\u001B[${codes[ink][0]}m${text}\u001B[${codes[ink][1]}m` : text),
  }
}

/** Tells a failure: code, what, how to mend. */
export function tellError(error: CliError, json: boolean): void {
  const { code, what, mend } = error
  const text = json
    ? JSON.stringify({ error: { code, what, mend } })
    : `${code}: ${what}\n  ${mend.replaceAll('\n', '\n  ')}`
  process.stderr.write(`${text}\n`)
}
