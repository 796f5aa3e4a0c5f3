/** How a route is declared: with its line in `access.ts` or not at all, so that no route can be served unguarded. */
import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import { type Access, access, type OperationId } from './access.ts'
import { guard } from './guard.ts'
import { problem } from './schemas/problem.ts'

const linkHeader = z.object({
  link: z.string().optional().openapi({ description: 'Pages before and after (RFC 8288): rel="prev", rel="next"' }),
})

type Declaration = Omit<RouteConfig, 'operationId' | 'middleware' | 'security'> & { readonly summary: string }

/** Adds guard, security scheme and the problem answer. Handlers see the types of their own answers only: problems are thrown. */
export function declare<P extends string, R extends Declaration & { path: P }>(operation: OperationId, route: R): R {
  const rule: Access = access[operation]
  const said = {
    ...route,
    operationId: operation,
    security: securityOf(rule),
    middleware: guard(operation),
    responses: {
      ...route.responses,
      default: {
        description: 'What went wrong (RFC 9457)',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
    ...(typeof rule.who === 'string'
      ? {}
      : { 'x-bevis-roles': rule.who, 'x-bevis-fresh-login': 'freshLogin' in rule && rule.freshLogin === true }),
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

/** A page of a list, with its neighbours as a `Link` header too. */
export function page<S extends z.ZodType>(description: string, schema: S) {
  return { ...answer(description, schema), headers: linkHeader }
}
