/**
 * A log that ended and the one that follows it. Entries name the log itself, `<host>/<institution>`, and go on; the tree that is signed
 * has an origin of its own in each generation: the name, and from the second on `.<generation>` (docs/decisions/0073).
 */
import { base64, concat, fromBase64, utf8 } from '#audit/digest.ts'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'

export const succeededType = 'log.succeeded/1'

/** A name as it is spelled in a generation; files, keys and origins are named alike. The first is the name alone. */
export function inGeneration(name: string, generation: number): string {
  return generation === 1 ? name : `${name}.${generation}`
}

/** Names of logs have no dot behind their last slash, so nothing else can look like a generation. */
const successor = /^(?<log>.*\/[a-z0-9-]+)\.(?<generation>[2-9]|[1-9]\d{1,5})$/

/** The log and the generation that an origin stands for; an origin of any other form is a log's in its first. */
export function logOf(origin: string): { readonly log: string; readonly generation: number } {
  const { log, generation } = successor.exec(origin)?.groups ?? {}
  return log === undefined ? { log: origin, generation: 1 } : { log, generation: Number(generation) }
}

/** What the first entry of a successor says of the log before it. */
export interface Succession {
  /** Of the log that begins. */
  readonly generation: number
  /** Entries it took over; the entry that says so has this index. */
  readonly size: number
  /** Of them so many are proved to be the old log's, by a checkpoint of that size. */
  readonly kept: number
  /** That checkpoint, with its cosignatures; empty where none was a beginning of what is here. */
  readonly checkpoint: string
  /** The note that the old log signed last, as far as the lock knows. */
  readonly last: string
}

/** Notes have line breaks, and a code has none and at most 512 letters. */
const pieceSize = 384

/** @returns `data` of the entry */
export function successionData({ checkpoint, last, ...numbers }: Succession): NonNullable<Entry['data']> {
  return { ...numbers, checkpoint: pieces(checkpoint), last: pieces(last) }
}

function pieces(note: string): string[] {
  const bytes = utf8(note)
  const count = Math.ceil(bytes.length / pieceSize)
  return Array.from({ length: count }, (_, at) => base64(bytes.subarray(at * pieceSize, (at + 1) * pieceSize)))
}

/** What a leaf says of a succession; undefined for every other leaf, and for one that says nothing sound. */
export function successionIn(leaf: Uint8Array): Succession | undefined {
  try {
    const { type, data = {} } = parseLeaf(leaf)
    const { generation, size, kept, checkpoint, last } = data
    if (type !== succeededType || !isNumber(generation) || !isNumber(size) || !isNumber(kept)) return undefined
    if (!Array.isArray(checkpoint) || !Array.isArray(last)) return undefined
    return { generation, size, kept, checkpoint: joined(checkpoint), last: joined(last) }
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number'

function joined(pieces: readonly string[]): string {
  return new TextDecoder().decode(concat(...pieces.map(fromBase64)))
}
