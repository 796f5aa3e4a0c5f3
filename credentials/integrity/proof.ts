/** Data Integrity proofs of suite `eddsa-rdfc-2022` (vc-di-eddsa §3.2), verified only: we sign under JOSE, but holders' wallets present under this. */
import { hash } from 'node:crypto'
import { importJWK } from 'jose'
import { isObject } from '#credentials/bytes.ts'
import { readBase58 } from '#credentials/integrity/base58.ts'
import { controllerOf, keyOfMethod } from '#credentials/integrity/did.ts'
import { canonical } from '#credentials/model/linked-data.ts'
import { listOf, momentOf } from '#credentials/model/values.ts'

export interface ProofDemand {
  readonly purpose: 'assertionMethod' | 'authentication'
  /** Whose key it must be; without it any will do. */
  readonly controller?: string
  readonly challenge?: string
  readonly domain?: string
  readonly now: string
}

type Document = Readonly<Record<string, unknown>>

/** Why the document's proofs do not hold; undefined when there is at least one and all hold. */
export async function proofProblem(document: Document, demand: ProofDemand): Promise<string | undefined> {
  const { proof, ...unsecured } = document
  const proofs = listOf(proof)
  if (proofs.length === 0 || proofs.length > 10) return 'no proof, or more than ten'
  for (const one of proofs) {
    const problem = isObject(one)
      ? (shapeProblem(one, demand) ?? (await signatureProblem(unsecured, one)))
      : 'no object'
    if (problem !== undefined) return `proof: ${problem}`
  }
  return undefined
}

function shapeProblem(proof: Document, demand: ProofDemand): string | undefined {
  const { type, cryptosuite, verificationMethod: method, proofPurpose, created, expires, challenge, domain } = proof
  if (type !== 'DataIntegrityProof' || cryptosuite !== 'eddsa-rdfc-2022') return 'not eddsa-rdfc-2022'
  if (typeof method !== 'string') return 'no verificationMethod'
  if (proofPurpose !== demand.purpose) return `not for ${demand.purpose}`
  if (created !== undefined && momentOf(created) === undefined) return 'created is no moment'
  if (expires !== undefined && !((momentOf(expires) ?? 0) > Date.parse(demand.now))) return 'expired'
  if (demand.challenge !== undefined && challenge !== demand.challenge) return 'another challenge'
  if (demand.domain !== undefined && !listOf(domain).includes(demand.domain)) return 'another domain'
  if (demand.controller !== undefined && controllerOf(method) !== demand.controller) return 'not the named party’s key'
  return undefined
}

async function signatureProblem(unsecured: Document, proof: Document): Promise<string | undefined> {
  const { proofValue, ...settings } = proof
  const signature = typeof proofValue === 'string' ? readBase58(proofValue) : undefined
  if (signature?.length !== 64) return 'proofValue is no signature'
  const jwk = keyOfMethod(String(proof['verificationMethod']))
  if (jwk?.kty !== 'OKP') return 'its key cannot be found, or is no Ed25519 key'
  try {
    const key = await importJWK({ ...jwk }, 'EdDSA')
    if (key instanceof Uint8Array) return 'its key is no public key'
    const signed = await hashData(unsecured, settings)
    return (await crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), signed)) ? undefined : 'does not hold'
  } catch {
    // Neither a document without meaning nor a point off its curve was ever signed.
    return 'does not hold'
  }
}

/** Both halves hashed, settings first (§3.3.4); the settings are read in the document's own contexts. */
async function hashData(unsecured: Document, settings: Document): Promise<Uint8Array<ArrayBuffer>> {
  const [options, content] = await Promise.all([
    canonical({ ...settings, '@context': unsecured['@context'] }),
    canonical(unsecured),
  ])
  return new Uint8Array([...hash('sha256', options, 'buffer'), ...hash('sha256', content, 'buffer')])
}
