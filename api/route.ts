/** How a route is declared: with its line in `access.ts` or not at all, so that no route can be served unguarded. */
import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import { demandAcceptable } from './acceptable.ts'
import { type Access, access, type OperationId } from './access.ts'
import { guard } from './guard.ts'
import { answerOnce } from './idempotency.ts'
import { type ProblemCode, problems } from './problems.ts'
import { problem } from './schemas/problem.ts'

type Declaration = Omit<RouteConfig, 'operationId' | 'middleware' | 'security'> & {
  readonly summary: string
  /** Ways of failing that are this operation's own; those every operation has are added. */
  readonly fails?: readonly ProblemCode[]
}

/** Adds guard, security scheme and the problem answers. Handlers see the types of their own answers only: problems are thrown. */
export function declare<P extends string, R extends Declaration & { path: P }>(operation: OperationId, route: R): R {
  const rule: Access = access[operation]
  const { fails = [], ...rest }: Declaration & { path: string } = route
  const said = {
    ...rest,
    operationId: operation,
    security: securityOf(rule),
    middleware: [demandAcceptable(formsOf(route)), guard(operation), ...(takesKey(route.request) ? [answerOnce] : [])],
    responses: { ...route.responses, ...problemAnswers([...commonTo(route, rule), ...fails]) },
    ...(typeof rule.who === 'string' ? {} : { 'x-bevis-roles': rule.who, 'x-bevis-fresh-login': isFresh(rule) }),
  }
  return createRoute(said) as unknown as R
}

function securityOf({ who }: Access): NonNullable<RouteConfig['security']> {
  if (who === 'anyone') return []
  return [who === 'emitter' ? { emitter: [] } : { login: [] }]
}

/** A JSON answer. */
export function answer<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } }
}

/** A JSON body that must be there. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } }
}

const linkHeader = z.object({
  link: z.string().optional().openapi({ description: 'Pages before and after (RFC 8288): rel="prev", rel="next"' }),
})
const etagHeader = z.object({ etag: z.string().openapi({ description: 'Strong validator (RFC 9110 §8.8)' }) })

/** A page of a list, with its neighbours as a `Link` header too. */
export function page<S extends z.ZodType>(description: string, schema: S) {
  return { ...answer(description, schema), headers: linkHeader }
}

/** Answers of a read with a validator: send it back in If-None-Match, or in If-Match with a change. */
export function tagged<S extends z.ZodType>(description: string, schema: S) {
  return {
    200: { ...answer(description, schema), headers: etagHeader },
    304: { description: 'Unchanged since the ETag in If-None-Match', headers: etagHeader },
  }
}

/** What goes wrong wherever such a request comes in. */
function commonTo({ method, path, request }: Declaration & { path: string }, rule: Access): ProblemCode[] {
  const isRead = method === 'get'
  return [
    'invalid_request',
    ...(isRead ? [] : (['malformed_json', 'json_too_deep', 'body_too_large', 'unsupported_media_type'] as const)),
    ...(typeof rule.who === 'string' ? [] : loginCodes),
    ...(isFresh(rule) ? (['insufficient_user_authentication'] as const) : []),
    ...(path.includes('{') ? (['not_found'] as const) : []),
    ...(hasCursor(request) ? (['invalid_cursor'] as const) : []),
    ...(takesKey(request) ? keyCodes : []),
    'not_acceptable',
    'internal',
    'unavailable',
  ]
}

function isFresh(rule: Access): boolean {
  return 'freshLogin' in rule && rule.freshLogin === true
}

const loginCodes: readonly ProblemCode[] = ['token_missing', 'token_invalid', 'login_unreachable', 'role_required']

const keyCodes: readonly ProblemCode[] = ['idempotency_key_required', 'idempotency_key_reused', 'request_in_progress']

function takesKey(request: RouteConfig['request']): boolean {
  const headers: unknown = request?.headers
  return headers instanceof z.ZodObject && 'idempotency-key' in headers.shape
}

function hasCursor(request: RouteConfig['request']): boolean {
  const query: unknown = request?.query
  return query instanceof z.ZodObject && 'cursor' in query.shape
}

/** One answer per status, with the codes it can carry. */
function problemAnswers(codes: readonly ProblemCode[]): RouteConfig['responses'] {
  const statuses = [...new Set(codes.map((code) => problems[code].status))].toSorted((a, b) => a - b)
  const answerOf = (status: number) => {
    const own = [...new Set(codes)].filter((code) => problems[code].status === status)
    return {
      description: own.map((code) => `\`${code}\`: ${problems[code].title.en}`).join('; '),
      content: { 'application/problem+json': { schema: problem } },
    }
  }
  return Object.fromEntries(statuses.map((status) => [status, answerOf(status)]))
}

/** Media types of the answers that are no failure. */
function formsOf({ responses }: Declaration): string[] {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  return [...new Set(good.flatMap(([, one]) => ('content' in one ? Object.keys(one.content ?? {}) : [])))]
}
