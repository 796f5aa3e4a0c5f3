/** An issuer on loopback: real keys, real signatures, real HTTP; it can rotate, fall silent and lie about itself. */
import { createServer } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'

export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly publicJwk: object
  readonly privateKey: CryptoKey
}

export interface TestIssuer {
  readonly issuer: string
  readonly key: SigningKey
  /** How often the keys were fetched. */
  fetches(): number
  publish(...keys: SigningKey[]): void
  /** Answers everything with this status from now on; 200 is normal. */
  answerWith(status: number): void
  claimToBe(issuer: string): void
  close(): Promise<void>
}

export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, privateKey }
}

export async function startIssuer(): Promise<TestIssuer> {
  const key = await signingKey('first')
  let published: readonly SigningKey[] = [key]
  let status = 200
  let fetches = 0
  let name = ''
  const server = createServer((request, response) => {
    const discovery = request.url === '/.well-known/openid-configuration'
    if (!discovery) fetches += 1
    const body = discovery
      ? { issuer: name, jwks_uri: `${origin()}/jwks` }
      : { keys: published.map(({ publicJwk }) => publicJwk) }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const origin = () => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  name = origin()
  return {
    issuer: origin(),
    key,
    fetches: () => fetches,
    publish: (...keys) => void (published = keys),
    answerWith: (other) => void (status = other),
    claimToBe: (other) => void (name = other),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

/** A good token of `issuer`, changed as the test wants. */
export async function token(
  issuer: TestIssuer,
  changes: { claims?: Record<string, unknown>; header?: object; key?: SigningKey } = {},
) {
  const now = Math.floor(Date.now() / 1_000)
  const key = changes.key ?? issuer.key
  const claims = {
    iss: issuer.issuer,
    aud: 'urn:bevis:api',
    sub: 'officer-1',
    client_id: 'console',
    jti: 't-1',
    iat: now,
    exp: now + 300,
    acr: 'loa3',
    auth_time: now - 10,
    ...changes.claims,
  }
  const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
  return await new SignJWT(present)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...changes.header })
    .sign(key.privateKey)
}
