/** One text that proves an entry with no log at hand (C2SP tlog-proof); without it evidence would end where our servers end. */
import { base64, fromBase64 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type Hash, hashSize, isCount } from '#audit/tree.ts'

const header = 'c2sp.org/tlog-proof@v1'
/** A checkpoint with its signatures, and a page of proof before it. */
const largestProof = 2 * 1024 * 1024
/** No tree that fits 64 bits has a longer path. */
const longestPath = 64

export interface TlogProof {
  readonly index: number
  /** Opaque and proved by nothing. */
  readonly extra?: Uint8Array
  /** From the leaf's sibling up. */
  readonly path: readonly Hash[]
  /** Signed note, verbatim. */
  readonly checkpoint: string
}

/**
 * The text of a proof.
 *
 * @throws AuditError `tlog-proof-malformed`
 */
export function printProof({ index, extra, path, checkpoint }: TlogProof): string {
  if (!isCount(index)) throw new AuditError('tlog-proof-malformed', 'index')
  if (path.length > longestPath || path.some((hash) => hash.length !== hashSize)) {
    throw new AuditError('tlog-proof-malformed', 'path')
  }
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...path.map(base64),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Reads a proof's text; its checkpoint is left as it is, for whoever opens the note.
 *
 * @throws AuditError `tlog-proof-malformed`, `base64-not-strict`
 */
export function parseProof(text: string): TlogProof {
  const split = text.indexOf('\n\n')
  if (text.length > largestProof || split < 0) throw new AuditError('tlog-proof-malformed', 'form')
  const [first, ...rest] = text.slice(0, split).split('\n')
  if (first !== header) throw new AuditError('tlog-proof-malformed', 'header')
  const extra = rest[0]?.startsWith('extra ') === true ? rest[0].slice('extra '.length) : undefined
  const [index = '', ...path] = extra === undefined ? rest : rest.slice(1)
  if (path.length > longestPath) throw new AuditError('tlog-proof-malformed', 'path')
  const proof = { index: parseIndex(index), path: path.map(parseHash), checkpoint: text.slice(split + 2) }
  return extra === undefined ? proof : { ...proof, extra: fromBase64(extra) }
}

function parseIndex(line: string): number {
  const index = Number(/^index (0|[1-9][0-9]{0,15})$/.exec(line)?.[1])
  if (!isCount(index)) throw new AuditError('tlog-proof-malformed', 'index')
  return index
}

function parseHash(line: string): Hash {
  const hash = line.length === 44 ? fromBase64(line) : new Uint8Array(0)
  if (hash.length !== hashSize) throw new AuditError('tlog-proof-malformed', 'path')
  return hash
}
