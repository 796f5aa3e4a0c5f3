/** What a request may be at most and which headers every answer carries; without it one body could hold up everybody. */
import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import type { ApiEnv } from './dependencies.ts'
import { largestBatch } from './event-batch.ts'
import { eventMedia, isForEvents } from './event-media.ts'
import { Problem, type ProblemError } from './problem.ts'

const largestBody = 256 * 1024
/** A register of some thousand people. */
const largestRegister = 4 * 1024 * 1024
const deepestJson = 20

/** Bodies above 256 KiB are not read; batches of events and whole registers may be larger. */
export const limitBody: MiddlewareHandler = (c, next) => {
  if (isBatch(c)) return limitBatch(c, next)
  return (c.req.path.endsWith('/register-proposals') ? limitRegister : limitOne)(c, next)
}

function limitedTo(maxSize: number, code: 'batch_too_large' | 'body_too_large'): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      // The rest of the body is still on the line: nobody may take it for the next request.
      throw new Problem(code, { headers: { connection: 'close' } })
    },
  })
}

const limitOne = limitedTo(largestBody, 'body_too_large')
const limitRegister = limitedTo(largestRegister, 'body_too_large')
const limitBatch = limitedTo(largestBatch, 'batch_too_large')

/**
 * Only JSON, only so deep that no parser or schema runs out of stack, only text that can be stored. Looked at before anything parses
 * it. Events are read by their own border (`events/json.ts`), as bytes.
 */
export const limitJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (isForEvents(c.req.path)) return next()
  const text = ['GET', 'HEAD'].includes(c.req.method) ? '' : await c.req.text()
  if (text !== '') {
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
      throw new Problem('unsupported_media_type')
    }
    if (depthOf(text) > deepestJson) throw new Problem('json_too_deep')
    refuseUnstorable(text)
  }
  await next()
}

function isBatch(c: Context): boolean {
  return isForEvents(c.req.path) && eventMedia(c.req.header('content-type')) === 'batch'
}

/** Percent-encoding must decode to text that can be stored; else the database would have to refuse what nobody checked. */
export const limitUrl: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { pathname, search } = new URL(c.req.url)
  const errors = [
    ...(isStorable(decoded(pathname)) ? [] : [unstorable('path', '')]),
    ...(isStorable(decoded(search.replaceAll('+', ' '))) ? [] : [unstorable('query', '')]),
  ]
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
  await next()
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Postgres keeps neither NUL nor half a surrogate pair. */
function isStorable(text: string | undefined): boolean {
  return text !== undefined && !text.includes('\u0000') && !/\p{Surrogate}/u.test(text)
}

/** Text that is no JSON is left to whoever parses it. */
function refuseUnstorable(text: string): void {
  const errors = unstorableIn(parsed(text), '')
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function unstorableIn(value: unknown, pointer: string): ProblemError[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [unstorable('body', pointer)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    isStorable(key)
      ? unstorableIn(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      : [unstorable('body', pointer)],
  )
}

function unstorable(place: ProblemError['in'], pointer: string): ProblemError {
  const detail = 'holds NUL, half a surrogate pair, or percent-encoding that is no UTF-8'
  return { in: place, pointer, code: 'not_text', detail }
}

/** Greatest depth of brackets outside strings; says nothing about whether the text is valid JSON. */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]
    if (inString && letter === '\\') at += 1
    else if (letter === '"') inString = !inString
    else if (inString) continue
    else if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++depth)
    else if (letter === ']' || letter === '}') depth -= 1
  }
  return deepest
}

/** The API is for programs: nothing it answers may be framed, sniffed or run. */
export const securityHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  crossOriginResourcePolicy: false,
  strictTransportSecurity: 'max-age=31536000; includeSubDomains',
})

/** For documents a stranger's browser must be able to fetch to verify a credential; everything else stays closed. */
export const openToAll: MiddlewareHandler = cors({
  origin: '*',
  allowMethods: ['GET', 'HEAD'],
  exposeHeaders: ['ETag'],
  maxAge: 86_400,
})
