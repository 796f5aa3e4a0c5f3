import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { context, DerError, der, inside, integerOf, oid, readDer, tags, unsigned } from '#connectors/time-stamp/der.ts'
import { askForTimeStamp, timeStampRequest } from '#connectors/time-stamp/request.ts'
import { readTrustedTsa, type TrustedTsa, verifyTimeStamp } from '#connectors/time-stamp/verify.ts'
import { attribute, type Forgery, forged, type Info, ids, infoOf } from '../support/forged-time-stamp.ts'
import { makeTsa, type RunningTsa, startTsa, type TsaCertificate, type TsaFolder, tsaPolicy } from '../support/tsa.ts'

const data = Buffer.from('log.example/uni\n17\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n')
const digest = createHash('sha256').update(data).digest()
const nonce = randomBytes(16)
const asNumber = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

let tsa: TsaFolder
let trusted: TrustedTsa
beforeAll(() => {
  tsa = makeTsa()
  trusted = readTrustedTsa(tsa.root)
})
afterAll(() => tsa.dispose())

const question = () => timeStampRequest({ digest, nonce })
const judged = (reply: Uint8Array, over: Partial<Parameters<typeof verifyTimeStamp>[1]> = {}) =>
  verifyTimeStamp(reply, { digest, trusted, nonce: asNumber(nonce), ...over })

/** Still a signature of its kind, and not the one. */
const broken = (signature: Uint8Array) => signature.map((byte, at) => (at === signature.length - 1 ? byte ^ 1 : byte))

const info = (over: Partial<Info> = {}) => infoOf({ digest, nonce, ...over })
const days = (count: number) => Math.floor(Date.now() / 1_000) + count * 86_400

const bound = ['-md', 'sha512', '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:48'] as const
/** As the signer's own algorithm tells it, behind that of its key. */
const withLessSalt = (reply: Uint8Array) => {
  const changed = Buffer.from(reply)
  changed[changed.lastIndexOf('a203020130', 'hex') + 4] = 47
  return changed
}

describe('a time-stamp of openssl', () => {
  test.each(['tsa', 'rsa', 'deep', 'deep-enough'] as const)(
    'is taken from %s, and says when and under which policy',
    async (name) => {
      const before = Date.now()
      const verdict = await judged(tsa.reply(question(), name), { policy: tsaPolicy })
      expect(verdict).toMatchObject({
        ok: true,
        stamp: {
          policy: tsaPolicy,
          accuracyMs: 1_500,
          serial: expect.stringMatching(/^\d+$/),
        },
      })
      const at = verdict.ok ? Date.parse(verdict.stamp.genTime) : Number.NaN
      expect(at).toBeGreaterThanOrEqual(before)
      expect(at).toBeLessThanOrEqual(Date.now())
    },
  )

  test.each(['below-p384', 'below-p521', 'below-ed25519', 'below-rsa', 'below-pss', 'below-pss-of-rsa'] as const)(
    'is taken from %s: authorities sign in many ways',
    async (name) => {
      expect(await judged(tsa.reply(question(), name))).toMatchObject({ ok: true })
    },
  )

  test.each([
    ['rsa', []],
    ['rsa', ['-keyopt', 'rsa_padding_mode:pss']],
    ['rsa', ['-md', 'sha512', '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:20']],
    ['pss', ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest']],
    ['pss-bound', bound],
    ['below-p384', ['-md', 'sha384']],
  ] as const)('signed by openssl cms with the key of %s and %j is taken', async (name, how) => {
    expect(await judged(tsa.cms(info(), name, how))).toMatchObject({ ok: true, stamp: { serial: '7' } })
  })

  test('asks in a way that openssl reads as we mean it', () => {
    writeFileSync(join(tsa.dir, 'ours.tsq'), timeStampRequest({ digest, nonce, policy: tsaPolicy }))
    const read = tsa.openssl(['ts', '-query', '-in', 'ours.tsq', '-text']).toString()
    expect(read).toContain('Hash Algorithm: sha256')
    expect(read).toContain(`Policy OID: ${tsaPolicy}`)
    expect(read).toContain('Certificate required: yes')
    expect(read.replaceAll(/\s/g, '')).toContain(
      `Nonce:0x${asNumber(nonce).toString(16).toUpperCase().padStart(32, '0')}`,
    )
  })

  test('is what openssl ts -verify takes too, from the file we keep', () => {
    writeFileSync(join(tsa.dir, 'kept.tsr'), tsa.reply(question(), 'deep'))
    writeFileSync(join(tsa.dir, 'data'), data)
    const verified = tsa.openssl(['ts', '-verify', '-in', 'kept.tsr', '-data', 'data', '-CAfile', 'root.pem'])
    expect(verified.toString()).toContain('Verification: OK')
  })

  test('ends in any certificate that is trusted, the TSA’s own too', async () => {
    const own = readTrustedTsa(tsa.openssl(['x509', '-in', 'tsa.pem']).toString())
    expect(await judged(tsa.reply(question()), { trusted: own })).toMatchObject({ ok: true })
    expect(await judged(tsa.reply(question(), 'rsa'), { trusted: own })).toEqual({ ok: false, problem: 'untrusted' })
  })
})

describe('what is no time-stamp of ours is refused', () => {
  const forge = (name: TsaCertificate, over: Partial<Info> = {}, forgery: Forgery = {}) =>
    forged(tsa, name, info(over), forgery)
  const twice = <T>(one: T) => [one, one]
  const forgeries: readonly (readonly [string, () => Uint8Array, string])[] = [
    ['another digest', () => tsa.reply(timeStampRequest({ digest: randomBytes(32), nonce })), 'imprint'],
    ['the digest of another kind', () => forge('tsa', { algorithm: ids.sha512 }), 'imprint'],
    ['another nonce', () => tsa.reply(timeStampRequest({ digest, nonce: randomBytes(16) })), 'nonce'],
    ['a root nobody trusts', () => tsa.reply(question(), 'stranger'), 'untrusted'],
    ['a root that only bears the name of ours', () => forge('namesake'), 'untrusted'],
    ['a root that only has the key of ours', () => forge('key-mate'), 'untrusted'],
    ['a certificate signed with SHA-1', () => tsa.reply(question(), 'below-sha1'), 'untrusted'],
    ['a certificate signed with SHA-1 and RSA-PSS', () => tsa.reply(question(), 'below-pss-sha1'), 'untrusted'],
    ['a certificate signed with Ed448', () => tsa.reply(question(), 'below-ed448'), 'untrusted'],
    ['a certificate bound by SHA-1', () => tsa.cms(info(), 'rsa', ['-md', 'sha1']), 'signing-certificate'],
    [
      'a mask of another digest',
      () => tsa.cms(info(), 'rsa', ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_mgf1_md:sha512']),
      'algorithm',
    ],
    ['another kind of signature than its key is for', () => tsa.cms(info(), 'pss', []), 'algorithm'],
    ['less salt than its key is bound to', () => withLessSalt(tsa.cms(info(), 'pss-bound', bound)), 'algorithm'],
    ['Ed25519 beside another digest than SHA-512', () => forge('ed25519', {}, { digest: 'sha256' }), 'algorithm'],
    ['an Ed25519 signature that is not the key’s', () => forge('ed25519', {}, { signature: broken }), 'signature'],
    ['a signature with SHA-1', () => forge('rsa', {}, { digest: 'sha1' }), 'algorithm'],
    ['RSA-PSS that says nothing of how', () => forge('rsa', {}, { signatureAlgorithm: ids.pss }), 'algorithm'],
    ['a TSA that plays authority', () => tsa.reply(question(), 'below-tsa'), 'untrusted'],
    ['an authority below one that must be the last', () => forge('below-after-last'), 'untrusted'],
    ['an authority that may not sign certificates', () => forge('below-mute'), 'untrusted'],
    ['an authority with something critical that nobody knows', () => forge('below-odd'), 'untrusted'],
    ['a path that is too long', () => forge('too-deep'), 'untrusted'],
    ['a purpose that is not critical', () => forge('not-critical'), 'purpose'],
    ['a second purpose', () => forge('two-purposes'), 'purpose'],
    ['another purpose', () => forge('other-purpose'), 'purpose'],
    ['a key that is not for signatures', () => forge('no-signatures'), 'purpose'],
    ['a certificate with something critical that nobody knows', () => forge('odd-tsa'), 'purpose'],
    [
      'a certificate it does not bind',
      () => forge('tsa', {}, { attributes: (sound) => sound.slice(0, 2) }),
      'signing-certificate',
    ],
    ['a certificate it does not bring', () => forge('tsa', {}, { certificates: () => [] }), 'signing-certificate'],
    [
      'a signer of another name than the certificate it binds',
      () => forge('tsa', {}, { named: 'rsa' }),
      'signing-certificate',
    ],
    ['a signature that is not the key’s', () => forge('tsa', {}, { signature: (sound) => broken(sound) }), 'signature'],
    [
      'a digest that is not of what it says',
      () =>
        forge(
          'tsa',
          {},
          {
            attributes: ([type, , bound]) =>
              [type, attribute(ids.messageDigest, der(tags.octets, digest)), bound].filter((one) => one !== undefined),
          },
        ),
      'signature',
    ],
    [
      'a signed type that is not a time-stamp’s',
      () => forge('tsa', {}, { attributes: ([, ...rest]) => [attribute(ids.contentType, oid(ids.data)), ...rest] }),
      'signature',
    ],
    ['an algorithm that is not its key’s', () => forge('tsa', {}, { signatureAlgorithm: ids.rsa }), 'algorithm'],
    ['an algorithm nobody knows', () => forge('tsa', {}, { signatureAlgorithm: ids.sha256 }), 'algorithm'],
    ['a time after the certificate ended', () => forge('tsa', { time: days(400) }), 'expired'],
    ['a time before it began', () => forge('tsa', { time: days(-400) }), 'expired'],
    ['a time after the authority between ended', () => forge('below-brief', { time: days(100) }), 'expired'],
    ['a time that is none', () => forge('tsa', { timeText: '20260231000000Z' }), 'malformed'],
    ['a time in another spelling', () => forge('tsa', { timeText: '20260228000000.10Z' }), 'malformed'],
    ['an extension nobody knows', () => forge('tsa', { more: [der(context(1))] }), 'malformed'],
    ['another version', () => forge('tsa', { version: 2 }), 'malformed'],
    ['two signers', () => forge('tsa', {}, { signers: twice }), 'malformed'],
    [
      'an attribute twice',
      () => forge('tsa', {}, { attributes: (sound) => [...sound, ...sound.slice(1, 2)] }),
      'malformed',
    ],
    [
      'an attribute of two values',
      () => forge('tsa', {}, { attributes: (sound) => [...sound, attribute('1.2.3', ...twice(der(tags.null)))] }),
      'malformed',
    ],
    [
      'more certificates than a path can need',
      () => forge('tsa', {}, { certificates: (chain) => Array.from({ length: 9 }, () => chain).flat() }),
      'malformed',
    ],
    ['a type that is not signed data', () => forge('tsa', {}, { type: ids.data }), 'malformed'],
    ['a content that is no time-stamp', () => forge('tsa', {}, { contentType: ids.data }), 'malformed'],
    [
      'something after the token',
      () => forge('tsa', {}, { reply: (...both) => [...both, der(tags.null)] }),
      'malformed',
    ],
    [
      'more than any TSA sends',
      () => forge('tsa', {}, { unsigned: attribute('1.2.3', der(tags.octets, Buffer.alloc(70_000))) }),
      'malformed',
    ],
    ['granted without a token', () => Buffer.from('30053003020100', 'hex'), 'malformed'],
    ['a refusal', () => Buffer.from('30053003020102', 'hex'), 'not-granted'],
    [
      'a token with a refusal',
      () => forge('tsa', {}, { reply: (_granted, token) => [der(tags.sequence, unsigned(Buffer.of(2))), token] }),
      'not-granted',
    ],
    ['nothing', () => new Uint8Array(), 'malformed'],
    ['a page of HTML', () => Buffer.from('<html>Bad Gateway</html>'), 'malformed'],
  ]

  test.each(forgeries)('%s', async (_what, reply, problem) => {
    expect(await judged(reply())).toEqual({ ok: false, problem })
  })

  test.each(['tsa', 'rsa', 'ed25519', 'deep-enough', 'below-brief'] as const)(
    'a forged one of %s with nothing wrong passes, so that each refusal above has the reason it names',
    async (name) => {
      const reply = forge(name, {}, { unsigned: attribute('1.2.3', der(tags.null)) })
      expect(await judged(reply)).toMatchObject({ ok: true, stamp: { serial: '7' } })
    },
  )

  test('another policy than the one asked for', async () => {
    expect(await judged(tsa.reply(question()), { policy: '1.2.3' })).toEqual({ ok: false, problem: 'policy' })
  })

  test('a byte changed anywhere: it is refused, or says the same', async () => {
    const reply = tsa.reply(question())
    const honest = await judged(reply)
    for (const [at, byte] of reply.entries()) {
      const changed = Buffer.from(reply)
      changed[at] = byte ^ (1 << (at % 8))
      const answer = await judged(changed)
      if (answer.ok) expect(answer).toEqual(honest)
    }
  })

  test('any bytes at all, without a throw', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => !(await judged(bytes)).ok))
  })

  test('a file without a certificate is no trust', () => {
    expect(() => readTrustedTsa('nothing here')).toThrow(expect.objectContaining({ code: 'time-stamp/certificates' }))
  })
})

describe('DER', () => {
  test.each([
    ['308000', 'a length left open'],
    ['30810100', 'a length with a byte too many'],
    ['0500ff', 'something after it'],
    ['0405ff', 'less than it says'],
    ['1f0100', 'a high tag'],
  ])('%s is refused: %s', (bytes) => {
    expect(() => readDer(Buffer.from(bytes, 'hex'), 'test')).toThrow(DerError)
  })

  test.each(['02020001', '0202ff80', '0200'])('%s is no number', (bytes) => {
    expect(() => integerOf(readDer(Buffer.from(bytes, 'hex'), 'test'), 'test')).toThrow(DerError)
  })

  test('lengths are read as they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), (size) => {
        const written = der(tags.octets, Buffer.alloc(size))
        return readDer(written, 'test').content.length === size
      }),
      { numRuns: 50, examples: [[127], [128], [255], [256], [65_535], [65_536]] },
    )
  })
})

describe('asking a TSA over HTTP', () => {
  const asked = async (reply: (query: Buffer) => Uint8Array, status?: number) => {
    const server: RunningTsa = await startTsa(reply, status)
    try {
      return await askForTimeStamp({ url: server.url, trusted }, digest)
    } finally {
      await server.close()
    }
  }
  const stamped = (certificate?: TsaCertificate) => (query: Buffer) => tsa.reply(query, certificate)

  test('brings a time-stamp that stands alone', async () => {
    const answer = await asked(stamped())
    expect(answer).toMatchObject({ kind: 'stamped', stamp: { policy: tsaPolicy } })
    if (answer.kind === 'stamped')
      expect(await verifyTimeStamp(answer.reply, { digest, trusted })).toMatchObject({ ok: true })
  })

  test('refuses an answer that was given to somebody else before', async () => {
    const old = tsa.reply(question())
    expect(await asked(() => old)).toEqual({ kind: 'refused', problem: 'nonce' })
  })

  test('refuses a time far from our own clock', async () => {
    const inAnHour = (query: Buffer) => {
      const sent = inside(readDer(query, 'query'), tags.sequence, 'query').findLast(({ tag }) => tag === tags.integer)
      return forged(tsa, 'tsa', info({ time: days(1 / 24), nonce: sent?.content ?? Buffer.of(0) }))
    }
    expect(await asked(inAnHour)).toEqual({ kind: 'refused', problem: 'clock' })
  })

  test('tells an answer that is none from no answer', async () => {
    expect(await asked(() => Buffer.from('no'))).toEqual({ kind: 'refused', problem: 'malformed' })
    expect(await asked(() => Buffer.from('busy'), 503)).toEqual({ kind: 'unreachable', status: 503 })
    expect(await asked(() => Buffer.alloc(100_000))).toMatchObject({ kind: 'unreachable' })
    const gone = await startTsa(() => new Uint8Array())
    await gone.close()
    expect(await askForTimeStamp({ url: gone.url, trusted }, digest)).toEqual({ kind: 'unreachable' })
  })
})
