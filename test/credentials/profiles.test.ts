/** Two profiles of one credential: each by its own standard, and neither ever read as the other. */
import { CompactSign } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issue } from '#credentials/signing/issue.ts'
import { type VerifyReport, verifyCredential } from '#credentials/verify.ts'
import { issuer } from './sample.ts'
import { caseId, openWorld, reach, statusList, token, type World } from './world.ts'

type Json = Record<string, unknown>

let world: World
let list: string
let badge: string
let credential: string
beforeAll(async () => {
  world = await openWorld()
  list = await statusList(world.key)
  const prepared = token('A', { formats: ['ob3-jwt', 'w3c-jose'] })
  const outcome = await issue(prepared, world.keys, { institution: 'norrsken', caseId })
  const documents = outcome.kind === 'issued' ? outcome.documents : []
  ;[badge = '', credential = ''] = documents.map(({ compact }) => compact)
})
afterAll(() => world.close())

const part = (text: string, index: number): Json =>
  JSON.parse(Buffer.from(text.split('.')[index] ?? '', 'base64url').toString())
const claims = ['iss', 'jti', 'nbf', 'sub', 'exp']

async function signed(payload: Json, header: Json): Promise<string> {
  const whole = { alg: 'ES256', kid: world.key.kid, ...header }
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader(whole)
    .sign(world.key.key)
}
const verify = (text: string): Promise<VerifyReport> => verifyCredential(text, reach(world.keys, list))
const outcomes = ({ checks }: VerifyReport) => Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]))

describe('signed in both', () => {
  test('w3c-jose says what it is and holds the credential alone (VC-JOSE-COSE §3.1.1)', () => {
    expect(part(credential, 0)).toEqual({ alg: 'ES256', kid: world.key.kid, typ: 'vc+jwt', cty: 'vc' })
    const payload = part(credential, 1)
    expect(Object.keys(payload).filter((name) => [...claims, 'vc', 'vp', 'proof'].includes(name))).toEqual([])
    expect(payload).toMatchObject({ issuer: { id: issuer.id }, type: ['VerifiableCredential', 'OpenBadgeCredential'] })
  })

  test('ob3-jwt says the same and repeats it in claims (Open Badges 3.0 §8.2.4)', () => {
    expect(part(badge, 0)).toEqual({ alg: 'ES256', kid: world.key.kid })
    const document = Object.fromEntries(Object.entries(part(badge, 1)).filter(([name]) => !claims.includes(name)))
    expect(document).toEqual(part(credential, 1))
  })

  test('each is verified, and the report says by which rules', async () => {
    expect(await verify(badge)).toMatchObject({ result: 'verified', profile: 'ob3-jwt' })
    expect(await verify(credential)).toMatchObject({ result: 'verified', profile: 'w3c-jose' })
  })

  test('the record made before signing names both, in their order', () => {
    const both = token('A', { formats: ['ob3-jwt', 'w3c-jose'] })
    const one = token('A')
    expect(both.documents.map(({ format }) => format)).toEqual(['ob3-jwt', 'w3c-jose'])
    expect(one.digest).toBe(one.documents[0]?.digest)
    expect(new Set([both.digest, one.digest, token('A', { formats: ['w3c-jose'] }).digest]).size).toBe(3)
  })
})

describe('confusion is refused', () => {
  test('a bare credential is no badge: Open Badges demands the claims', async () => {
    const bare = await signed(part(credential, 1), {})
    expect(outcomes(await verify(bare))).toMatchObject({ signature: 'passed', claims: 'failed' })
  })

  test.each<[string, Json, Json]>([
    ['a vc claim inside w3c-jose', { vc: { type: ['VerifiableCredential'] } }, { typ: 'vc+jwt', cty: 'vc' }],
    ['a vp claim inside w3c-jose', { vp: {} }, { typ: 'vc+jwt', cty: 'vc' }],
    ['a presentation’s type', {}, { typ: 'vp+jwt', cty: 'vp' }],
    ['a presentation as content', {}, { typ: 'vc+jwt', cty: 'vp' }],
    ['an SD-JWT’s type', {}, { typ: 'vc+sd-jwt' }],
    ['the content type of W3C on a badge', {}, { typ: 'JWT', cty: 'vc' }],
    ['the content type of W3C and no type', {}, { cty: 'vc' }],
    ['a nested JWT', {}, { typ: 'vc+jwt', cty: 'JWT' }],
    ['a type in other letters', {}, { typ: 'VC+JWT' }],
    ['a type that is an inherited word', {}, { typ: 'constructor' }],
  ])('%s', async (_, changes, header) => {
    const report = await verify(await signed({ ...part(credential, 1), ...changes }, header))
    expect(outcomes(report)).toEqual({ structure: 'failed' })
    expect(report.profile).toBeUndefined()
  })

  test.each<[string, Json]>([
    ['iss of another issuer', { iss: 'https://elsewhere.example' }],
    ['jti of another credential', { jti: 'urn:uuid:other' }],
    ['sub of another holder', { sub: 'urn:uuid:other' }],
    ['exp that outlives the document', { exp: 4_000_000_000 }],
    ['nbf before it begins', { nbf: 1 }],
  ])('%s in w3c-jose (VC-JOSE-COSE §3.1.3)', async (_, changes) => {
    const report = await verify(await signed({ ...part(credential, 1), ...changes }, { typ: 'vc+jwt', cty: 'vc' }))
    expect(outcomes(report)).toMatchObject({ signature: 'passed', claims: 'failed' })
    expect(report.result).toBe('refused')
  })
})

describe('w3c-jose may say less than a badge (VCDM 2.0)', () => {
  test.each<[string, Json]>([
    ['no id', { id: undefined }],
    ['one type as a word', { type: 'VerifiableCredential' }],
    ['several subjects', { credentialSubject: [{ id: 'urn:a' }, { id: 'urn:b' }] }],
  ])('%s', async (_, changes) => {
    const report = await verify(await signed({ ...part(credential, 1), ...changes }, { typ: 'vc+jwt', cty: 'vc' }))
    expect(report).toMatchObject({ result: 'verified', profile: 'w3c-jose' })
  })

  test('no beginning leaves open whether the key was valid then, never "verified"', async () => {
    const report = await verify(await signed({ ...part(credential, 1), validFrom: undefined }, { typ: 'vc+jwt' }))
    expect(outcomes(report)).toMatchObject({ signature: 'passed', 'key-window': 'could-not-check' })
    expect(report.result).toBe('could-not-verify')
  })
})
