import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { accessTokens, type TokenVerifier } from '#connectors/identity/access-token.ts'
import { signingKey, startIssuer, type TestIssuer, token } from './issuer.ts'

const audience = 'urn:bevis:api'
const seconds = () => Math.floor(Date.now() / 1_000)
const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('an access token', () => {
  let issuer: TestIssuer
  let verifier: TokenVerifier
  beforeAll(async () => {
    issuer = await startIssuer()
    verifier = accessTokens({ issuer: issuer.issuer, audience })
  })
  afterAll(() => issuer.close())

  const verify = async (jwt: string, limits = {}) => await verifier.verify(`Bearer ${jwt}`, limits)

  test('of our issuer tells who, how well known and since when, and nothing about roles', async () => {
    const auth_time = seconds() - 60
    const answer = await verify(await token(issuer, { claims: { auth_time, roles: ['approver'] } }))
    expect(answer).toEqual({
      kind: 'token',
      token: {
        sub: 'officer-1',
        acr: 'loa3',
        authTime: new Date(auth_time * 1_000).toISOString(),
        jti: 't-1',
        clientId: 'console',
      },
    })
  })

  test.each([undefined, '', 'Basic YTpi', 'Bearer', 'Bearer '])('is missing in %j', async (header) => {
    expect(await verifier.verify(header)).toMatchObject({ kind: 'missing' })
  })

  test.each(['x', 'a.b', 'a.b.c.d', 'a.b.', 'a.b.c=', 'å.b.c', `a.b.${'c'.repeat(9_000)}`])(
    'is malformed: %.12s',
    async (jwt) => {
      expect(await verify(jwt)).toMatchObject({ kind: 'malformed' })
    },
  )

  test.each([
    ['for another audience', { aud: 'urn:other' }],
    ['of another issuer', { iss: 'https://login.example' }],
    ['that has expired', { exp: seconds() - 60 }],
    ['that never expires', { exp: undefined }],
    ['without a subject', { sub: undefined }],
    ['without an assurance', { acr: undefined }],
    ['without a login time', { auth_time: undefined }],
    ['with a login in the future', { auth_time: seconds() + 600 }],
    ['with a login time that is no number', { auth_time: 'yesterday' }],
  ])('%s is invalid', async (_what, claims) => {
    expect(await verify(await token(issuer, { claims }))).toMatchObject({ kind: 'invalid' })
  })

  test.each(['JWT', 'logout+jwt', undefined])('of type %s is invalid: an ID token opens no door', async (typ) => {
    expect(await verify(await token(issuer, { header: { typ } }))).toMatchObject({ kind: 'invalid' })
  })

  test('signed by a key of its own choice is invalid, whatever its header brings', async () => {
    const key = await signingKey('first')
    for (const header of [{}, { jwk: key.publicJwk }, { jku: 'http://127.0.0.1:1/jwks' }])
      expect(await verify(await token(issuer, { key, header }))).toMatchObject({ kind: 'invalid' })
  })

  test('without a signature is invalid', async () => {
    const [, claims] = (await token(issuer)).split('.')
    expect(await verify(`${json({ alg: 'none', typ: 'at+jwt' })}.${claims}.AA`)).toMatchObject({ kind: 'invalid' })
  })

  test('signed with the public key as a shared secret is invalid', async () => {
    const [, claims] = (await token(issuer)).split('.')
    const signed = `${json({ alg: 'HS256', typ: 'at+jwt', kid: 'first' })}.${claims}`
    const secret = JSON.stringify(issuer.key.publicJwk)
    const signature = createHmac('sha256', secret).update(signed).digest('base64url')
    expect(await verify(`${signed}.${signature}`)).toMatchObject({ kind: 'invalid' })
  })

  test('changed after signing is invalid', async () => {
    const [header, claims, signature] = (await token(issuer)).split('.')
    const changed = { ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()), sub: 'officer-2' }
    expect(await verify([header, json(changed), signature].join('.'))).toMatchObject({ kind: 'invalid' })
  })

  test('is stale for an act that wants a fresh login, and good for others', async () => {
    const jwt = await token(issuer, { claims: { auth_time: seconds() - 400 } })
    expect(await verify(jwt, { maxAgeSeconds: 300 })).toMatchObject({ kind: 'stale' })
    expect(await verify(jwt)).toMatchObject({ kind: 'token' })
  })

  test.each(['RS256', 'EdDSA'])('may be signed with %s', async (alg) => {
    const other = await startIssuer()
    const key = await signingKey('k', alg)
    other.publish(key)
    const answer = await accessTokens({ issuer: other.issuer, audience }).verify(
      `Bearer ${await token(other, { key })}`,
    )
    expect(answer).toMatchObject({ kind: 'token' })
    await other.close()
  })
})

describe('the keys of the issuer', () => {
  test('are fetched once for many tokens', async () => {
    const issuer = await startIssuer()
    const verifier = accessTokens({ issuer: issuer.issuer, audience })
    for (let i = 0; i < 3; i++)
      expect(await verifier.verify(`Bearer ${await token(issuer)}`)).toMatchObject({ kind: 'token' })
    expect(issuer.fetches()).toBe(1)
    await issuer.close()
  })

  test('are fetched again when the issuer rotates them', async () => {
    const issuer = await startIssuer()
    const verifier = accessTokens({ issuer: issuer.issuer, audience })
    await verifier.verify(`Bearer ${await token(issuer)}`)
    const key = await signingKey('second', 'EdDSA')
    issuer.publish(key)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 })
    expect(await verifier.verify(`Bearer ${await token(issuer, { key })}`)).toMatchObject({ kind: 'token' })
    expect(issuer.fetches()).toBe(2)
    vi.useRealTimers()
    await issuer.close()
  })

  test('that cannot be had leave the token unjudged', async () => {
    const issuer = await startIssuer()
    const jwt = await token(issuer)
    issuer.answerWith(503)
    const verifier = accessTokens({ issuer: issuer.issuer, audience })
    expect(await verifier.verify(`Bearer ${jwt}`)).toMatchObject({ kind: 'unreachable' })
    await issuer.close()
    expect(await accessTokens({ issuer: issuer.issuer, audience }).verify(`Bearer ${jwt}`)).toMatchObject({
      kind: 'unreachable',
    })
  })

  test('are not taken from a discovery document that speaks for somebody else', async () => {
    const issuer = await startIssuer()
    const jwt = await token(issuer)
    issuer.claimToBe('https://login.example')
    const answer = await accessTokens({ issuer: issuer.issuer, audience }).verify(`Bearer ${jwt}`)
    expect(answer).toMatchObject({ kind: 'unreachable', because: expect.stringContaining('another issuer') })
    await issuer.close()
  })
})
