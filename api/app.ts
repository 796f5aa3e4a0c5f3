/** The HTTP API, put together: limits first, then the routes, and one place that turns failures into answers. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import { inStep } from '#config/failpoints.ts'
import { errorFields } from '#connectors/platform/safe-fields.ts'
import type { Api, ApiDependencies, ApiEnv } from './dependencies.ts'
import { describeApi } from './document.ts'
import { languageOf } from './language.ts'
import { limitBody, limitJson, limitUrl, securityHeaders } from './limits.ts'
import { serveLogs } from './log-files.ts'
import { measure } from './measure.ts'
import { methodsOf } from './methods.ts'
import { Problem, problemResponse } from './problem.ts'
import { problems } from './problems.ts'
import { registerRoutes } from './routes.ts'
import { traced } from './trace.ts'
import { failOnInvalid } from './validation.ts'

/** Everything under `/v1`, the public documents under `/institutions`, health. No clock and no environment of its own. */
export function createApp(deps: ApiDependencies): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({ defaultHook: failOnInvalid })
  app.use(async (c, next) => {
    c.set('deps', deps)
    c.set('language', languageOf(c.req.header('accept-language')))
    await next()
    // The files of a log have no language; a cache must not keep each once per language of its readers.
    if (!c.req.path.startsWith('/log/')) c.res.headers.append('vary', 'Accept-Language')
  })
  app.use(traced, measure)
  // Reading is one step, whatever is read; each act is its own.
  app.use((c, next) => inStep(c.req.method === 'GET' ? 'GET' : `${c.req.method} ${routePath(c, -1)}`, next))
  app.use(securityHeaders, limitUrl, limitBody, limitJson)
  // What a person was shown must not stay in a cache; public documents set their own.
  app.use('/v1/*', async (c, next) => {
    await next()
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
  })
  registerRoutes(app)
  if (deps.logDir !== undefined) serveLogs(app, deps.logDir)
  describeApi(app)
  const allowedAt = methodsOf(app)
  app.notFound((c) => {
    const allowed = allowedAt(c.req.path)
    if (allowed.length === 0) return problemResponse(c, new Problem('not_found'))
    return problemResponse(c, new Problem('method_not_allowed', { headers: { allow: allowed.join(', ') } }))
  })
  app.onError((error, c) => {
    const problem = problemOf(error)
    if (problems[problem.code].status >= 500) {
      deps.onTrouble?.({ traceId: c.var.traceId, problem: problem.code, error: errorFields(error) })
    }
    return problemResponse(c, problem)
  })
  return app
}

/** Whatever is not a problem of ours tells the caller nothing: messages of libraries and databases can carry data. */
function problemOf(error: Error): Problem {
  if (error instanceof Problem) return error
  if (error instanceof HTTPException && error.status === 400) return new Problem('malformed_json')
  return isUnreachable(error)
    ? new Problem('unavailable', { headers: { 'retry-after': '5' } })
    : new Problem('internal')
}

const away = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  '57P01',
  '57P03',
])

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && away.has(String(error.code))) || isUnreachable(error.cause)
}
