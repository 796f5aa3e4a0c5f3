/** Files and standard input, read with errors people understand. */
import { readFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

const standardInput = 0

/** The text of a file, or of standard input for `-`. @throws CliError `input/unreadable` */
export function readInput(file: string): string {
  return new TextDecoder().decode(readBytes(file))
}

/** The same as bytes: what is signed must not pass through a text decoder. */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? standardInput : file)
  } catch (cause) {
    const what = `${file} cannot be read`
    const mend = 'check the path and that this user may read it; - reads standard input'
    throw new CliError({ exit: 'not-found', code: 'input/unreadable', what, mend }, { cause })
  }
}

/** A JSON document. @throws CliError `input/not-json` */
export function readJsonInput(file: string): unknown {
  try {
    return JSON.parse(readInput(file))
  } catch (cause) {
    if (cause instanceof CliError) throw cause
    // The parser's own message quotes the text it stumbled over.
    const complaint = {
      exit: 'failure',
      code: 'input/not-json',
      what: `${file} is not JSON`,
      mend: 'mend its syntax',
    } as const
    throw new CliError(complaint)
  }
}
