/** Where words go: data to standard output, messages to standard error. Without the split no pipe could be trusted. */
import { wantsNoColour } from '#config/env.ts'
import type { CliError } from './cli-error.ts'

export type Ink = 'green' | 'red' | 'yellow' | 'dim' | 'bold'

export interface Output {
  readonly json: boolean
  /** The answer: a text for people, or one JSON document under `--json`. */
  data(text: () => string, document: unknown): void
  /** What happened and what to do next; never part of the answer. */
  note(line: string): void
  readonly paint: (ink: Ink, text: string) => string
}

const codes: Readonly<Record<Ink, readonly [number, number]>> = {
  green: [32, 39],
  red: [31, 39],
  yellow: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
}

export function openOutput({ json, colour }: { readonly json: boolean; readonly colour: boolean }): Output {
  const coloured = colour && process.stdout.isTTY && !wantsNoColour()
  return {
    json,
    data: (text, document) => {
      process.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`)
    },
    note: (line) => {
      process.stderr.write(`${line}\n`)
    },
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
