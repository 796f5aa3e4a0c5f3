/** Tells a fault of the data from a fault of the house. Without it a list would be taken apart because a server was away. */
import { AuditError } from '#audit/errors.ts'
import { CredentialError } from '#credentials/errors.ts'
import { AchievementGone } from '#db/case-input.ts'
import { sqlState } from '#db/client.ts'
import { CryptoError } from '#db/crypto.ts'

const ours = [AuditError, CredentialError, CryptoError, AchievementGone, TypeError, RangeError, SyntaxError]

/**
 * True where the same data will fail again: data exceptions (class 22), violated constraints (23), entries the trail refuses (BV),
 * and what our own code cannot make sense of. What is away, busy or not allowed is no fault of the data.
 */
export function isOfTheData(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return /^(22|23|BV)/.test(state)
  const root = rootOf(error)
  return ours.some((one) => root instanceof one) || isUnreadable(root)
}

/** zlib's way of saying that bytes are not what they should be. */
function isUnreadable(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && code.startsWith('Z_')
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error
}
