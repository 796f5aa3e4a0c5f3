/** Events in files, one each or one per line; without one reader `check` and `send` would disagree about what an event is. */

import { parseEvent } from '#events/parse.ts'
import type { Problem } from '#events/problems.ts'
import { readBytes } from './input.ts'

/** The bytes of one event, and where they stand: a file, or `<file>:<line>`. */
export interface EventText {
  readonly place: string
  readonly payload: Uint8Array
}

export const linesOption = {
  lines: { says: 'one event per line; files called .ndjson or .jsonl are read so anyway' },
} as const

const newline = 0x0a

/** @throws CliError `input/unreadable` */
export function readEvents(files: readonly string[], perLine: boolean): readonly EventText[] {
  return files.flatMap((file) => {
    const bytes = readBytes(file)
    return perLine || /\.(ndjson|jsonl)$/.test(file) ? linesOf(file, bytes) : [{ place: file, payload: bytes }]
  })
}

/** Cut as bytes: what is signed must not pass through a text decoder. Empty lines are skipped. */
function linesOf(file: string, bytes: Uint8Array): EventText[] {
  const found: EventText[] = []
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf(newline, start)
    const payload = bytes.subarray(start, end === -1 ? bytes.length : end)
    if (payload.some((byte) => byte !== 0x20 && byte !== 0x0d)) found.push({ place: `${file}:${line}`, payload })
    start = end === -1 ? bytes.length : end + 1
  }
  return found
}

export function problemsIn(payload: Uint8Array): readonly Problem[] {
  const parsed = parseEvent(payload)
  return parsed.kind === 'invalid' ? parsed.problems : []
}

/** A fault as a line for people. */
export function problemLine({ pointer, code, advice }: Problem): string {
  return `${pointer === '' ? '(whole event)' : pointer} ${code}: ${advice}`
}
