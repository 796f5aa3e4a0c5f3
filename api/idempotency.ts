/** The caller's own name for a request; without it a lost answer would tempt them to do it twice. */
import type { Context, MiddlewareHandler } from 'hono'
import { base32, hashParts } from '#audit/digest.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { claimRequest, giveUp, type KeyedRequest, keepAnswer } from '#db/kept-requests.ts'
import type { ApiEnv } from './dependencies.ts'
import { Problem } from './problem.ts'

/** @throws Problem `idempotency_key_required` */
export function idempotencyKey(c: Context<ApiEnv>): string {
  const key = c.req.header('idempotency-key')
  if (key === undefined || !/^[\x21-\x7e]{1,200}$/.test(key)) throw new Problem('idempotency_key_required')
  return key
}

/** The id of what is made in an act: the same under the same key, so that a repetition finds it. `scope` is what the key is unique in. */
export function idUnderKey(kind: string, { scope, person, key }: Record<'scope' | 'person' | 'key', string>): string {
  return `${kind}_${base32(hashParts(scope, person, key).subarray(0, 16))}`
}

/** An answer as it is given again. */
interface KeptAnswer {
  readonly status: 200
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const keptHeaders = ['content-type', 'etag', 'location']

/**
 * Answers a request that comes again under its key as it was answered before, without carrying it out. Only answers 2xx are kept: a
 * refusal has changed nothing, and under the same key the request may be mended. Where a key is demanded, the handler demands it.
 * @throws Problem `idempotency_key_required` for one that is no key, `request_in_progress`, `idempotency_key_reused`
 */
export const answerOnce: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.header('idempotency-key') === undefined) return next()
  const key = idempotencyKey(c)
  const { pathname, search } = new URL(c.req.url)
  const request = { person: c.var.caller.person, path: pathname + search, key, body: await c.req.text() }
  const known = await claim(c, request)
  if (known !== undefined) return c.body(known.body, known.status, known.headers)
  await next()
  // Whoever fails here has still done what was asked: the claim lapses, and a repetition finds it done.
  await inRequest(c, (tx) => settle(tx, c.res, request)).catch(() => undefined)
}

async function claim(c: Context<ApiEnv>, request: KeyedRequest): Promise<KeptAnswer | undefined> {
  const claimed = await inRequest(c, (tx) => claimRequest(tx, request))
  switch (claimed.kind) {
    case 'claimed':
      return undefined
    case 'answered':
      return claimed.answer as KeptAnswer
    case 'in-progress':
      throw new Problem('request_in_progress', { headers: { 'retry-after': '5' } })
    case 'other':
      throw new Problem('idempotency_key_reused')
  }
}

async function settle(tx: Tx, response: Response, request: KeyedRequest): Promise<void> {
  if (!response.ok) return giveUp(tx, request)
  const headers = keptHeaders.flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  const body = await response.clone().text()
  await keepAnswer(tx, request, { status: response.status, headers: Object.fromEntries(headers), body })
}

function inRequest<T>(c: Context<ApiEnv>, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inInstitution(c.var.deps.db, c.var.institution, work)
}
