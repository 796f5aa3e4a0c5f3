import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey, randomBytes, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getAccessToken } from '#dev/oidc-client.ts'
import { LOA_PREFIX, readPeople } from '#dev/people.ts'
import { API_AUDIENCE, BROWSER_CLIENT, type OidcServer, startOidc } from '#dev/servers/oidc.ts'

const people = [1, 2, 3, 4].map((level) => ({
  sub: `person-${level}`,
  name: `Person ${level}`,
  acr: `${LOA_PREFIX}${level}`,
}))
const redirect = 'http://127.0.0.1:9/login/callback'

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>

describe('the development login', () => {
  let oidc: OidcServer
  beforeAll(async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'test' }
    oidc = await startOidc({ port: 0, people, keys: [key], redirectUris: [redirect] })
  })
  afterAll(() => oidc.stop())

  test.each(people)('gives $sub a token for the API that says who, how and when', async ({ sub, acr }) => {
    const before = Math.floor(Date.now() / 1000)
    const token = await getAccessToken(oidc.issuer, sub)
    const claims = claimsOf(token)
    expect(claims).toMatchObject({ iss: oidc.issuer, aud: API_AUDIENCE, sub, acr })
    expect(claims['auth_time']).toBeGreaterThanOrEqual(before)
    const [header = '', payload = '', signature = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    const { keys } = (await (await fetch(`${oidc.issuer}/jwks`)).json()) as { keys: JsonWebKey[] }
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
    const signed = Buffer.from(`${header}.${payload}`)
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test('lets a person log in with less, but never with more than they have', async () => {
    const less = await getAccessToken(oidc.issuer, 'person-3', { acr: `${LOA_PREFIX}2` })
    expect(claimsOf(less)['acr']).toBe(`${LOA_PREFIX}2`)
    await expect(getAccessToken(oidc.issuer, 'person-2', { acr: `${LOA_PREFIX}3` })).rejects.toThrow('No token')
  })

  test('can say that the login was some time ago', async () => {
    const claims = claimsOf(await getAccessToken(oidc.issuer, 'person-1', { authAgeSeconds: 600 }))
    expect(Number(claims['iat']) - Number(claims['auth_time'])).toBeGreaterThanOrEqual(600)
  })

  test('knows nobody but the demo people', async () => {
    await expect(getAccessToken(oidc.issuer, 'stranger')).rejects.toThrow('No token')
  })

  test('logs a browser in by code and PKCE, with the same claims', async () => {
    const verifier = randomBytes(32).toString('base64url')
    const query = new URLSearchParams({
      client_id: BROWSER_CLIENT,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirect,
      resource: API_AUDIENCE,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const browser = new Browser()
    const page = await browser.go(`${oidc.issuer}/auth?${query.toString()}`)
    expect(await page.text()).toContain('Person 4 (LoA 4)')
    const end = await browser.go(page.url, new URLSearchParams({ sub: 'person-4' }))
    const code = new URL(end.headers.get('location') ?? '').searchParams.get('code') ?? ''
    const form = {
      grant_type: 'authorization_code',
      client_id: BROWSER_CLIENT,
      code,
      code_verifier: verifier,
      redirect_uri: redirect,
    }
    const answer = await fetch(`${oidc.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...form, resource: API_AUDIENCE }),
    })
    const { access_token } = (await answer.json()) as { access_token: string }
    expect(claimsOf(access_token)).toMatchObject({ sub: 'person-4', acr: `${LOA_PREFIX}4`, aud: API_AUDIENCE })
    expect(claimsOf(access_token)['auth_time']).toEqual(expect.any(Number))
  })
})

test('the list of demo people has somebody at each level', () => {
  expect(new Set(readPeople().map(({ acr }) => acr))).toEqual(new Set(people.map(({ acr }) => acr)))
})

/** Keeps cookies and follows redirects within the provider, as a browser does. */
class Browser {
  readonly #cookies = new Map<string, string>()

  async go(url: string, form?: URLSearchParams): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      this.#cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const next = response.headers.get('location')
    return next === null || next.startsWith(redirect) ? response : await this.go(new URL(next, url).href)
  }
}
