/** Documents whose inner shape is somebody else's standard; named here, so that routes need not repeat it. */
import { z } from '@hono/zod-openapi'
import { signingAlgs } from '#credentials/signing/public-key.ts'

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

const published = {
  alg: z.enum(signingAlgs),
  kid: z.url(),
  use: z.literal('sig'),
  nbf: z.int(),
  exp: z.int().optional(),
}

/** Public keys that personal values in events are sealed to, the one to use first (RFC 7517, 8037). */
export const intakeKeySet = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('X25519'),
        x: z.string(),
        use: z.literal('enc'),
        alg: z.literal('ECDH-ES+A256KW'),
        kid: z.string().openapi({ description: 'RFC 7638 thumbprint; send it in the header of the JWE' }),
      }),
    ),
  })
  .openapi('IntakeKeySet')

/** RFC 7517 (and 8037) with the window a key may sign in: `nbf` and `exp`, seconds since 1970. */
export const jwk = z
  .union([
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      ...published,
    }),
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      ...published,
    }),
  ])
  .openapi('IssuerJwk')

export const jwks = z.object({ keys: z.array(jwk) }).openapi('IssuerJwks')
