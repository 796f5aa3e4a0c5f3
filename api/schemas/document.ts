/** Documents whose inner shape is somebody else's standard; named here, so that routes need not repeat it. */
import { z } from '@hono/zod-openapi'

export const openApiDocument = z.object({ openapi: z.string() })

/** Open Badges 3.0 Profile of an issuer. */
export const issuerProfile = z
  .object({
    '@context': z.array(z.string()),
    id: z.url(),
    type: z.array(z.string()),
    name: z.string(),
    url: z.string().optional(),
    email: z.string().optional(),
  })
  .openapi('IssuerProfile')

/** RFC 7517 with the window a key may sign in: `nbf` and `exp`, seconds since 1970. */
export const jwk = z
  .object({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string(),
    y: z.string(),
    kid: z.url(),
    alg: z.literal('ES256'),
    use: z.literal('sig'),
    nbf: z.int(),
    exp: z.int().optional(),
  })
  .openapi('IssuerJwk')

export const jwks = z.object({ keys: z.array(jwk) }).openapi('IssuerJwks')
