/** How long each route takes to answer, by its template: with paths as they come every case would be a series of its own. */
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import { observe } from '#connectors/platform/metrics.ts'
import type { ApiEnv } from './dependencies.ts'

const methods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** One of the methods of HTTP, so that a name can be made of it. */
export function methodOf(method: string): string {
  return methods.includes(method) ? method : 'other'
}

export const measure: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const began = performance.now()
  await next()
  const labels = {
    method: methodOf(c.req.method),
    route: routePath(c, -1),
    status: String(c.res.status),
  }
  observe('bevis_http_request_duration_seconds', labels, (performance.now() - began) / 1_000)
}
