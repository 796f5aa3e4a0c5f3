/** Ed25519 by the vectors of RFC 8032 §7.1, and all that must not verify. */
import crypto, { createHash, createPublicKey, verify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { hex } from '#audit/digest.ts'
import * as ours from '#audit/ed25519.ts'

const { publicKeyOf, publicKeyProblem, signEd25519, verifyEd25519 } = ours

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))

const littleEndian = (data: Uint8Array) => BigInt(`0x${Buffer.from(data).reverse().toString('hex')}`)

const vectors = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
] as const

describe('a signature', () => {
  test.each(vectors)('is that of the RFC for the seed %s', (seed, publicKey, message, signature) => {
    expect(hex(publicKeyOf(bytes(seed)))).toBe(publicKey)
    expect(hex(signEd25519(bytes(seed), bytes(message)))).toBe(signature)
    expect(verifyEd25519(bytes(publicKey), bytes(message), bytes(signature))).toBe(true)
    expect(verifyEd25519(bytes(publicKey), bytes('73'), bytes(signature))).toBe(false)
  })

  test('with a part of small order, which OpenSSL refuses, is judged as a page judges it', () => {
    // Made by whoever holds the key: R' = R + T with T of order two, and S for the hash over R'. Only times the cofactor it fits.
    const { Point } = ed25519
    const a = 7n
    const key = Point.BASE.multiply(a).toBytes()
    const twisted = Point.BASE.multiply(11n)
      .add(Point.fromHex(`ec${'ff'.repeat(30)}7f`))
      .toBytes()
    const hashed = createHash('sha512').update(twisted).update(key).update(bytes('73')).digest()
    const order = Point.Fn.ORDER
    const s = (11n + (littleEndian(hashed) % order) * a) % order
    const signed = Buffer.concat([twisted, Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()])
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') }
    expect(verify(null, bytes('73'), createPublicKey({ key: jwk, format: 'jwk' }), signed)).toBe(false)
    expect(ed25519.verify(signed, bytes('73'), key, { zip215: false })).toBe(true)
    expect(verifyEd25519(key, bytes('73'), signed)).toBe(true)
  })

  test('stays good after hundreds of other keys were seen', () => {
    const [[seed, publicKey, message, signature]] = vectors
    for (let n = 0; n < 200; n += 1) {
      const other = publicKeyOf(Uint8Array.from(bytes(seed), (byte, place) => (place === 0 ? n : byte)))
      expect(verifyEd25519(other, bytes(message), bytes(signature))).toBe(hex(other) === publicKey)
    }
    expect(verifyEd25519(bytes(publicKey), bytes(message), bytes(signature))).toBe(true)
  })

  const [, [, publicKey, message, signature]] = vectors
  test.each([
    ['a byte short', publicKey, signature.slice(2)],
    ['a byte long', publicKey, `${signature}00`],
    ['under a key a byte short', publicKey.slice(2), signature],
    ['under no key', '', signature],
    ['under a key that is no point', `02${'00'.repeat(31)}`, signature],
  ])('%s verifies nothing', (_, key, signed) => {
    expect(verifyEd25519(bytes(key), bytes(message), bytes(signed))).toBe(false)
  })

  test('of a key of small order, which would fit every message, verifies none', () => {
    const identity = bytes(`01${'00'.repeat(31)}`)
    const forged = bytes(`01${'00'.repeat(63)}`)
    // So it is under the lenient rules, which are not ours.
    expect(ed25519.verify(forged, bytes('00'), identity, { zip215: true })).toBe(true)
    expect(verifyEd25519(identity, bytes('00'), forged)).toBe(false)
    expect(publicKeyProblem(identity)).toBe('key-weak')
    expect(publicKeyProblem(bytes(publicKey))).toBeUndefined()
    expect(publicKeyProblem(bytes(publicKey.slice(2)))).toBe('key-malformed')
  })

  test.each([
    ['of a point', `f0${'ff'.repeat(30)}7f`],
    ['of the point that fits every message', `ee${'ff'.repeat(30)}7f`],
  ])('under a second spelling %s verifies nothing', (_, second) => {
    expect(() => ed25519.Point.fromHex(second, true)).not.toThrow()
    expect(publicKeyProblem(bytes(second))).toBe('key-malformed')
  })
})

/** What a module finds where it is loaded: a page has no process, and not every process has code of its own to give. */
const runtimes = { server: process, page: undefined, shim: {}, bare: { getBuiltinModule: () => undefined } }

async function loadedIn(runtime: keyof typeof runtimes): Promise<typeof ours> {
  vi.resetModules()
  vi.stubGlobal('process', runtimes[runtime])
  try {
    return await import('#audit/ed25519.ts')
  } finally {
    vi.unstubAllGlobals()
  }
}

describe('the runtime’s own code', () => {
  afterEach(() => vi.restoreAllMocks())

  const [, [seed, publicKey, message, signature]] = vectors
  const verifyWith = ({ verifyEd25519: by }: typeof ours, key: Uint8Array = bytes(publicKey)) =>
    by(key, bytes(message), bytes(signature))
  const anotherKey = (n: number) => publicKeyOf(Uint8Array.from(bytes(seed), (byte, place) => (place === 0 ? n : byte)))
  const watched = () => ({
    read: vi.spyOn(crypto, 'createPublicKey'),
    verify: vi.spyOn(crypto, 'verify'),
    sign: vi.spyOn(crypto, 'sign'),
  })
  const calls = (all: ReturnType<typeof watched>) =>
    Object.fromEntries(Object.entries(all).map(([name, { mock }]) => [name, mock.calls.length]))

  test('verifies and signs where there is some', async () => {
    const server = await loadedIn('server')
    const all = watched()
    expect(verifyWith(server)).toBe(true)
    expect(hex(server.signEd25519(bytes(seed), bytes(message)))).toBe(signature)
    expect(calls(all)).toEqual({ read: 1, verify: 1, sign: 1 })
  })

  test.each(['page', 'shim', 'bare'] as const)('is not missed where there is none: in a %s', async (runtime) => {
    const page = await loadedIn(runtime)
    const all = watched()
    expect(verifyWith(page)).toBe(true)
    expect(verifyWith(page, anotherKey(7))).toBe(false)
    expect(hex(page.signEd25519(bytes(seed), bytes(message)))).toBe(signature)
    expect(calls(all)).toEqual({ read: 0, verify: 0, sign: 0 })
  })

  test('reads a key once, until it has seen sixty-four', async () => {
    const server = await loadedIn('server')
    const { read } = watched()
    for (let n = 0; n < 64; n += 1) verifyWith(server, anotherKey(n))
    for (let n = 0; n < 64; n += 1) verifyWith(server, anotherKey(n))
    expect(read).toHaveBeenCalledTimes(64)
    verifyWith(server, anotherKey(64))
    verifyWith(server, anotherKey(64))
    expect(read).toHaveBeenCalledTimes(65)
    verifyWith(server, anotherKey(0))
    expect(read).toHaveBeenCalledTimes(66)
  })

  test('never sees a key of small order, which some of it would trust', async () => {
    const server = await loadedIn('server')
    const all = watched()
    expect(verifyWith(server, bytes(`01${'00'.repeat(31)}`))).toBe(false)
    expect(calls(all)).toMatchObject({ read: 0, verify: 0 })
  })

  test.each(['server', 'page'] as const)('signs with no seed of another length (%s)', async (where) => {
    const { signEd25519: sign } = await loadedIn(where)
    for (const length of [0, 31, 33]) expect(() => sign(new Uint8Array(length).fill(7), bytes(message))).toThrow()
  })
})
