/** An entry from bytes that anybody may have made: what is no entry is a finding of whoever reads, not a fault. */
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'

/** The entry; undefined where the bytes are none. */
export function readLeaf(leaf: Uint8Array): Entry | undefined {
  try {
    return parseLeaf(leaf)
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}
