/** Reads a compact JWS strictly, once, before anything in it is believed; loose reading is where JWT confusion begins (RFC 8725). */
import { isObject, readB64url, readObject } from '#credentials/bytes.ts'

export interface CompactDocument {
  readonly header: { readonly alg: string; readonly kid: string; readonly typ?: string }
  readonly payload: Readonly<Record<string, unknown>>
  /** `issuer` itself or its `id` (VCDM 2.0 §4.7). */
  readonly issuer: string
  /** `validFrom` and `validUntil` in milliseconds since 1970. */
  readonly from: number
  readonly until?: number
}

/** Far above any credential or list of ours, far below what would trouble a verifier. */
const longest = 8 * 1024 * 1024

/** `cty` is VC-JOSE-COSE's; everything else (`jwk`, `jku`, `x5c`, `crit`, `b64` …) would let the document choose its own judge. */
const headerMembers: ReadonlySet<string> = new Set(['alg', 'kid', 'typ', 'cty'])
/** Absent and `JWT`: Open Badges 3.0; the others: VC-JOSE-COSE and its drafts (standards §1.1). An event's or a token's type is none. */
const types: ReadonlySet<string> = new Set(['JWT', 'vc+jwt', 'vc+ld+jwt'])

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
  const problem = headerProblem(header) ?? payloadProblem(payload)
  if (problem !== undefined) return problem
  return { header: header as unknown as CompactDocument['header'], payload, ...facts(payload) }
}

/** Read only after the payload was found to have them. */
function facts(payload: Record<string, unknown>): Pick<CompactDocument, 'issuer' | 'from' | 'until'> {
  const until = moment(payload['validUntil'])
  return {
    issuer: issuerOf(payload) ?? '',
    from: moment(payload['validFrom']) ?? Number.NaN,
    ...(until === undefined ? {} : { until }),
  }
}

function headerProblem(header: Record<string, unknown>): string | undefined {
  const foreign = Object.keys(header).find((name) => !headerMembers.has(name))
  if (foreign !== undefined) return `header-${foreign}`
  if (typeof header['alg'] !== 'string') return 'header-alg'
  if (typeof header['kid'] !== 'string') return 'header-kid'
  const { typ } = header
  return typ === undefined || (typeof typ === 'string' && types.has(typ)) ? undefined : 'header-typ'
}

function payloadProblem(payload: Record<string, unknown>): string | undefined {
  // The nested claims of VCDM 1.1 beside top-level members would be two documents under one signature.
  if ('vc' in payload || 'vp' in payload) return 'vc-claim'
  const context: unknown = payload['@context']
  if (!Array.isArray(context) || context[0] !== 'https://www.w3.org/ns/credentials/v2') return '@context'
  const type: unknown = payload['type']
  if (!Array.isArray(type) || !type.includes('VerifiableCredential')) return 'type'
  if (typeof payload['id'] !== 'string') return 'id'
  if (issuerOf(payload) === undefined) return 'issuer'
  if (moment(payload['validFrom']) === undefined) return 'validFrom'
  if (payload['validUntil'] !== undefined && moment(payload['validUntil']) === undefined) return 'validUntil'
  return isObject(payload['credentialSubject']) ? undefined : 'credentialSubject'
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
