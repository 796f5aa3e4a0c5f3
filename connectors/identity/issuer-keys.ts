/** The issuer's public keys, by its discovery document: without it a rotation at the issuer would lock everybody out. */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'

/** The keys could not be had. Not the caller's fault, and no judgement on the token. */
export class IssuerUnreachable extends Error {
  readonly code = 'identity/issuer-unreachable'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'IssuerUnreachable'
  }
}

const timeoutMs = 3_000
/** How soon an unknown `kid`, or an issuer that does not answer, may make us ask again. */
const cooldownMs = 5_000
const cacheMs = 10 * 60_000

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() })

/**
 * A key source for jose's `jwtVerify`. An unknown key is jose's own error; whatever keeps us from asking is
 * {@link IssuerUnreachable}.
 */
export function issuerKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined
  let failedAt = Number.NEGATIVE_INFINITY
  const find = (): Promise<JWTVerifyGetKey> => {
    if (found !== undefined) return found
    if (performance.now() - failedAt < cooldownMs) throw new IssuerUnreachable('the issuer did not answer a moment ago')
    found = discover(issuer)
    found.catch(() => {
      found = undefined
      failedAt = performance.now()
    })
    return found
  }
  return async (header, token) => {
    const keys = await find()
    try {
      return await keys(header, token)
    } catch (error) {
      if (aboutTheToken(error)) throw error
      throw new IssuerUnreachable('the keys of the issuer cannot be read', { cause: error })
    }
  }
}

/** OpenID Connect Discovery 1.0 §4: the document must name the issuer that we asked. */
async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const found = discovery.safeParse(await getJson(`${issuer}/.well-known/openid-configuration`))
  if (!found.success) throw new IssuerUnreachable('the discovery document lacks issuer or jwks_uri')
  if (found.data.issuer !== issuer) throw new IssuerUnreachable('the discovery document is for another issuer')
  const keysAt = new URL(found.data.jwks_uri)
  if (new URL(issuer).protocol === 'https:' && keysAt.protocol !== 'https:')
    throw new IssuerUnreachable('the discovery document points to keys without TLS')
  return createRemoteJWKSet(keysAt, {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: cacheMs,
  })
}

async function getJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    if (!response.ok) throw new IssuerUnreachable(`discovery answered ${response.status}`)
    return await response.json()
  } catch (cause) {
    if (cause instanceof IssuerUnreachable) throw cause
    throw new IssuerUnreachable('discovery did not answer', { cause })
  }
}

function aboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  )
}
