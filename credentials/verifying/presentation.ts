/** A presentation as a JWT (VC-JOSE-COSE §3.1.2): who holds these credentials says so here and now, to this asker. */
import { compactVerify, errors, importJWK } from 'jose'
import { isObject, readB64url, readObject } from '#credentials/bytes.ts'
import { controllerOf, keyOfMethod } from '#credentials/integrity/did.ts'
import { judgePresentation } from '#credentials/model/presentation.ts'
import { listOf } from '#credentials/model/values.ts'
import { algOf, namedAlg } from '#credentials/signing/public-key.ts'

export interface PresentationDemand {
  /** What the asker gave to be repeated; without it a recording could be played. */
  readonly challenge?: string
  readonly domain?: string
  readonly now: string
}

export type PresentationAnswer =
  | { readonly kind: 'held'; readonly presentation: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly because: string }

const headerMembers: ReadonlySet<string> = new Set(['alg', 'kid', 'typ', 'cty'])

/** Signed by the holder's own key (`did:key`, `did:jwk`; nothing is fetched), a presentation by its model, for this challenge. */
export async function verifyPresentationJwt(jwt: string, demand: PresentationDemand): Promise<PresentationAnswer> {
  const [head = '', body = '', signature = '', ...more] = jwt.split('.')
  const parts = [head, body, signature].map(readB64url)
  const header = parts[0] === undefined ? undefined : readObject(parts[0])
  const payload = parts[1] === undefined ? undefined : readObject(parts[1])
  if (more.length > 0 || parts[2] === undefined || header === undefined || payload === undefined) {
    return refused('no compact JWS of two JSON objects')
  }
  const { alg, kid, typ, cty } = header
  if (Object.keys(header).some((name) => !headerMembers.has(name)))
    return refused('a header member that is not allowed')
  if (typ !== 'vp+jwt' || (cty !== undefined && cty !== 'vp')) return refused('typ is not vp+jwt, or cty not vp')
  if (typeof alg !== 'string' || typeof kid !== 'string') return refused('no alg, or no kid')
  const jwk = keyOfMethod(kid)
  if (jwk === undefined || algOf(jwk) !== namedAlg(alg))
    return refused('no key is found under kid, or it is for another alg')
  const problem = modelProblem(payload) ?? partyProblem(payload, controllerOf(kid)) ?? demandProblem(payload, demand)
  if (problem !== undefined) return refused(problem)
  try {
    await compactVerify(jwt, await importJWK({ ...jwk }, alg), { algorithms: [alg] })
    return { kind: 'held', presentation: payload }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof DOMException || error instanceof TypeError) {
      return refused('the signature does not hold')
    }
    throw error
  }
}

function refused(because: string): PresentationAnswer {
  return { kind: 'refused', because }
}

function modelProblem(payload: Record<string, unknown>): string | undefined {
  const [first] = judgePresentation(payload)
  return first === undefined ? undefined : `${first.path}: ${first.because.en} (${first.clause})`
}

/** Whoever is named as holder or `iss` is who signed. */
function partyProblem({ holder, iss }: Record<string, unknown>, signer: string): string | undefined {
  const named = isObject(holder) ? holder['id'] : holder
  return [named, iss].every((party) => party === undefined || party === signer) ? undefined : 'signed by somebody else'
}

function demandProblem(
  payload: Record<string, unknown>,
  { challenge, domain, now }: PresentationDemand,
): string | undefined {
  if (challenge !== undefined && payload['nonce'] !== challenge) return 'nonce is not the challenge'
  if (domain !== undefined && !listOf(payload['aud']).includes(domain)) return 'aud is not the domain'
  const { exp } = payload
  return exp === undefined || (typeof exp === 'number' && Date.parse(now) < exp * 1000) ? undefined : 'exp has passed'
}
