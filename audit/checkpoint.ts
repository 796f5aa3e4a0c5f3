/** What a log says of itself: origin, size, root (C2SP tlog-checkpoint); without one strict reading two verifiers could see two logs. */
import { base64, fromBase64 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type Hash, hashSize, isCount } from '#audit/tree.ts'

export interface Checkpoint {
  /** Name of the log; its key carries the same. */
  readonly origin: string
  readonly size: number
  readonly root: Hash
  /** Lines below the root; opaque, and we write none. */
  readonly extensions: readonly string[]
}

/**
 * The note's text, with its last newline.
 *
 * @throws AuditError `checkpoint-malformed`
 */
export function checkpointText({ origin, size, root, extensions }: Checkpoint): string {
  const lines = [origin, String(size), base64(root), ...extensions]
  if (!isCount(size)) throw new AuditError('checkpoint-malformed', 'size')
  if (root.length !== hashSize) throw new AuditError('checkpoint-malformed', 'root')
  const stray = lines.findIndex((line) => line === '' || line.includes('\n'))
  if (stray >= 0) throw new AuditError('checkpoint-malformed', `line ${stray + 1}`)
  return `${lines.join('\n')}\n`
}

/**
 * Reads the text of an opened note. Sizes beyond 2^53 − 1 are refused; that a log of size 0 has the empty root is for whoever
 * compares roots.
 *
 * @throws AuditError `checkpoint-malformed`
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw new AuditError('checkpoint-malformed', 'end')
  const lines = text.slice(0, -1).split('\n')
  const stray = lines.indexOf('')
  if (stray >= 0) throw new AuditError('checkpoint-malformed', `line ${stray + 1}`)
  const [origin, size, root, ...extensions] = lines
  if (origin === undefined || size === undefined || root === undefined)
    throw new AuditError('checkpoint-malformed', 'lines')
  return { origin, size: parseCount(size), root: parseHash(root), extensions }
}

function parseCount(text: string): number {
  const count = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : undefined
  if (!isCount(count)) throw new AuditError('checkpoint-malformed', 'size')
  return count
}

function parseHash(text: string): Hash {
  const bytes = text.length === 44 ? fromBase64(text) : new Uint8Array(0)
  if (bytes.length !== hashSize) throw new AuditError('checkpoint-malformed', 'root')
  return bytes
}
