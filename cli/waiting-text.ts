/** For whom a case waits, in a word or two; the API tells codes. */
import { localTime } from './times.ts'

/** `approver, until 2026-12-01 12:00`; empty when nothing is waited for. */
export function waitingText(
  waiting: { readonly for?: unknown; readonly until?: string | undefined } | undefined,
): string {
  if (waiting === undefined) return ''
  const code = codeOf(waiting.for)
  return waiting.until === undefined ? code : `${code}, until ${localTime(waiting.until)}`
}

/** A code, or an object that has one. */
function codeOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return 'unknown'
  const code: unknown = Reflect.get(value, 'code') ?? Reflect.get(value, 'for') ?? Reflect.get(value, 'kind')
  return typeof code === 'string' ? code : 'unknown'
}
