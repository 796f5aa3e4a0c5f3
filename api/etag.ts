/** Strong validators (RFC 9110 §8.8): the same bytes, the same tag. Without them a client could neither save a read nor notice a change. */
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { b64url, sha256 } from '#audit/digest.ts'
import type { ApiEnv } from './dependencies.ts'
import { Problem } from './problem.ts'

/** Tag of what an answer will say. */
export function etagOfValue(value: unknown): string {
  return `"${b64url(sha256(Buffer.from(JSON.stringify(value)))).slice(0, 27)}"`
}

/** True when `If-None-Match` names the tag: the client has this already, 304 is enough. */
export function isKnown(c: Context<ApiEnv>, etag: string): boolean {
  const header = c.req.header('if-none-match')
  return header !== undefined && (header.trim() === '*' || tagsIn(header).includes(etag))
}

/** Of a change: it holds only for what its caller has read. Handlers demand it, so that who may not change anything is told that first. */
export const ifMatchHeader = z.object({
  'if-match': z
    .string()
    .max(200)
    .optional()
    .openapi({ param: { required: true }, pattern: '^"[!#-~]+"$', description: 'ETag as read' }),
})

/** How a change fails that takes `If-Match`. */
export const matchCodes = ['precondition_required', 'precondition_failed'] as const

/** The validator the caller saw. `*` would mean "whatever it is now", which nobody can decide on. @throws Problem `precondition_required` */
export function ifMatch(c: Context<ApiEnv>): string {
  const tag = c.req.header('if-match')
  if (tag === undefined || tag === '*') throw new Problem('precondition_required')
  return tag
}

/**
 * RFC 9110 §13.1.1: strong comparison; the answer tells what it is now, so that a client can show what changed.
 * @throws Problem `precondition_failed`
 */
export function demandMatch(tag: string, { etag, now }: { readonly etag: string; readonly now: unknown }): void {
  if (tag !== etag) throw new Problem('precondition_failed', { headers: { etag }, members: { now } })
}

function tagsIn(header: string): string[] {
  return header.split(',', 50).map((tag) => tag.trim().replace(/^W\//, ''))
}
