/** The caller's own name for a request; without it a lost answer would tempt them to do it twice. */
import type { Context } from 'hono'
import type { ApiEnv } from './dependencies.ts'
import { Problem } from './problem.ts'

/** @throws Problem `idempotency_key_required` */
export function idempotencyKey(c: Context<ApiEnv>): string {
  const key = c.req.header('idempotency-key')
  if (key === undefined || !/^[\x21-\x7e]{1,200}$/.test(key)) throw new Problem('idempotency_key_required')
  return key
}

/** The validator the caller saw. `*` would mean "whatever it is now", which nobody can decide on. @throws Problem `precondition_required` */
export function ifMatch(c: Context<ApiEnv>): string {
  const tag = c.req.header('if-match')
  if (tag === undefined || tag === '*') throw new Problem('precondition_required')
  return tag
}
