import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { context, DerError, der, inside, integerOf, oid, readDer, tags, unsigned } from '#connectors/time-stamp/der.ts'
import { askForTimeStamp, timeStampRequest } from '#connectors/time-stamp/request.ts'
import { readTrustedTsa, type TrustedTsa, verifyTimeStamp } from '#connectors/time-stamp/verify.ts'
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

/** What a TSA says and signs; every member may be another than an honest one would choose. */
function info(over: { digest?: Uint8Array; time?: string; nonce?: Uint8Array; more?: Uint8Array[] } = {}): Buffer {
  return der(
    tags.sequence,
    unsigned(Uint8Array.of(1)),
    oid(tsaPolicy),
    der(tags.sequence, der(tags.sequence, oid('2.16.840.1.101.3.4.2.1')), der(tags.octets, over.digest ?? digest)),
    unsigned(Uint8Array.of(7)),
    der(
      tags.generalizedTime,
      Buffer.from(over.time ?? `${new Date().toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`),
    ),
    unsigned(over.nonce ?? nonce),
    ...(over.more ?? []),
  )
}

describe('a time-stamp of openssl', () => {
  test.each(['tsa', 'rsa', 'deep'] as const)(
    'is taken from %s, and says when, by whom and under which policy',
    (name) => {
      const before = Date.now()
      const verdict = judged(tsa.reply(question(), name), { policy: tsaPolicy })
      expect(verdict).toMatchObject({
        ok: true,
        stamp: {
          policy: tsaPolicy,
          tsa: `O=Test, CN=${name}`,
          accuracyMs: 1_500,
          serial: expect.stringMatching(/^\d+$/),
        },
      })
      const at = verdict.ok ? Date.parse(verdict.stamp.genTime) : Number.NaN
      expect(at).toBeGreaterThanOrEqual(before)
      expect(at).toBeLessThanOrEqual(Date.now())
    },
  )

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

  test('ends in any certificate that is trusted, the TSA’s own too', () => {
    const own = readTrustedTsa(tsa.openssl(['x509', '-in', 'tsa.pem']).toString())
    expect(judged(tsa.reply(question()), { trusted: own })).toMatchObject({ ok: true })
    expect(judged(tsa.reply(question(), 'rsa'), { trusted: own })).toEqual({ ok: false, problem: 'untrusted' })
  })
})

describe('what is no time-stamp of ours is refused', () => {
  const forgeries: readonly (readonly [string, () => Uint8Array, string])[] = [
    ['another digest', () => tsa.reply(timeStampRequest({ digest: randomBytes(32), nonce })), 'imprint'],
    ['another nonce', () => tsa.reply(timeStampRequest({ digest, nonce: randomBytes(16) })), 'nonce'],
    ['a root nobody trusts', () => tsa.reply(question(), 'stranger'), 'untrusted'],
    ['a TSA that plays authority', () => tsa.reply(question(), 'below-tsa'), 'untrusted'],
    ['a purpose that is not critical', () => tsa.forge(info(), 'not-critical'), 'purpose'],
    ['a second purpose', () => tsa.forge(info(), 'two-purposes'), 'purpose'],
    ['another purpose', () => tsa.forge(info(), 'other-purpose'), 'purpose'],
    ['a certificate it does not bind', () => tsa.forge(info(), 'tsa', { binds: false }), 'signing-certificate'],
    ['a time after the certificate ended', () => tsa.forge(info({ time: '20600101000000Z' }), 'tsa'), 'expired'],
    ['a time before it began', () => tsa.forge(info({ time: '20200101000000Z' }), 'tsa'), 'expired'],
    ['a time that is none', () => tsa.forge(info({ time: '20260231000000Z' }), 'tsa'), 'malformed'],
    ['an extension nobody knows', () => tsa.forge(info({ more: [der(context(1))] }), 'tsa'), 'malformed'],
    ['granted without a token', () => Buffer.from('30053003020100', 'hex'), 'malformed'],
    ['a refusal', () => Buffer.from('30053003020102', 'hex'), 'not-granted'],
    ['nothing', () => new Uint8Array(), 'malformed'],
    ['a page of HTML', () => Buffer.from('<html>Bad Gateway</html>'), 'malformed'],
  ]

  test.each(forgeries)('%s', (_what, reply, problem) => {
    expect(judged(reply())).toEqual({ ok: false, problem })
  })

  test('a forged one with nothing wrong passes, so that each refusal above has the reason it names', () => {
    expect(judged(tsa.forge(info(), 'tsa'))).toMatchObject({ ok: true, stamp: { serial: '7' } })
  })

  test('another policy than the one asked for', () => {
    expect(judged(tsa.reply(question()), { policy: '1.2.3' })).toEqual({ ok: false, problem: 'policy' })
  })

  test('a byte changed anywhere: it is refused, or was no part of what it says', () => {
    const reply = tsa.reply(question())
    const honest = judged(reply)
    const answers = Array.from(reply, (byte, at) => {
      const changed = Buffer.from(reply)
      changed[at] = byte ^ (1 << (at % 8))
      return judged(changed)
    })
    for (const answer of answers) if (answer.ok) expect(answer).toEqual(honest)
    expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThan(reply.length / 2)
  })

  test('any bytes at all, without a throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => judged(bytes).ok === false))
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
    expect(answer).toMatchObject({ kind: 'stamped', stamp: { tsa: 'O=Test, CN=tsa' } })
    if (answer.kind === 'stamped')
      expect(verifyTimeStamp(answer.reply, { digest, trusted })).toMatchObject({ ok: true })
  })

  test('refuses an answer that was given to somebody else before', async () => {
    const old = tsa.reply(question())
    expect(await asked(() => old)).toEqual({ kind: 'refused', problem: 'nonce' })
  })

  test('refuses a time far from our own clock', async () => {
    const forged = (query: Buffer) => {
      const sent = inside(readDer(query, 'query'), tags.sequence, 'query').findLast(({ tag }) => tag === tags.integer)
      const inAnHour = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')
      return tsa.forge(info({ time: `${inAnHour}Z`, nonce: sent?.content ?? Buffer.of(0) }), 'tsa')
    }
    expect(await asked(forged)).toEqual({ kind: 'refused', problem: 'clock' })
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
