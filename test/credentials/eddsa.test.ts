/** EdDSA beside ES256: the published vectors, a library of other hands, and every key or header that only looks right. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { CompactSign, compactVerify, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openKeyStore } from '#credentials/signing/keys.ts'
import { algOf, publicJwk } from '#credentials/signing/public-key.ts'
import { verifyCredential } from '#credentials/verify.ts'
import type { IssuerJwk } from '#credentials/verifying/signature.ts'
import { issuer } from './sample.ts'
import { issued, keyAt, now, openWorld, reach, statusList, type World } from './world.ts'

let world: World
let jwt: string
let list: string
beforeAll(async () => {
  world = await openWorld()
  await world.keys.rotate('norrsken', '2026-02-01T00:00:00.000Z', 'EdDSA')
  jwt = (await issued(world.keys, 'A')).compact
  list = await statusList(await keyAt(world.keys, now))
})
afterAll(() => world.close())

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
const head = (text: string) => JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString())
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function ownKey(): Promise<IssuerJwk> {
  const key = (await world.keys.jwks('norrsken')).keys.find(({ kid }) => kid === head(jwt).kid)
  if (key === undefined) throw new Error('no key')
  return key
}

/** Verifies with these keys in the issuer's key set instead of its own. */
async function outcomes(text: string, keys: readonly IssuerJwk[]): Promise<Record<string, string>> {
  const resolveKeys = async () => ({ kind: 'found' as const, value: keys })
  const report = await verifyCredential(text, reach(world.keys, list, { resolveKeys }))
  return Object.fromEntries(report.checks.map((check) => [check.id, check.outcome]))
}

describe('the vector of RFC 8037 appendix A', () => {
  const secret: JWK = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  }
  const compact =
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

  test('is signed to the same bytes and verifies', async () => {
    const signed = await new CompactSign(new TextEncoder().encode('Example of Ed25519 signing'))
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(await importJWK(secret, 'EdDSA'))
    expect(signed).toBe(compact)
    const open = publicJwk(secret)
    expect(open).toEqual({ kty: 'OKP', crv: 'Ed25519', x: secret.x })
    await expect(compactVerify(compact, await importJWK(open as JWK, 'EdDSA'))).resolves.toBeDefined()
  })
})

/** Public key, message and signature in hex; §7.1, tests 1 to 3. */
const rfc8032 = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const

test.each(rfc8032)(
  'the key %s of RFC 8032 §7.1 may sign, and its signature verifies',
  async (point, message, signature) => {
    const [x, signed] = [point, signature].map((hex) => Buffer.from(hex, 'hex').toString('base64url'))
    const jwk: JWK = { kty: 'OKP', crv: 'Ed25519', x: x ?? '' }
    expect(algOf(jwk)).toBe('EdDSA')
    const key = await importJWK(jwk, 'EdDSA')
    if (key instanceof Uint8Array) throw new Error('no key')
    const holds = (text: string) =>
      crypto.subtle.verify('Ed25519', key, bytes(signed ?? ''), new Uint8Array(Buffer.from(text, 'hex')))
    expect([await holds(message), await holds(`${message}00`)]).toEqual([true, false])
  },
)

describe('a credential under EdDSA', () => {
  test('is signed by the rotated key, verified with every check passed, and so is its status list', async () => {
    expect(head(jwt)).toEqual({ alg: 'EdDSA', kid: (await keyAt(world.keys, now)).kid })
    expect(head(list)['alg']).toBe('EdDSA')
    const report = await verifyCredential(jwt, reach(world.keys, list))
    expect(report.result).toBe('verified')
    expect(new Set(report.checks.map(({ outcome }) => outcome))).toEqual(new Set(['passed']))
  })

  test('verifies with a library of other hands, over exactly these bytes', async () => {
    const [header = '', body = '', signature = ''] = jwt.split('.')
    const point = bytes((await ownKey()).x ?? '')
    const over = (text: string) => ed25519.verify(bytes(signature), new TextEncoder().encode(text), point)
    expect([over(`${header}.${body}`), over(`${header}.${body}A`)]).toEqual([true, false])
  })

  test('signed elsewhere under the name RFC 9864 gives it is the same signature', async () => {
    const secret = ed25519.utils.randomSecretKey()
    const kid = `${issuer.id}/keys/elsewhere`
    const x = Buffer.from(ed25519.getPublicKey(secret)).toString('base64url')
    const jwk: IssuerJwk = { ...(await ownKey()), kid, x }
    const signedBy = (alg: string) => {
      const input = `${encode({ alg, kid })}.${jwt.split('.')[1]}`
      const signature = ed25519.sign(new TextEncoder().encode(input), secret)
      return `${input}.${Buffer.from(signature).toString('base64url')}`
    }
    expect(await outcomes(signedBy('Ed25519'), [jwk])).toMatchObject({ algorithm: 'passed', signature: 'passed' })
    expect(await outcomes(signedBy('EdDSA'), [jwk])).toMatchObject({ algorithm: 'passed', signature: 'passed' })
    expect(await outcomes(signedBy('ES256'), [jwk])).toMatchObject({ key: 'failed', signature: 'could-not-check' })
  })

  test('is refused when the key it names is for ES256', async () => {
    const old = (await world.keys.jwks('norrsken')).keys.find(({ alg }) => alg === 'ES256')
    expect(await outcomes(jwt, [{ ...old, kid: head(jwt).kid } as IssuerJwk])).toMatchObject({
      key: 'failed',
      signature: 'could-not-check',
    })
  })

  test('is refused with its signature in another form of the same number', async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const [header = '', body = '', signature = ''] = jwt.split('.')
    const s = bytes(signature)
    let value = BigInt(`0x${Buffer.from(s.slice(32)).reverse().toString('hex')}`) + order
    for (let at = 32; at < 64; at += 1) {
      s[at] = Number(value & 0xffn)
      value >>= 8n
    }
    const malleable = `${header}.${body}.${Buffer.from(s).toString('base64url')}`
    expect(await outcomes(malleable, [await ownKey()])).toMatchObject({ signature: 'failed' })
  })
})

describe('an Ed25519 key in an issuer’s set', () => {
  test.each([
    ['the neutral element', `01${'00'.repeat(31)}`],
    ['a point of order 2', `ec${'ff'.repeat(30)}7f`],
    ['a point of order 4', '00'.repeat(32)],
    ['a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['no canonical encoding', `ee${'ff'.repeat(30)}7f`],
    ['too short', '01'.repeat(31)],
  ])('that is %s is refused before a signature is looked at', async (_, hex) => {
    const weak = { ...(await ownKey()), x: Buffer.from(hex, 'hex').toString('base64url') }
    expect(await outcomes(jwt, [weak])).toMatchObject({ key: 'failed', signature: 'could-not-check' })
  })

  test('that is no point of the curve verifies nothing', async () => {
    const off = { ...(await ownKey()), x: Buffer.from(`02${'00'.repeat(31)}`, 'hex').toString('base64url') }
    expect(await outcomes(jwt, [off])).toMatchObject({ signature: 'failed' })
  })

  test('that carries its private half, or is for encryption, is refused', async () => {
    const own = await ownKey()
    for (const change of [{ d: own.x ?? '' }, { use: 'enc' }, { crv: 'X25519' }]) {
      expect(await outcomes(jwt, [{ ...own, ...change }])).toMatchObject({ key: 'failed' })
    }
  })
})

test('rotation keeps the kind of key unless told otherwise', async () => {
  const before = await world.keys.jwks('norrsken')
  expect(before.keys.map(({ alg }) => alg).toSorted()).toEqual(['ES256', 'EdDSA'])
  expect((await world.keys.rotate('norrsken', '2026-03-03T00:00:00.000Z')).alg).toBe('EdDSA')
  expect((await world.keys.rotate('norrsken', '2026-03-04T00:00:00.000Z', 'ES256')).alg).toBe('ES256')
})

test('a sealed Ed25519 key is opened by its own secret only', async () => {
  const { dir } = world
  const again = openKeyStore({
    dir,
    secret: new Uint8Array(32).fill(1),
    base: issuer.id.split('/institutions')[0] ?? '',
  })
  const wrong = openKeyStore({ dir, secret: new Uint8Array(32), base: issuer.id })
  expect((await again.activeKey('norrsken', now))?.alg).toBe('EdDSA')
  await expect(wrong.activeKey('norrsken', now)).rejects.toThrow('key-secret-wrong')
})
