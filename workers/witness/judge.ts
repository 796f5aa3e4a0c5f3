/** Whether a witness may put its name to a checkpoint, as C2SP tlog-witness orders the questions. Pure: what is known is handed in. */
import { type AddCheckpoint, parseAddCheckpoint } from '#audit/add-checkpoint.ts'
import { type Checkpoint, parseCheckpoint } from '#audit/checkpoint.ts'
import { AuditError } from '#audit/errors.ts'
import { openNote, parseNote, type VerifiedSignature } from '#audit/note.ts'
import type { NoteVerifier } from '#audit/note-key.ts'
import { consistencyProblem } from '#audit/proof.ts'

/** Origin → keys that may sign for it. */
export type KnownLogs = ReadonlyMap<string, readonly NoteVerifier[]>

/** A request that a known log has signed. */
export interface Asked extends AddCheckpoint {
  readonly checkpoint: Checkpoint
  /** The note's text, and the log's own signatures over it. */
  readonly text: string
  readonly signatures: readonly VerifiedSignature[]
}

export type Refusal =
  | { readonly status: 400 | 403 | 404 | 422; readonly problem: string }
  | { readonly status: 409; readonly size: number }

/** Reads a request and believes its signature, or says why not: 400, 404, 403. */
export function readAsked(body: Uint8Array, logs: KnownLogs): Asked | Refusal {
  const request = parseAddCheckpoint(body)
  const read = request === undefined ? undefined : readNote(request.note)
  if (request === undefined || read === undefined) return { status: 400, problem: 'malformed' }
  const { text, checkpoint } = read
  const keys = logs.get(checkpoint.origin)
  if (keys === undefined) return { status: 404, problem: 'unknown-log' }
  const signatures = signaturesOf(request.note, keys)
  if (typeof signatures === 'string') return { status: 403, problem: signatures }
  if (request.oldSize > checkpoint.size) return { status: 400, problem: 'old-size-beyond-checkpoint' }
  return { ...request, text, checkpoint, signatures }
}

function readNote(note: string): { readonly text: string; readonly checkpoint: Checkpoint } | undefined {
  try {
    const { text } = parseNote(note)
    return { text, checkpoint: parseCheckpoint(text) }
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

function signaturesOf(note: string, keys: readonly NoteVerifier[]): readonly VerifiedSignature[] | string {
  try {
    return openNote(note, keys).verified
  } catch (error) {
    if (error instanceof AuditError) return error.code
    throw error
  }
}

/** Why the checkpoint may not follow what was cosigned last: 409 for another size, 422 for another history. Undefined when it may. */
export function refusalOf(
  { oldSize, proof, checkpoint }: Asked,
  seen: { readonly size: number; readonly root: Uint8Array },
): Refusal | undefined {
  if (oldSize !== seen.size) return { status: 409, size: seen.size }
  const { size, root } = checkpoint
  // Every tree goes on from the empty one, so there is nothing to prove. Of an empty one the roots are compared below.
  if (oldSize === 0 && size > 0) return proof.length === 0 ? undefined : { status: 422, problem: 'proof-from-nothing' }
  const problem = consistencyProblem({ size1: oldSize, root1: seen.root, size2: size, root2: root, proof })
  return problem === undefined ? undefined : { status: 422, problem }
}
