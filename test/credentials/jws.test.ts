/** Detached signatures on events, and every way of JWT confusion that must not get past them. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { exportJWK, FlattenedSign, generateKeyPair, importJWK, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { claimedKid, type EventKey, signDetached, verifyDetached } from '#credentials/signing/jws.ts'
import { isSmallOrder } from '#credentials/signing/small-order.ts'

const payload = new TextEncoder().encode('{"institution":"norrsken"}')
const kid = 'emitter-1'
const json = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function pair(alg: 'ES256' | 'EdDSA'): Promise<{ key: EventKey; jwk: JWK }> {
  const made = await generateKeyPair(
    alg,
    alg === 'EdDSA' ? { crv: 'Ed25519', extractable: true } : { extractable: true },
  )
  return { key: { alg, key: made.privateKey }, jwk: await exportJWK(made.publicKey) }
}

const es256 = await pair('ES256')
const eddsa = await pair('EdDSA')

/** Signs any header at all, to play the attacker. */
async function forged(header: Record<string, unknown>, key = es256.key): Promise<string> {
  const alg = typeof header['alg'] === 'string' && header['alg'] === key.alg ? header['alg'] : key.alg
  const input = `${json(header)}.${Buffer.from(payload).toString('base64url')}`
  const signed = await new FlattenedSign(payload).setProtectedHeader({ alg }).sign(key.key)
  return `${json(header)}..${alg === header['alg'] ? await resign(input, key) : signed.signature}`
}

async function resign(input: string, { key }: EventKey): Promise<string> {
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, Buffer.from(input))
  return Buffer.from(signature).toString('base64url')
}

describe('a detached signature', () => {
  test.each([
    ['ES256', es256],
    ['EdDSA', eddsa],
  ])('under %s verifies over exactly its payload', async (alg, { key, jwk }) => {
    const jws = await signDetached(key, payload, kid)
    expect(claimedKid(jws)).toBe(kid)
    expect(await verifyDetached(jws, payload, jwk)).toEqual({ kind: 'verified', kid, alg })
    const other = new TextEncoder().encode('{"institution":"sodersol"}')
    expect(await verifyDetached(jws, other, jwk)).toEqual({ kind: 'refused', code: 'signature-wrong' })
  })

  test('has a header of three members and no payload', async () => {
    const [header = '', body] = (await signDetached(es256.key, payload, kid)).split('.')
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      kid,
      typ: 'bevis-event+jws',
    })
    expect(body).toBe('')
  })

  test('of another key is refused', async () => {
    const other = await pair('ES256')
    const jws = await signDetached(es256.key, payload, kid)
    expect(await verifyDetached(jws, payload, other.jwk)).toEqual({ kind: 'refused', code: 'signature-wrong' })
  })

  test('is held to the kid the key was registered under', async () => {
    const jws = await signDetached(es256.key, payload, kid)
    const renamed = { ...es256.jwk, kid: 'emitter-2' }
    expect(await verifyDetached(jws, payload, renamed)).toEqual({ kind: 'refused', code: 'kid-differs' })
  })
})

describe('a header', () => {
  const good = { alg: 'ES256', kid, typ: 'bevis-event+jws' }
  test('that is as it should be proves the forging helper right', async () => {
    expect(await verifyDetached(await forged(good), payload, es256.jwk)).toMatchObject({ kind: 'verified' })
  })

  test.each([
    ['brings its own key', { ...good, jwk: es256.jwk }],
    ['points to a key set', { ...good, jku: 'https://evil.example/jwks' }],
    ['points to a certificate', { ...good, x5u: 'https://evil.example/cert' }],
    ['demands an extension', { ...good, crit: ['b64'], b64: false }],
    ['is typed as a credential', { ...good, typ: 'vc+jwt' }],
    ['has no type', { alg: 'ES256', kid }],
    ['has no key id', { alg: 'ES256', typ: good.typ }],
    ['has a key id that is no text', { ...good, kid: 7 }],
  ])('that %s is refused', async (_, header) => {
    const outcome = await verifyDetached(await forged(header), payload, es256.jwk)
    expect(outcome).toEqual({ kind: 'refused', code: 'header-not-allowed' })
  })

  test.each(['none', 'HS256', 'RS256', 'ES384', 'EdDSA'])('that says %s to a P-256 key is refused', async (alg) => {
    const outcome = await verifyDetached(await forged({ ...good, alg }), payload, es256.jwk)
    expect(outcome).toEqual({ kind: 'refused', code: 'alg-not-of-key' })
  })
})

describe('a text', () => {
  test('in any spelling but its own is refused', async () => {
    const jws = await signDetached(es256.key, payload, kid)
    const [header = '', , signature = ''] = jws.split('.')
    const attached = `${header}.${Buffer.from(payload).toString('base64url')}.${signature}`
    for (const text of [
      attached,
      `${header}..`,
      `..${signature}`,
      `${jws}=`,
      `${jws}.`,
      ` ${jws}`,
      `${jws}\n`,
      '',
      'a',
    ]) {
      expect(await verifyDetached(text, payload, es256.jwk)).toEqual({ kind: 'refused', code: 'malformed' })
    }
    expect(claimedKid('a..b')).toBeUndefined()
  })
})

describe('a key', () => {
  test('that is private, for encryption or of another kind is refused', async () => {
    const jws = await signDetached(es256.key, payload, kid)
    const rsa: JWK = { kty: 'RSA', n: 'AQAB', e: 'AQAB' }
    const secret: JWK = { kty: 'oct', k: 'AAAA' }
    for (const jwk of [
      { ...es256.jwk, d: 'AAAA' },
      { ...es256.jwk, use: 'enc' },
      rsa,
      secret,
      { kty: 'EC', crv: 'P-384' },
    ]) {
      expect(await verifyDetached(jws, payload, jwk)).toEqual({ kind: 'refused', code: 'key-not-allowed' })
    }
  })

  test('that is no point on its curve verifies nothing', async () => {
    const jws = await signDetached(es256.key, payload, kid)
    const off = { ...es256.jwk, y: es256.jwk.x ?? '' }
    expect(await verifyDetached(jws, payload, off)).toEqual({ kind: 'refused', code: 'signature-wrong' })
  })

  test('of small order would accept one signature for every message, so it is refused', async () => {
    // The neutral element as key, R the neutral element, S zero: 0·B = R + h·A holds for every h.
    const neutral = Buffer.concat([Buffer.of(1), Buffer.alloc(31)])
    const header = json({ alg: 'EdDSA', kid, typ: 'bevis-event+jws' })
    const jws = `${header}..${Buffer.concat([neutral, Buffer.alloc(32)]).toString('base64url')}`
    const jwk: JWK = { kty: 'OKP', crv: 'Ed25519', x: neutral.toString('base64url') }
    expect(await verifyDetached(jws, payload, jwk)).toEqual({ kind: 'refused', code: 'key-not-allowed' })
  })

  test('is of small order exactly when three doublings lead to the neutral element', () => {
    const orderEight = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc'
    const small = [
      '00'.repeat(32),
      `${'00'.repeat(31)}80`,
      `01${'00'.repeat(31)}`,
      `ec${'ff'.repeat(30)}7f`,
      `${orderEight}05`,
      `${orderEight}85`,
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    ]
    for (const hex of small) {
      expect(isSmallOrder(Buffer.from(hex, 'hex'))).toBe(true)
      expect(thriceDoubled(Buffer.from(hex, 'hex'))).toBe(1n)
    }
    for (let count = 0; count < 20; count++) {
      const point = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? ''
      expect(isSmallOrder(Buffer.from(point, 'base64url'))).toBe(false)
      expect(thriceDoubled(Buffer.from(point, 'base64url'))).not.toBe(1n)
    }
  })

  test('in a spelling beyond the field or of the wrong length counts as small', () => {
    expect(isSmallOrder(Buffer.from(`ed${'ff'.repeat(30)}7f`, 'hex'))).toBe(true)
    expect(isSmallOrder(Buffer.alloc(31, 9))).toBe(true)
  })
})

test('the published Ed25519 vector verifies (RFC 8037 appendix A: the key of RFC 8032 §7.1)', async () => {
  const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const
  const key = createPrivateKey({ key: { ...jwk, d }, format: 'jwk' })
  expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(x)
  const header = json({ alg: 'EdDSA', kid, typ: 'bevis-event+jws' })
  const signature = sign(null, Buffer.from(`${header}.${Buffer.from(payload).toString('base64url')}`), key)
  expect(await importJWK(jwk, 'EdDSA')).toBeDefined()
  expect(await verifyDetached(`${header}..${signature.toString('base64url')}`, payload, jwk)).toMatchObject({
    kind: 'verified',
  })
})

/** y after three doublings, by the curve's own formulas (RFC 8032 §5.1.4), independent of the table under test. */
function thriceDoubled(encoded: Buffer): bigint {
  const p = 2n ** 255n - 19n
  const mod = (value: bigint) => ((value % p) + p) % p
  const power = (value: bigint, exponent: bigint): bigint =>
    exponent === 0n ? 1n : mod(power(mod(value * value), exponent >> 1n) * (exponent & 1n ? value : 1n))
  const inverse = (value: bigint) => power(mod(value), p - 2n)
  const d = mod(-121665n * inverse(121666n))
  let y = BigInt(`0x${Buffer.from(encoded).reverse().toString('hex')}`) & (2n ** 255n - 1n)
  for (let doubling = 0; doubling < 3; doubling++) {
    const xSquared = mod((y * y - 1n) * inverse(d * y * y + 1n))
    y = mod((y * y + xSquared) * inverse(1n - d * xSquared * y * y))
  }
  return y
}
