/** Who is calling: without it the API would believe any JWT that looks right (contracts §7, RFC 9068). */
import { errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { IssuerUnreachable, issuerKeys } from './issuer-keys.ts'

/** What we take from a token. Roles never: they come from the register (contracts §7). */
export interface AccessToken {
  readonly sub: string
  /** The assurance the login had, as the issuer names it. */
  readonly acr: string
  /** When the person logged in, RFC 3339 UTC with milliseconds. */
  readonly authTime: string
  readonly jti?: string
  readonly clientId?: string
}

/**
 * `missing`: no bearer token. `malformed`: not a compact JWS. `invalid`: not from our issuer, not for us, expired, or a
 * claim is lacking. `stale`: a good token, but the login is older than the act allows. `unreachable`: the issuer's keys could
 * not be had, so the token is neither good nor bad.
 */
export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: AccessToken }
  | { readonly kind: 'missing' | 'malformed' | 'invalid' | 'stale' | 'unreachable'; readonly because: string }

export interface TokenSettings {
  /** Exactly as in the issuer's discovery document; `iss` must be the same text. */
  readonly issuer: string
  readonly audience: string
}

export interface TokenVerifier {
  /** `authorization`: the header as it came. `maxAgeSeconds`: how old the login may be for this act (300 for approvals). */
  verify(authorization: string | undefined, limits?: { readonly maxAgeSeconds?: number }): Promise<TokenAnswer>
}

/** Asymmetric only: with a symmetric one, whoever knows the public key could sign (RFC 8725 §3.1). */
const algorithms = ['ES256', 'RS256', 'EdDSA']
const clockToleranceSeconds = 5
const longestToken = 8_192

/** Claims that RFC 9068 §2.2 demands or that our rules need; text long enough for any issuer and short enough for a log. */
const name = z.string().min(1).max(255)
const claims = z.object({
  sub: name,
  acr: name,
  auth_time: z.int().nonnegative().max(253_402_300_799),
  jti: name.optional(),
  client_id: name.optional(),
})

/** Checks tokens of one issuer. Its keys are fetched at the first token, kept, and fetched again when it rotates them. */
export function accessTokens({ issuer, audience }: TokenSettings): TokenVerifier {
  const keys = issuerKeys(issuer)
  const check = async (jwt: string) =>
    jwtVerify(jwt, keys, {
      issuer,
      audience,
      algorithms,
      typ: 'at+jwt',
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'iat', 'sub'],
    })
  return {
    verify: async (authorization, { maxAgeSeconds } = {}) => {
      const bearer = readBearer(authorization)
      if (bearer.kind !== 'bearer') return bearer
      try {
        const { payload } = await check(bearer.jwt)
        return judge(payload, maxAgeSeconds)
      } catch (error) {
        if (error instanceof IssuerUnreachable) return { kind: 'unreachable', because: error.message }
        if (error instanceof errors.JOSEError) return { kind: 'invalid', because: reasonOf(error) }
        throw error
      }
    },
  }
}

type Bearer = { readonly kind: 'bearer'; readonly jwt: string } | Exclude<TokenAnswer, { kind: 'token' }>

/** RFC 6750 §2.1. Only base64url parts pass on, so that nothing odd reaches a parser or a log. */
function readBearer(authorization: string | undefined): Bearer {
  const [, scheme, jwt] = /^(\S+) +(\S+)$/.exec(authorization ?? '') ?? []
  if (authorization === undefined || authorization === '')
    return { kind: 'missing', because: 'no Authorization header' }
  if (scheme?.toLowerCase() !== 'bearer' || jwt === undefined) return { kind: 'missing', because: 'no bearer token' }
  if (jwt.length > longestToken) return { kind: 'malformed', because: 'longer than 8192 characters' }
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt)) return { kind: 'malformed', because: 'not a compact JWS' }
  return { kind: 'bearer', jwt }
}

function judge(payload: unknown, maxAgeSeconds: number | undefined): TokenAnswer {
  const parsed = claims.safeParse(payload)
  if (!parsed.success) return { kind: 'invalid', because: `claim ${parsed.error.issues[0]?.path.join('.')}` }
  const { sub, acr, auth_time, jti, client_id } = parsed.data
  const age = Math.floor(Date.now() / 1_000) - auth_time
  if (age < -clockToleranceSeconds) return { kind: 'invalid', because: 'auth_time lies in the future' }
  if (maxAgeSeconds !== undefined && age > maxAgeSeconds) return { kind: 'stale', because: 'log in again' }
  const authTime = new Date(auth_time * 1_000).toISOString()
  const ids = { ...(jti === undefined ? {} : { jti }), ...(client_id === undefined ? {} : { clientId: client_id }) }
  return { kind: 'token', token: { sub, acr, authTime, ...ids } }
}

/** jose's code and, where it names one, the claim; its messages never carry values. */
function reasonOf(error: InstanceType<typeof errors.JOSEError>): string {
  const claim =
    error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired ? error.claim : ''
  return claim === '' ? error.code : `${error.code} ${claim}`
}
