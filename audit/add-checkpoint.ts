/** What a log asks of a witness, as text (C2SP tlog-witness, `POST /add-checkpoint`); log and witness share the one spelling. */
import { base64, fromBase64 } from '#audit/digest.ts'
import { type Hash, hashSize, isCount } from '#audit/tree.ts'

export interface AddCheckpoint {
  /** Size of the tree that the proof begins at. */
  readonly oldSize: number
  readonly proof: readonly Hash[]
  /** The signed checkpoint. */
  readonly note: string
}

const mostHashes = 63

/** The request's body. */
export function printAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map(base64), '', note].join('\n')
}

/** Undefined for anything that is spelled in another way. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | undefined {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch {
    // No UTF-8, or no base64.
    return undefined
  }
}

function parse(text: string): AddCheckpoint | undefined {
  const end = text.indexOf('\n\n')
  if (end < 0) return undefined
  const oldSize = Number(/^old (0|[1-9]\d{0,15})\n/.exec(text)?.[1])
  const [, ...lines] = text.slice(0, end).split('\n')
  if (!isCount(oldSize) || lines.length > mostHashes) return undefined
  const proof = lines.map(fromBase64)
  if (!proof.every(({ length }) => length === hashSize)) return undefined
  return { oldSize, proof, note: text.slice(end + 2) }
}
