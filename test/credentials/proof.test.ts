/** Keys that are addresses, and the one embedded proof we verify: the W3C's own vector, and every way of bending it. */
import { describe, expect, test } from 'vitest'
import { controllerOf, didOf, keyOfMethod } from '#credentials/integrity/did.ts'
import { type ProofDemand, proofProblem } from '#credentials/integrity/proof.ts'
import { throwawayKey } from '#credentials/signing/throwaway.ts'

type Json = Record<string, unknown>

const did = 'did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2'
const method = `${did}#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2`

/** vc-di-eddsa, appendix B.1: "signed credential" of `eddsa-rdfc-2022`. */
const proof: Json = {
  type: 'DataIntegrityProof',
  cryptosuite: 'eddsa-rdfc-2022',
  created: '2023-02-24T23:36:38Z',
  verificationMethod: method,
  proofPurpose: 'assertionMethod',
  proofValue: 'z2YwC8z3ap7yx1nZYCg4L3j3ApHsF8kgPdSb5xoS1VR7vPG3F561B52hYnQF9iseabecm3ijx4K1FBTQsCZahKZme',
}
const vector: Json = {
  '@context': ['https://www.w3.org/ns/credentials/v2', 'https://www.w3.org/ns/credentials/examples/v2'],
  id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33',
  type: ['VerifiableCredential', 'AlumniCredential'],
  name: 'Alumni Credential',
  description: 'A minimum viable example of an Alumni Credential.',
  issuer: 'https://vc.example/issuers/5678',
  validFrom: '2023-01-01T00:00:00Z',
  credentialSubject: { id: 'did:example:abcdefgh', alumniOf: 'The School of Examples' },
  proof,
}
const now = '2026-03-02T10:00:00Z'
const demand: ProofDemand = { purpose: 'assertionMethod', now }

describe('the vector of vc-di-eddsa', () => {
  test('holds, whatever the order of its members', async () => {
    expect(await proofProblem(vector, demand)).toBeUndefined()
    expect(await proofProblem(Object.fromEntries(Object.entries(vector).toReversed()), demand)).toBeUndefined()
  })

  test.each<[string, Json]>([
    ['another name', { name: 'Alumni credential' }],
    ['another subject', { credentialSubject: { id: 'did:example:other', alumniOf: 'The School of Examples' } }],
    ['a member more', { validUntil: '2030-01-01T00:00:00Z' }],
    ['a member without meaning', { '@context': ['https://www.w3.org/ns/credentials/v2'] }],
    ['no proof', { proof: undefined }],
    ['a second proof that does not hold', { proof: [proof, { ...proof, created: '2023-02-24T23:36:39Z' }] }],
    ['another kind of proof', { proof: { ...proof, cryptosuite: 'ecdsa-rdfc-2019' } }],
    ['another purpose', { proof: { ...proof, proofPurpose: 'authentication' } }],
    ['another moment of signing', { proof: { ...proof, created: '2023-02-24T23:36:39Z' } }],
    ['a proof that has ended', { proof: { ...proof, expires: '2024-01-01T00:00:00Z' } }],
    ['a key of another address', { proof: { ...proof, verificationMethod: `${did}#other` } }],
    ['a key on the web', { proof: { ...proof, verificationMethod: 'https://a.example/keys/1' } }],
    ['a signature cut short', { proof: { ...proof, proofValue: 'z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh' } }],
    [
      'a signature with a letter base58 has not',
      { proof: { ...proof, proofValue: `z0${String(proof['proofValue']).slice(2)}` } },
    ],
  ])('with %s does not', async (_, changes) => {
    expect(await proofProblem({ ...vector, ...changes }, demand)).toEqual(expect.any(String))
  })

  test('does not for a party, a challenge or a domain it does not name', async () => {
    expect(await proofProblem(vector, { ...demand, controller: did })).toBeUndefined()
    for (const more of [
      { controller: 'https://vc.example/issuers/5678' },
      { challenge: 'x' },
      { domain: 'a.example' },
    ]) {
      expect(await proofProblem(vector, { ...demand, ...more })).toEqual(expect.any(String))
    }
  })
})

describe('a DID that is a key', () => {
  test('gives the key, under its own fragment only', async () => {
    expect(keyOfMethod(method)).toMatchObject({ kty: 'OKP', crv: 'Ed25519' })
    expect(controllerOf(method)).toBe(did)
    for (const alg of ['ES256', 'EdDSA'] as const) {
      const { issuer, key } = await throwawayKey(alg)
      const jwk = keyOfMethod(key.kid)
      expect(jwk).toMatchObject({ kty: alg === 'ES256' ? 'EC' : 'OKP' })
      expect(jwk === undefined ? '' : didOf(jwk)).toBe(issuer)
      expect(keyOfMethod(`${issuer}#1`)).toBeUndefined()
    }
  })

  test.each([
    ['a private half', { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', d: 'AAAA' }],
    ['a key of small order', { kty: 'OKP', crv: 'Ed25519', x: Buffer.alloc(32).toString('base64url') }],
    ['a key for encryption', { kty: 'OKP', crv: 'X25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    ['a shared secret', { kty: 'oct', k: 'AAAA' }],
  ])('with %s gives none', (_, jwk) => {
    expect(keyOfMethod(`did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}#0`)).toBeUndefined()
  })

  test.each([
    'did:web:a.example#k',
    'https://a.example/k',
    'did:key:zzzz#zzzz',
    `did:jwk:${'A'.repeat(2000)}#0`,
    '',
    '#',
    `${method}#x`,
  ])('is not %s', (other) => {
    expect(keyOfMethod(other)).toBeUndefined()
  })
})
