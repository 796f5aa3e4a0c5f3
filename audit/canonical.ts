/** One value, one byte string: without it the same entry could have two hashes and a proof would prove nothing (RFC 8785). */
import { AuditError } from '#audit/errors.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

export interface CanonicalOptions {
  /** `integers` (default): |x| ≤ 2^53−1, as in entries. `finite`: fractions too, as in gate inputs (pass marks, shares). */
  readonly numbers?: 'integers' | 'finite'
  /** Entries and gate inputs have no nulls; foreign payloads compared by content may. */
  readonly nulls?: 'refused' | 'allowed'
}

/** Deeper input is an attack on the recursion, not a document. */
const deepest = 64

/** Texts of parts written before, by the part itself: what a list's cases share is written once (`shareText`). */
const shared = new WeakMap<object, string>()

/**
 * JCS bytes (UTF-8) of a value. Nothing is repaired on the way: no `toJSON`, no dropped `undefined`, no filled hole.
 *
 * @throws AuditError `value-not-canonical` with the path of the first offending member
 */
export function canonicalBytes(value: unknown, options: CanonicalOptions = {}): Uint8Array {
  return new TextEncoder().encode(textOf(value, options))
}

/**
 * Keeps the text of a part that will be written into many values, such as the rules a whole list is judged by. It must never
 * change afterwards. Only values without nulls that stand well inside the depth allowed are kept; any other is written anew
 * each time, and refused there.
 */
export function shareText<T extends object>(part: T): T {
  if (shared.has(part)) return part
  const found = textIn(part, { numbers: 'finite' }, sharedDepth)
  if (typeof found === 'string') shared.set(part, found)
  return part
}

/**
 * Parses bytes that must already be canonical: `bytes == JCS(parse(bytes))`, else refused (audit-log §4). A repeated member, a
 * byte order mark, an escaped letter or `1.0` all break the fix-point.
 *
 * @throws AuditError `bytes-not-json` or `bytes-not-canonical`
 */
export function parseStrict(bytes: Uint8Array, options: CanonicalOptions = {}): Json {
  const { value, text } = decode(bytes)
  const again = textIn(value, options)
  if (typeof again !== 'string') throw new AuditError('bytes-not-canonical', 'value')
  if (again !== text) throw new AuditError('bytes-not-canonical', 'fix-point')
  return value as Json
}

function decode(bytes: Uint8Array): { value: unknown; text: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { value: JSON.parse(text), text }
  } catch {
    throw new AuditError('bytes-not-json', '$')
  }
}

/** Where a value has no canonical form, as the rest of the path: `.name`, `[2].name`, or nothing for the value itself. */
interface Misfit {
  readonly path: string
}
type Written = string | Misfit

const here: Misfit = { path: '' }
/** A shared part is written as if it stood this deep, so it may stand anywhere above. */
const sharedDepth = deepest / 2

function textOf(value: unknown, options: CanonicalOptions): string {
  const text = textIn(value, options)
  if (typeof text !== 'string') throw new AuditError('value-not-canonical', `$${text.path}`)
  return text
}

/** Checked and written in one walk. Members in order of their UTF-16 code units, texts and numbers as ECMAScript prints them (RFC 8785 §3.2). */
function textIn(value: unknown, options: CanonicalOptions, depth = 0): Written {
  if (depth > deepest) return here
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? JSON.stringify(value) : here
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return numberFits(value, options) ? JSON.stringify(value) : here
    case 'object':
      if (value === null) return options.nulls === 'allowed' ? 'null' : here
      if (Array.isArray(value)) return textOfArray(value, options, depth)
      return textOfShared(value, options, depth) ?? textOfObject(value, options, depth)
    case 'bigint':
    case 'function':
    case 'symbol':
    case 'undefined':
    default:
      return here
  }
}

function textOfShared(part: object, { numbers }: CanonicalOptions, depth: number): string | undefined {
  return numbers === 'finite' && depth <= sharedDepth ? shared.get(part) : undefined
}

function numberFits(value: number, options: CanonicalOptions): boolean {
  return options.numbers === 'finite' ? Number.isFinite(value) : Number.isSafeInteger(value)
}

function textOfArray(list: readonly unknown[], options: CanonicalOptions, depth: number): Written {
  // A hole has no key of its own, and an array with extra members has too many.
  if (Object.getPrototypeOf(list) !== Array.prototype || Object.keys(list).length !== list.length) return here
  const known = textOfShared(list, options, depth)
  if (known !== undefined) return known
  let text = '['
  for (const [index, item] of list.entries()) {
    const written = textIn(item, options, depth + 1)
    if (typeof written !== 'string') return { path: `[${index}]${written.path}` }
    text += index === 0 ? written : `,${written}`
  }
  return `${text}]`
}

function textOfObject(value: object, options: CanonicalOptions, depth: number): Written {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return here
  if (Object.getOwnPropertySymbols(value).length > 0) return here
  let text = '{'
  for (const name of Object.keys(value).toSorted()) {
    if (name === '__proto__' || name === 'toJSON' || !name.isWellFormed()) return { path: `.${name}` }
    const written = textIn((value as Readonly<Record<string, unknown>>)[name], options, depth + 1)
    if (typeof written !== 'string') return { path: `.${name}${written.path}` }
    text += `${text.length === 1 ? '' : ','}${JSON.stringify(name)}:${written}`
  }
  return `${text}}`
}
