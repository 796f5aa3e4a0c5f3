/** Signs checkpoints, and never two that contradict each other: it is the first witness of its own log (audit-log §6.2). */
import { type Checkpoint, checkpointText, parseCheckpoint } from '#audit/checkpoint.ts'
import { AuditError } from '#audit/errors.ts'
import { openNote, signNote } from '#audit/note.ts'
import { type NoteSigner, type NoteVerifier, parseVerifierKey } from '#audit/note-key.ts'
import { consistencyProblem } from '#audit/proof.ts'
import { logOf } from '#audit/succession.ts'
import type { TileTree } from '#audit/tile-tree.ts'
import type { Hash } from '#audit/tree.ts'
import { lastUsed } from '#credentials/last-used.ts'
import type { FreezeReason } from '#db/log-fault.ts'

/** The checkpoint key of a log; it signs nothing else. */
export interface LogKey {
  readonly origin: string
  readonly signer: NoteSigner & { readonly vkey: string }
  /** Keys this log signed with before, so that a rotation does not look like another history. */
  readonly earlier: readonly NoteVerifier[]
}

export interface Grown {
  readonly size: number
  readonly root: Hash
  readonly tree: TileTree
}

export type Signing =
  /** What is held already is the newest there is. */
  | { readonly kind: 'held'; readonly note: string; readonly size: number }
  | { readonly kind: 'signed'; readonly note: string; readonly size: number }
  | { readonly kind: 'contradicts'; readonly because: FreezeReason }

/**
 * The note of the log as it is now, once it is proved that it goes on from the note signed last (RFC 9162 §2.1.4.2). What the proof
 * is taken from is the database itself; a database that was changed or restored cannot give one.
 */
export async function signNext(key: LogKey, held: string | undefined, now: Grown): Promise<Signing> {
  const next = { origin: key.origin, size: now.size, root: now.root, extensions: [] }
  const sign = (): Signing => ({ kind: 'signed', note: signNote(checkpointText(next), [key.signer]), size: now.size })
  if (held === undefined) return sign()
  const last = lastSigned(key, held)
  if (last === undefined) return { kind: 'contradicts', because: isOfLater(key, held) ? 'behind-lock' : 'root-differs' }
  if (now.size < last.size) return { kind: 'contradicts', because: 'behind-lock' }
  if (!(await goesOn(last, now)))
    return { kind: 'contradicts', because: now.size === last.size ? 'root-differs' : 'inconsistent' }
  return now.size === last.size ? { kind: 'held', note: held, size: last.size } : sign()
}

/** Another log has followed this one, and the database does not know it: it is a copy of before. */
function isOfLater({ origin }: LogKey, note: string): boolean {
  const [own, held] = [logOf(origin), logOf(note.slice(0, note.indexOf('\n')))]
  return own.log === held.log && own.generation < held.generation
}

/** Tiles that do not fit prove nothing. */
async function goesOn(last: Checkpoint, { tree, size, root }: Grown): Promise<boolean> {
  try {
    const proof = await tree.consistency(last.size, size)
    return consistencyProblem({ size1: last.size, size2: size, root1: last.root, root2: root, proof }) === undefined
  } catch (error) {
    if (error instanceof AuditError) return false
    throw error
  }
}

/** What the lock says was signed, if it was this log that signed it. */
function lastSigned(key: LogKey, note: string): Checkpoint | undefined {
  const read = readers.get(key) ?? lastUsed(1, (one) => readHeld(key, one))
  readers.set(key, read)
  return read(note)
}

/** A log compares itself with the same note until it has signed the next. */
const readers = new WeakMap<LogKey, (note: string) => Checkpoint | undefined>()

function readHeld({ origin, signer, earlier }: LogKey, note: string): Checkpoint | undefined {
  try {
    const { text } = openNote(note, [parseVerifierKey(signer.vkey), ...earlier])
    const last = parseCheckpoint(text)
    return last.origin === origin ? last : undefined
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}
