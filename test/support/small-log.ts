/** A log in memory that signs what it is told to, forks and lies too; without it a witness would only ever meet honest ones. */
import { randomBytes } from 'node:crypto'
import { checkpointText } from '#audit/checkpoint.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { leafHash } from '#audit/tree.ts'
import { mth, proof } from '../audit/log/naive.ts'

export interface SmallLog {
  readonly origin: string
  readonly vkey: string
  /** Its checkpoint at a size, signed. */
  note(size: number): string
  /** A text signed with its key, whatever it says. */
  signed(text: string): string
  root(size: number): Uint8Array
  prove(from: number, size: number): readonly Uint8Array[]
  /** A log of the same key that has another leaf at `index`, and another from there on. */
  forkedAt(index: number): SmallLog
}

export function smallLog(
  origin: string,
  seed: Uint8Array = Uint8Array.from(randomBytes(32)),
  forks = new Set<number>(),
): SmallLog {
  const signer = ed25519Signer(origin, seed)
  const leaves = (size: number) =>
    Array.from({ length: size }, (_, index) => {
      const history = [...forks].filter((at) => at <= index).join()
      return leafHash(Buffer.from(`${origin} ${index} ${history}`))
    })
  const root = (size: number) => mth(leaves(size))
  const signed = (text: string) => signNote(text, [signer])
  return {
    origin,
    vkey: signer.vkey,
    root,
    signed,
    note: (size) => signed(checkpointText({ origin, size, root: root(size), extensions: [] })),
    prove: (from, size) => (from === 0 || from === size ? [] : proof(from, leaves(size))),
    forkedAt: (index) => smallLog(origin, seed, new Set([...forks, index])),
  }
}
