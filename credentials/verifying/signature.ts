/** Who signed, with a key that was theirs then? Without these four answers the rest of a credential is only text. */
import type { JWK } from 'jose'
import { lastUsed } from '#credentials/last-used.ts'
import { algOf, namedAlg, verifyingKey } from '#credentials/signing/public-key.ts'
import { isSignatureOver } from '#credentials/signing/signature.ts'
import type { CompactDocument } from '#credentials/verifying/compact.ts'
import {
  type Answer,
  type Check,
  couldNotCheck,
  type Found,
  failed,
  notBelieved,
  passed,
} from '#credentials/verifying/report.ts'

/** A key as its issuer publishes it; `nbf` and `exp` (seconds) are the window it may sign in. */
export interface IssuerJwk extends JWK {
  readonly kid?: string
  readonly nbf?: number
  readonly exp?: number
}

/** All keys an issuer publishes, old ones too. Must answer for this issuer only: it is what ties a key to an institution. */
export type ResolveKeys = (issuer: string, kid: string) => Promise<Found<readonly IssuerJwk[]>>

/** Sound algorithms we do not check; a document under one is not wrong, it is unchecked. */
const unsupported: ReadonlySet<string> = new Set([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES384',
  'ES512',
])

/** `algorithm`, `key`, `signature` and `key-window`, in this order; each stands on the one before. */
export function checkSignature(
  jwt: string,
  document: CompactDocument,
  resolveKeys: ResolveKeys,
): Promise<readonly Check[]> {
  return checkWith(holds, { jwt, document, resolveKeys })
}

/** The same for a status list, which stands behind many credentials: its bytes under the same key are checked once. */
export function checkListSignature(
  jwt: string,
  document: CompactDocument,
  resolveKeys: ResolveKeys,
): Promise<readonly Check[]> {
  return checkWith((...signed) => listHolds(JSON.stringify(signed)), { jwt, document, resolveKeys })
}

interface ToCheck {
  readonly jwt: string
  readonly document: CompactDocument
  readonly resolveKeys: ResolveKeys
}

async function checkWith(held: typeof holds, { jwt, document, resolveKeys }: ToCheck): Promise<readonly Check[]> {
  const algorithm = judgeAlgorithm(document.header.alg)
  const { answer: key, jwk } = await findKey(document, resolveKeys)
  const signature =
    algorithm.outcome === 'passed' && jwk !== undefined ? judgeSignature(await held(jwt, jwk)) : notBelieved
  const window = signature.outcome === 'passed' && jwk !== undefined ? judgeWindow(document, jwk) : notBelieved
  return [
    { id: 'algorithm', ...algorithm },
    { id: 'key', ...key },
    { id: 'signature', ...signature },
    { id: 'key-window', ...window },
  ]
}

/** An allow-list: `none` and every shared-secret algorithm are attacks (RFC 8725 §3.1). */
function judgeAlgorithm(alg: string): Answer {
  if (namedAlg(alg) !== undefined) return passed(`Algoritmen är ${alg}.`, `The algorithm is ${alg}.`)
  return unsupported.has(alg)
    ? couldNotCheck(`Algoritmen ${alg} stöds inte här.`, `The algorithm ${alg} is not supported here.`)
    : failed('Algoritmen är inte tillåten.', 'The algorithm is not allowed.')
}

async function findKey(
  { header, issuer }: CompactDocument,
  resolveKeys: ResolveKeys,
): Promise<{ answer: Answer; jwk?: IssuerJwk }> {
  const found = await resolveKeys(issuer, header.kid)
  if (found.kind === 'unreachable') {
    return {
      answer: couldNotCheck('Utfärdarens nycklar gick inte att hämta.', 'The issuer’s keys could not be fetched.'),
    }
  }
  const jwk = found.kind === 'found' ? found.value.find((one) => one.kid === header.kid) : undefined
  if (jwk === undefined) {
    return { answer: failed('Utfärdaren har ingen sådan nyckel.', 'The issuer publishes no such key.') }
  }
  const alg = algOf(jwk)
  if (alg === undefined) {
    return { answer: failed('Nyckeln är inte för underskrifter.', 'The key is not for signing.') }
  }
  // The key says what it is for; a header that says otherwise is an attempt (RFC 8725 §3.1).
  if (namedAlg(header.alg) !== undefined && namedAlg(header.alg) !== alg) {
    return { answer: failed(`Nyckeln är för ${alg}.`, `The key is for ${alg}.`) }
  }
  return { answer: passed('Nyckeln är utfärdarens.', 'The key is the issuer’s.'), jwk }
}

function judgeSignature(held: boolean): Answer {
  return held
    ? passed('Underskriften stämmer.', 'The signature holds.')
    : failed('Underskriften stämmer inte.', 'The signature does not hold.')
}

const listHolds = lastUsed(16, (name) => holds(...(JSON.parse(name) as Parameters<typeof holds>)))

/** The text is a compact JWS that `readCompact` has read, and the key's own algorithm is the one its header names (`findKey`). */
async function holds(jwt: string, jwk: IssuerJwk): Promise<boolean> {
  const alg = algOf(jwk)
  const key = alg === undefined ? undefined : await verifyingKey(jwk, alg)
  if (alg === undefined || key === undefined) return false
  const end = jwt.lastIndexOf('.')
  return isSignatureOver(jwt.slice(0, end), jwt.slice(end + 1), { alg, key })
}

/** Judged at issuance: a key that has ended since does not undo what it signed in its time (audit-log §15). */
function judgeWindow({ from }: CompactDocument, { nbf, exp }: IssuerJwk): Answer {
  if (nbf === undefined) {
    return couldNotCheck('Nyckeln har ingen känd giltighetstid.', 'The key has no known window of validity.')
  }
  if (from === undefined) {
    return couldNotCheck('Beviset säger inte när det utfärdades.', 'The credential does not say when it was issued.')
  }
  const issued = Math.floor(from / 1000)
  return nbf <= issued && (exp === undefined || issued < exp)
    ? passed('Nyckeln gällde vid utfärdandet.', 'The key was valid at issuance.')
    : failed('Nyckeln gällde inte vid utfärdandet.', 'The key was not valid at issuance.')
}
