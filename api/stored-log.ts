/** What the log has stored, as it is read for others: damaged, it is refused by name and never passed on as whole. */
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'
import { readTrail } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { CryptoError } from '#db/crypto.ts'
import { readLog } from '#db/log.ts'
import { Problem } from './problem.ts'

/**
 * Work on what is stored at `where`, a path as in an audit package.
 *
 * @throws Problem `record_damaged` where it cannot be what was written
 */
export async function readingRecord<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof AuditError || isNotAuthentic(error) ? damaged(where, error.code) : error
  }
}

/** What a trail tells, in its order. @throws Problem `record_damaged` */
export function entriesIn(tx: Tx, trail: string): Promise<Entry[]> {
  return readingRecord(`trails/${trail}`, async () => (await readTrail(tx, trail)).map(({ leaf }) => parseLeaf(leaf)))
}

/** Sealed, and opened by its own key to other bytes than it was; a key that is not there is another matter. */
function isNotAuthentic(error: unknown): error is CryptoError {
  return error instanceof CryptoError && error.code === 'not-authentic'
}

/** @param because a code */
export function damaged(where: string, because: string): Problem {
  return new Problem('record_damaged', { members: { where, because } })
}

/** Why something stands under no checkpoint: it takes a moment, or an operator. */
export async function notInLog(tx: Tx): Promise<Problem> {
  const frozen = (await readLog(tx))?.frozen
  if (frozen !== undefined) return new Problem('log_frozen', { members: { because: frozen } })
  return new Problem('not_in_log_yet', { headers: { 'retry-after': '2' } })
}
