/** The VC-API adapter over real HTTP: what it signs it verifies, in every profile and under every kind of key, and nothing bent. */
import { CompactSign, compactVerify, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startVcApi } from '#api/vc-api/serve.ts'
import type { HttpServer } from '#connectors/platform/listen.ts'
import { buildOpenBadge } from '#credentials/formats/open-badge.ts'
import { keyOfMethod } from '#credentials/integrity/did.ts'
import { signingAlgs } from '#credentials/signing/public-key.ts'
import { type Throwaway, throwawayKey } from '#credentials/signing/throwaway.ts'
import { credentialFormats } from '#domain/words.ts'
import { request } from '../credentials/sample.ts'

type Json = Record<string, unknown>

const base = 'https://www.w3.org/ns/credentials/v2'
const now = () => new Date('2026-06-01T00:00:00Z')
const badge = buildOpenBadge(request('A')) as unknown as Json
const credential = (issuer: string, changes: Json = {}): Json => ({
  '@context': [base],
  type: ['VerifiableCredential'],
  issuer,
  validFrom: '2026-01-01T00:00:00Z',
  credentialSubject: { id: 'did:example:subject' },
  ...changes,
})
const part = (text: string, index: number): Json =>
  JSON.parse(Buffer.from(text.split('.')[index] ?? '', 'base64url').toString())
const compactIn = ({ id }: Json) => String(id).slice(String(id).indexOf(',') + 1)

let own: Throwaway
let server: HttpServer
beforeAll(async () => {
  own = await throwawayKey('ES256')
  server = await startVcApi({ own, format: 'w3c-jose', now }, { port: 0 })
})
afterAll(() => server.close())

async function post(path: string, body: unknown, at = server): Promise<{ status: number; type: string; body: Json }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${at.url}${path}`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json' },
  })
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (await response.json()) as Json,
  }
}
const issue = async (changes: Json = {}) =>
  (await post('/credentials/issue', { credential: credential(own.issuer, changes) })).body
const verify = (verifiableCredential: unknown) => post('/credentials/verify', { verifiableCredential })

/** A presentation signed by this key. */
async function presented(payload: Json, by: Throwaway, header: Json = {}): Promise<Json> {
  const protectedHeader = { alg: by.key.alg, kid: by.key.kid, typ: 'vp+jwt', cty: 'vp', ...header }
  const whole = { '@context': [base], type: ['VerifiablePresentation'], ...payload }
  const jwt = await new CompactSign(new TextEncoder().encode(JSON.stringify(whole)))
    .setProtectedHeader(protectedHeader)
    .sign(by.key.key)
  return { '@context': base, type: 'EnvelopedVerifiablePresentation', id: `data:application/vp+jwt,${jwt}` }
}

test('it tells the issuer it signs for, and listens on this machine only', async () => {
  expect(await (await fetch(`${server.url}/issuer`)).json()).toEqual({ id: own.issuer })
  expect(new URL(server.url).hostname).toBe('127.0.0.1')
})

describe('issuing', () => {
  test('answers an envelope around a JWT that its own key verifies (VCDM 2.0 §4.13.1)', async () => {
    const { status, body } = await post('/credentials/issue', { credential: credential(own.issuer) })
    expect([status, body['type'], body['@context']]).toEqual([201, 'EnvelopedVerifiableCredential', [base]])
    expect(String(body['id'])).toMatch(/^data:application\/vc\+jwt,/)
    const compact = compactIn(body)
    expect(part(compact, 0)).toEqual({ alg: 'ES256', kid: own.key.kid, typ: 'vc+jwt', cty: 'vc' })
    expect(part(compact, 1)).toEqual(credential(own.issuer))
    await expect(
      compactVerify(compact, await importJWK(keyOfMethod(own.key.kid) as JWK, 'ES256')),
    ).resolves.toBeDefined()
  })

  test('signs in its own name, whatever issuer it is handed', async () => {
    const [word, object] = await Promise.all(
      ['https://a.example', { id: 'https://a.example', name: 'A' }].map((issuer) => issue({ issuer })),
    )
    expect(part(compactIn(word ?? {}), 1)['issuer']).toBe(own.issuer)
    expect(part(compactIn(object ?? {}), 1)['issuer']).toEqual({ id: own.issuer, name: 'A' })
  })

  test('refuses with every error at once, as a problem', async () => {
    const wrong = credential('nobody', { type: [], validFrom: 'today' })
    const { status, type, body } = await post('/credentials/issue', { credential: wrong })
    expect([status, type]).toEqual([400, 'application/problem+json'])
    expect(body['errors']).toHaveLength(3)
  })

  test('refuses a word nobody defined, and a badge that lacks what Open Badges demands', async () => {
    const strange = credential(own.issuer, { credentialSubject: { id: 'urn:a', shoeSize: 44 } })
    expect((await post('/credentials/issue', { credential: strange })).status).toBe(400)
    const { status, body } = await post('/credentials/issue', { credential: { ...badge, name: undefined } })
    expect([status, String(body['detail'])]).toEqual([400, expect.stringContaining('Open Badges 3.0')])
  })
})

describe.each(signingAlgs)('under %s', (alg) => {
  test.each(credentialFormats)('a badge issued as %s is verified', async (format) => {
    const key = await throwawayKey(alg)
    const other = await startVcApi({ own: key, format, now }, { port: 0 })
    const { status, body } = await post('/credentials/issue', { credential: badge }, other)
    expect(status).toBe(201)
    expect(part(compactIn(body), 0)['alg']).toBe(alg)
    const answer = await post('/credentials/verify', { verifiableCredential: body }, other)
    expect(answer).toMatchObject({ status: 200, body: { verified: true, errors: [] } })
    if (format === 'ob3-jwt') {
      const plain = await post('/credentials/issue', { credential: credential(key.issuer) }, other)
      expect(plain).toMatchObject({ status: 400, body: { verified: false } })
    }
    await other.close()
  })
})

describe('verifying', () => {
  test('says which checks could not be made', async () => {
    const { status, body } = await verify(await issue())
    expect([status, body['verified']]).toEqual([200, true])
    expect(body['warnings']).toEqual([expect.stringMatching(/^status-list: /), expect.stringMatching(/^status: /)])
  })

  test.each<[string, (sound: Json) => Json]>([
    ['without context', (sound) => ({ ...sound, '@context': [] })],
    ['in another context', (sound) => ({ ...sound, '@context': 'https://www.w3.org/ns/credentials/examples/v2' })],
    ['without type', (sound) => ({ ...sound, type: undefined })],
    ['of another type', (sound) => ({ ...sound, type: 'VerifiableCredential' })],
    ['whose id is no data URL', (sound) => ({ ...sound, id: compactIn(sound) })],
    ['of another media type', (sound) => ({ ...sound, id: `data:application/vp+jwt,${compactIn(sound)}` })],
    ['around other bytes', (sound) => ({ ...sound, id: `${String(sound['id']).slice(0, -4)}AAAA` })],
  ])('refuses an envelope %s', async (_, bend) => {
    expect(await verify(bend(await issue()))).toMatchObject({ status: 400, body: { verified: false } })
  })

  test('refuses a key of somebody else under the issuer’s name, and an issuer nobody can ask', async () => {
    const thief = await throwawayKey('ES256')
    const signed = async (payload: Json, kid: string) => {
      const jwt = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'vc+jwt', cty: 'vc' })
        .sign(thief.key.key)
      return { '@context': base, type: 'EnvelopedVerifiableCredential', id: `data:application/vc+jwt,${jwt}` }
    }
    for (const forged of [
      await signed(credential(own.issuer), own.key.kid),
      await signed(credential(own.issuer), thief.key.kid),
      await signed(credential('https://a.example'), 'https://a.example/keys/1'),
    ]) {
      expect((await verify(forged)).status).toBe(400)
    }
  })

  const signed = async (payload: Json): Promise<Json> => {
    const jwt = await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'ES256', kid: own.key.kid, typ: 'vc+jwt', cty: 'vc' })
      .sign(own.key.key)
    return { '@context': base, type: 'EnvelopedVerifiableCredential', id: `data:application/vc+jwt,${jwt}` }
  }

  test('takes the registered claims of a JWT beside the credential’s own members (VC-JOSE-COSE §3.1.3), if they say the same', async () => {
    const claims = { iss: own.issuer, iat: 1_767_225_600, aud: 'https://verifier.example', jti: 'urn:credential:1' }
    const payload = credential(own.issuer, { id: claims.jti, ...claims })
    expect((await verify(await signed(payload))).status).toBe(200)
    const { status, body } = await verify(await signed({ ...payload, jti: 'urn:credential:2' }))
    expect([status, String(body['detail'])]).toEqual([400, expect.stringContaining('jti')])
  })

  test('refuses a sound signature over what is no credential', async () => {
    const { status, body } = await verify(await signed(credential(own.issuer, { relatedResource: [{ id: 'urn:a' }] })))
    expect([status, String(body['detail'])]).toEqual([400, expect.stringContaining('§5.3')])
  })

  test('refuses what is not secured at all', async () => {
    expect(await verify(credential(own.issuer))).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('no proof') },
    })
  })
})

describe('presentations as JWT (VC-JOSE-COSE §3.1.2)', () => {
  const demand = { challenge: 'u7', domain: 'a.example' }
  const check = (verifiablePresentation: Json, options: Json = demand) =>
    post('/presentations/verify', { verifiablePresentation, options })

  test('are verified with the credentials inside, for this asker now', async () => {
    const holder = await throwawayKey('EdDSA')
    const payload = { holder: holder.issuer, nonce: 'u7', aud: 'a.example', verifiableCredential: [await issue()] }
    expect(await check(await presented(payload, holder))).toMatchObject({ status: 200, body: { verified: true } })
  })

  test.each<[string, Json, Json]>([
    ['for another challenge', { nonce: 'u8' }, {}],
    ['for another domain', { aud: 'b.example' }, {}],
    ['that has ended', { exp: 1_700_000_000 }, {}],
    ['of another holder', { holder: 'did:example:other' }, {}],
    ['of another issuer', { iss: 'did:example:other' }, {}],
    ['with a vp claim', { vp: {} }, {}],
    ['with a credential as text', { verifiableCredential: ['a.b.c'] }, {}],
    ['with a credential nobody secured', { verifiableCredential: [credential('did:example:i')] }, {}],
    ['typed as a credential', {}, { typ: 'vc+jwt', cty: 'vc' }],
    ['typed as any JWT', {}, { typ: 'JWT' }],
    ['with a key of its own in the header', {}, { jwk: {} }],
    ['under a key on the web', {}, { kid: 'https://a.example/keys/1' }],
  ])('%s are refused', async (_, changes, header) => {
    const holder = await throwawayKey('ES256')
    const envelope = await presented(
      { holder: holder.issuer, nonce: 'u7', aud: 'a.example', ...changes },
      holder,
      header,
    )
    expect(await check(envelope)).toMatchObject({ status: 400, body: { verified: false } })
  })
})

describe('a request', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no object', []],
    ['no credential', { options: {} }],
    ['a credential as text', { credential: 'x' }],
    ['brackets without end', `{"credential":${'['.repeat(60)}${']'.repeat(60)}}`],
  ])('with %s is refused as such', async (_, body) => {
    expect(await post('/credentials/issue', body)).toMatchObject({ status: 400, type: 'application/problem+json' })
  })

  test('larger than a mebibyte is not read, and another path is not there', async () => {
    expect((await post('/credentials/issue', 'x'.repeat(1024 * 1024 + 1))).status).toBe(413)
    expect((await post('/credentials/derive', {})).status).toBe(404)
  })
})
