/** Bytes to JSON, once and unambiguously: without it the text we check and the text others read could differ. */
import { type Path, type Problem, pointerOf } from './problems.ts'

const largestEvent = 256 * 1024
const deepest = 32

export type JsonAnswer =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/**
 * Parses UTF-8 JSON without repeated members. What it accepts has one canonical form (RFC 8785).
 *
 * @param largest in bytes; 256 KiB, as for one event, unless said otherwise
 */
export function readJson(bytes: Uint8Array, largest: number = largestEvent): JsonAnswer {
  if (bytes.byteLength > largest)
    return invalid(
      'too-large',
      'is larger than 256 KiB',
      'send less: files and recordings stay with you, name them by id',
    )
  const text = decode(bytes)
  if (text === undefined) return invalid('not-utf8', 'is not UTF-8', 'encode as UTF-8 without a byte order mark')
  const value = parse(text)
  if (value === undefined)
    return invalid('not-json', 'is not JSON', 'send one JSON object, structured CloudEvents mode')
  const problems = scan(text)
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'json', value: value.json }
}

function invalid(code: Problem['code'], detail: string, advice: string): JsonAnswer {
  return { kind: 'invalid', problems: [{ code, pointer: '', detail, advice }] }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\uFEFF') ? undefined : text
  } catch {
    return undefined
  }
}

function parse(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

interface Open {
  readonly names: Set<string> | undefined
  /** The member name or index we are in. */
  at: string | number
  awaitsName: boolean
}

/** One walk over text that is known to be JSON, for what `JSON.parse` swallows: repeated members, depth, unsafe text and numbers. */
function scan(text: string): Problem[] {
  const problems: Problem[] = []
  const stack: Open[] = []
  const here = (): Path => stack.map((open) => open.at)
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]|-?\d[\d.eE+-]*/g)) {
    const top = stack.at(-1)
    if (token === '{' || token === '[') {
      if (stack.length === deepest) return [...problems, tooDeep(here())]
      const names = token === '{' ? new Set<string>() : undefined
      stack.push({ names, at: names === undefined ? 0 : '', awaitsName: names !== undefined })
    } else if (token === '}' || token === ']') stack.pop()
    else if (token === ',' && top !== undefined) {
      if (top.names === undefined) top.at = Number(top.at) + 1
      else top.awaitsName = true
    } else if (token.startsWith('"')) problems.push(...readText(textIn(token), top, here))
    else if (!isSafeNumber(Number(token))) problems.push(unsafeNumber(here()))
  }
  return problems
}

/** What a string literal says; few have anything to unescape. */
function textIn(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
}

function readText(text: string, top: Open | undefined, here: () => Path): Problem[] {
  const isName = top?.names !== undefined && top.awaitsName
  if (top?.names === undefined || !isName) return isWellFormed(text) ? [] : [unsafe(here())]
  top.at = isWellFormed(text) ? text : ''
  top.awaitsName = false
  const problems: Problem[] = []
  if (!isWellFormed(text) || text === '__proto__' || text === 'toJSON') problems.push(unsafe(here()))
  if (top.names.has(text)) problems.push(duplicate(here()))
  top.names.add(text)
  return problems
}

/** Half a surrogate pair has no UTF-8, so such a text would be hashed as another one. */
function isWellFormed(text: string): boolean {
  return text.isWellFormed()
}

function isSafeNumber(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
}

const problemAt = (code: Problem['code'], path: Path, text: Pick<Problem, 'detail' | 'advice'>): Problem => ({
  code,
  pointer: pointerOf(path.map(shortened)),
  ...text,
})

/** A member name is the sender's; a long one must not fill our records. */
function shortened(part: string | number): string | number {
  return typeof part === 'string' && part.length > 64 ? `${part.slice(0, 64)}…` : part
}

const duplicate = (path: Path) =>
  problemAt('duplicate-member', path, { detail: 'occurs twice in its object', advice: 'write each member once' })

const tooDeep = (path: Path) =>
  problemAt('too-deep', path, {
    detail: 'is nested deeper than 32 levels',
    advice: 'send the event as the schema shows',
  })

const unsafe = (path: Path) =>
  problemAt('unsafe-text', path, {
    detail: 'holds half a surrogate pair, or is called __proto__ or toJSON',
    advice: 'write well-formed Unicode and other member names',
  })

const unsafeNumber = (path: Path) =>
  problemAt('number-out-of-range', path, {
    detail: 'is not finite, or a whole number beyond 2^53',
    advice: 'write a smaller number',
  })
