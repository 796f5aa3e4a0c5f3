/** The API's description of itself (OpenAPI 3.1), made from the schemas that the routes check with, so that it cannot lie. */
import { OpenAPIHono, type z } from '@hono/zod-openapi'
import type { Api, ApiEnv } from './dependencies.ts'
import { declare } from './route.ts'
import { registerRoutes } from './routes.ts'
import { openApiDocument } from './schemas/document.ts'
import { eventSchemas } from './schemas/event.ts'
import { withStorableTexts } from './storable.ts'

const info = {
  openapi: '3.1.0',
  info: {
    title: 'Beviskedja',
    version: '1',
    description:
      'Cases, evidence, decisions and credentials of institutions that issue micro-credentials. ' +
      'Errors are problem+json with a stable code; additions come without notice, changes of meaning as /v2.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
} as const

const route = declare('describeApi', {
  method: 'get',
  path: '/v1/openapi.json',
  summary: 'This description',
  tags: ['service'],
  responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: openApiDocument } } } },
})

/** Serves the document of all routes registered so far and this one. */
export function describeApi(app: Api): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'login', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'at+jwt',
    description:
      'Access token of the institution’s login (RFC 9068). Roles come from the register, never from the token.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'emitter', {
    type: 'apiKey',
    in: 'header',
    name: 'Bevis-Signature',
    description:
      'Detached JWS (RFC 7515 appendix F) over the bytes of the body, protected header {alg, kid, typ: "bevis-event+jws"}, with a ' +
      'key that the institution’s register names for the emitter.',
  })
  for (const [name, schema] of eventSchemas()) app.openAPIRegistry.registerComponent('schemas', name, schema)
  let made: z.infer<typeof openApiDocument> | undefined
  app.openapi(route, (c) => {
    // At the first question: it is large, and by then every route is there.
    made ??= documentOf(app)
    return c.json(made, 200)
  })
}

/** The document without a running API; what `docs/openapi.json` holds. */
export function apiDocument(): object {
  const app: Api = new OpenAPIHono<ApiEnv>()
  registerRoutes(app)
  describeApi(app)
  return documentOf(app)
}

function documentOf(app: Api): z.infer<typeof openApiDocument> {
  return withStorableTexts(app.getOpenAPI31Document(info))
}
