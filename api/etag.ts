/** Strong validators (RFC 9110 §8.8): the same bytes, the same tag. Without them a client could neither save a read nor notice a change. */
import type { Context } from 'hono'
import { b64url, sha256 } from '#audit/digest.ts'
import type { ApiEnv } from './dependencies.ts'

/** Tag of what an answer will say. */
export function etagOfValue(value: unknown): string {
  return `"${b64url(sha256(Buffer.from(JSON.stringify(value)))).slice(0, 27)}"`
}

/** True when `If-None-Match` names the tag: the client has this already, 304 is enough. */
export function isKnown(c: Context<ApiEnv>, etag: string): boolean {
  const header = c.req.header('if-none-match')
  return header !== undefined && (header.trim() === '*' || tagsIn(header).includes(etag))
}

function tagsIn(header: string): string[] {
  return header.split(',', 50).map((tag) => tag.trim().replace(/^W\//, ''))
}
