/** Reads a compact JWS strictly, once, before anything in it is believed; loose reading is where JWT confusion begins (RFC 8725). */
import { isObject, readB64url, readObject } from '#credentials/bytes.ts'
import type { Format } from '#credentials/signing/compact.ts'

export interface CompactDocument {
  readonly header: { readonly alg: string; readonly kid: string; readonly typ?: string; readonly cty?: string }
  /** Which rules it is read by; its `typ` says so, and whoever signed it said that. */
  readonly profile: Format
  readonly payload: Readonly<Record<string, unknown>>
  /** `issuer` itself or its `id` (VCDM 2.0 §4.7). */
  readonly issuer: string
  /** `validFrom` and `validUntil` in milliseconds since 1970; a badge always has the first. */
  readonly from?: number
  readonly until?: number
}

/** Far above any credential or list of ours, far below what would trouble a verifier. */
const longest = 8 * 1024 * 1024

/** Anything else (`jwk`, `jku`, `x5c`, `crit`, `b64` …) would let the document choose its own judge. */
const headerMembers: ReadonlySet<string> = new Set(['alg', 'kid', 'typ', 'cty'])
/** Open Badges 3.0 §8.2.3 knows `JWT` or nothing; VC-JOSE-COSE §3.1.1 `vc+jwt`, its drafts `vc+ld+jwt`. An event's, a token's or a presentation's type is none. */
const profiles: Readonly<Record<string, Format>> = { JWT: 'ob3-jwt', 'vc+jwt': 'w3c-jose', 'vc+ld+jwt': 'w3c-jose' }

/** The document, or which rule it breaks, as a code. */
export function readCompact(jwt: string): CompactDocument | string {
  const [head, body, signature, ...more] = jwt.length > longest ? [] : jwt.split('.')
  if (!head || !body || !signature || more.length > 0) return 'not-compact'
  const headBytes = readB64url(head)
  const bodyBytes = readB64url(body)
  if (headBytes === undefined || bodyBytes === undefined || readB64url(signature) === undefined) return 'not-base64url'
  const header = readObject(headBytes)
  const payload = readObject(bodyBytes)
  if (header === undefined || payload === undefined) return 'not-json'
  const profile = profileOf(header['typ'])
  if (profile === undefined) return 'header-typ'
  const problem = headerProblem(header, profile) ?? payloadProblem(payload, profile)
  if (problem !== undefined) return problem
  return { header: header as unknown as CompactDocument['header'], profile, payload, ...facts(payload) }
}

function profileOf(typ: unknown): Format | undefined {
  if (typ === undefined) return 'ob3-jwt'
  return typeof typ === 'string' && Object.hasOwn(profiles, typ) ? profiles[typ] : undefined
}

/** Read only after the payload was found to have them. */
function facts(payload: Record<string, unknown>): Pick<CompactDocument, 'issuer' | 'from' | 'until'> {
  const from = moment(payload['validFrom'])
  const until = moment(payload['validUntil'])
  return {
    issuer: issuerOf(payload) ?? '',
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  }
}

function headerProblem(header: Record<string, unknown>, profile: Format): string | undefined {
  const foreign = Object.keys(header).find((name) => !headerMembers.has(name))
  if (foreign !== undefined) return `header-${foreign}`
  if (typeof header['alg'] !== 'string') return 'header-alg'
  if (typeof header['kid'] !== 'string') return 'header-kid'
  // A badge's header has no `cty`; one that says something else than a credential is something else.
  const { cty } = header
  return cty === undefined || (cty === 'vc' && profile === 'w3c-jose') ? undefined : 'header-cty'
}

function payloadProblem(payload: Record<string, unknown>, profile: Format): string | undefined {
  // The nested claims of VCDM 1.1 beside top-level members would be two documents under one signature.
  if ('vc' in payload || 'vp' in payload) return 'vc-claim'
  const context: unknown = payload['@context']
  if (!Array.isArray(context) || context[0] !== 'https://www.w3.org/ns/credentials/v2') return '@context'
  if (issuerOf(payload) === undefined) return 'issuer'
  for (const name of ['validFrom', 'validUntil']) {
    if (payload[name] !== undefined && moment(payload[name]) === undefined) return name
  }
  return profile === 'ob3-jwt' ? badgeProblem(payload) : credentialProblem(payload)
}

/** Open Badges 3.0 §B.1.1: types as a list, an id, a beginning, one subject. */
function badgeProblem(payload: Record<string, unknown>): string | undefined {
  const { type, id, validFrom, credentialSubject } = payload
  if (!Array.isArray(type) || !type.includes('VerifiableCredential')) return 'type'
  if (typeof id !== 'string') return 'id'
  if (validFrom === undefined) return 'validFrom'
  return isObject(credentialSubject) ? undefined : 'credentialSubject'
}

/** VCDM 2.0 §4.4, §4.5, §4.8: an id is optional, a type may stand alone, subjects may be several. */
function credentialProblem(payload: Record<string, unknown>): string | undefined {
  const { type, id, credentialSubject } = payload
  if (type !== 'VerifiableCredential' && !(Array.isArray(type) && type.includes('VerifiableCredential'))) return 'type'
  if (id !== undefined && typeof id !== 'string') return 'id'
  const subjects: readonly unknown[] = Array.isArray(credentialSubject) ? credentialSubject : [credentialSubject]
  return subjects.length > 0 && subjects.every(isObject) ? undefined : 'credentialSubject'
}

function issuerOf({ issuer }: Record<string, unknown>): string | undefined {
  const id = isObject(issuer) ? issuer['id'] : issuer
  return typeof id === 'string' ? id : undefined
}

function moment(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value)) return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}
