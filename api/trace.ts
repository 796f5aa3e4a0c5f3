/** Each request as a span, and the trace it belongs to in every answer: without it nobody could find what we did for a failed request. */
import { randomBytes } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { inSpan } from '#connectors/platform/tracing.ts'
import { parseTraceparent } from '#domain/trace-context.ts'
import type { ApiEnv } from './dependencies.ts'
import { methodOf } from './measure.ts'

/** Whose request it is and about which case, so that what people did stands beside what was done; in the shapes of a line of the log. */
function aboutWhat(path: string): { institution: string | undefined; case_id: string | undefined } {
  return {
    institution: /\/institutions\/([^/]+)/.exec(path)?.[1],
    case_id: /\/cases\/(case_[a-z2-7]{1,64})(?:\/|$)/.exec(path)?.[1],
  }
}

/** Goes on with the trace of the caller's `traceparent`, where it is one. What was asked for is told by the route's template alone. */
export const traced: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const method = methodOf(c.req.method)
  const parent = parseTraceparent(c.req.header('traceparent'))
  await inSpan(method, { kind: 'server', parent, fields: { method } }, async (span) => {
    c.set('traceId', span.context?.traceId ?? parent?.traceId ?? randomBytes(16).toString('hex'))
    await next()
    c.header('x-trace-id', c.var.traceId)
    const [route, { status }] = [routePath(c, -1), c.res]
    span.rename(`${method} ${route}`)
    span.tell({ route, status, ...aboutWhat(c.req.path) })
    if (status >= 500) span.failed(c.error)
  })
}
