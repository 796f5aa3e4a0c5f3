/** One value, one byte string: without it the same entry could have two hashes and a proof would prove nothing (RFC 8785). */
import serialize from 'canonicalize'
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
const loneSurrogate = /\p{Surrogate}/u

/**
 * JCS bytes (UTF-8) of a value. The serialiser underneath calls `toJSON`, drops `undefined` and fills holes, so the value is
 * checked first and refused, never repaired.
 *
 * @throws AuditError `value-not-canonical` with the path of the first offending member
 */
export function canonicalBytes(value: unknown, options: CanonicalOptions = {}): Uint8Array {
  const problem = problemIn(value, options)
  if (problem !== undefined) throw new AuditError('value-not-canonical', problem)
  return encode(value)
}

/**
 * Parses bytes that must already be canonical: `bytes == JCS(parse(bytes))`, else refused (audit-log §4). A repeated member, a
 * byte order mark, an escaped letter or `1.0` all break the fix-point.
 *
 * @throws AuditError `bytes-not-json` or `bytes-not-canonical`
 */
export function parseStrict(bytes: Uint8Array, options: CanonicalOptions = {}): Json {
  const value = decode(bytes)
  if (problemIn(value, options) !== undefined) throw new AuditError('bytes-not-canonical', 'value')
  if (!sameBytes(encode(value), bytes)) throw new AuditError('bytes-not-canonical', 'fix-point')
  return value as Json
}

function encode(value: unknown): Uint8Array {
  const text = serialize(value)
  if (text === undefined) throw new AuditError('value-not-canonical', '$')
  return new TextEncoder().encode(text)
}

function decode(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new AuditError('bytes-not-json', '$')
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** Path of the first member that has no canonical form, or undefined when all have. */
function problemIn(value: unknown, options: CanonicalOptions, path = '$', depth = 0): string | undefined {
  if (depth > deepest) return path
  if (typeof value === 'string') return loneSurrogate.test(value) ? path : undefined
  if (typeof value === 'boolean') return undefined
  if (typeof value === 'number') return numberFits(value, options) ? undefined : path
  if (value === null) return options.nulls === 'allowed' ? undefined : path
  if (typeof value !== 'object') return path
  return Array.isArray(value)
    ? problemInArray(value, options, path, depth)
    : problemInObject(value, options, path, depth)
}

function numberFits(value: number, options: CanonicalOptions): boolean {
  return options.numbers === 'finite' ? Number.isFinite(value) : Number.isSafeInteger(value)
}

function problemInArray(
  list: readonly unknown[],
  options: CanonicalOptions,
  path: string,
  depth: number,
): string | undefined {
  // A hole has no key of its own, and an array with extra members has too many.
  if (Object.getPrototypeOf(list) !== Array.prototype || Object.keys(list).length !== list.length) return path
  for (const [index, item] of list.entries()) {
    const problem = problemIn(item, options, `${path}[${index}]`, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function problemInObject(value: object, options: CanonicalOptions, path: string, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return path
  if (Object.getOwnPropertySymbols(value).length > 0) return path
  for (const [name, member] of Object.entries(value)) {
    const here = `${path}.${name}`
    if (name === '__proto__' || name === 'toJSON' || loneSurrogate.test(name)) return here
    const problem = problemIn(member, options, here, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}
