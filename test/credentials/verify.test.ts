/** Verification for strangers: what holds is verified, what is wrong is refused, and what could not be asked is neither. */
import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bitsOf, encodeBits } from '#credentials/status/bitstring.ts'
import { type VerifyContext, type VerifyReport, verifyCredential } from '#credentials/verify.ts'
import { validityFrom } from '#domain/credential/validity.ts'
import { as, type Instant } from '#domain/words.ts'
import { content, issuer } from './sample.ts'
import { issued, keyAt, listUrl, now, openWorld, reach, statusList, type World } from './world.ts'

let world: World
let jwt: string
let list: string
beforeAll(async () => {
  world = await openWorld()
  jwt = (await issued(world.keys, 'A')).compact
  list = await statusList(world.key)
})
afterAll(() => world.close())

type Json = Record<string, unknown>
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const part = (text: string, index: number): Json =>
  JSON.parse(Buffer.from(text.split('.')[index] ?? '', 'base64url').toString())

/** The credential with changes, signed by the real key: what a careless or corrupted issuer could send. */
async function resigned(changes: Json, header: Json = {}, from = jwt): Promise<string> {
  const payload = new TextEncoder().encode(JSON.stringify({ ...part(from, 1), ...changes }))
  const protectedHeader = { alg: 'ES256', kid: world.key.kid, ...header }
  return new CompactSign(payload).setProtectedHeader(protectedHeader).sign(world.key.key)
}

async function verify(text: string, changes: Partial<VerifyContext> = {}): Promise<VerifyReport> {
  return verifyCredential(text, reach(world.keys, list, changes))
}

function outcomes(report: VerifyReport): Record<string, string> {
  return Object.fromEntries(report.checks.map((check) => [check.id, check.outcome]))
}

const withList = (value: string): Partial<VerifyContext> => ({
  resolveStatusList: async () => ({ kind: 'found', value }),
})

describe('a credential as issued', () => {
  test('is verified, every check passed', async () => {
    const report = await verify(jwt, { expectedIssuer: issuer.id })
    expect(report.result).toBe('verified')
    expect(report.checks.map((check) => check.id)).toEqual([
      'structure',
      'issuer',
      'algorithm',
      'key',
      'signature',
      'key-window',
      'claims',
      'validity',
      'status-list',
      'status',
    ])
    expect(new Set(report.checks.map((check) => check.outcome))).toEqual(new Set(['passed']))
    expect(report.credential?.['name']).toBe('Sårvård i hemmet')
  })

  test.each([undefined, 'JWT', 'vc+jwt', 'vc+ld+jwt'])('is accepted with typ %s', async (typ) => {
    expect((await verify(await resigned({}, typ === undefined ? {} : { typ }))).result).toBe('verified')
  })

  test('is refused for another expected issuer', async () => {
    const report = await verify(jwt, { expectedIssuer: 'https://bevis.example.org/institutions/sodersol' })
    expect(report.result).toBe('refused')
  })
})

describe('rotation and retirement', () => {
  test('leave old credentials verified, and new ones are signed with the new key', async () => {
    const own = await openWorld()
    const later = as<Instant>('2026-03-02T09:50:00.000Z')
    const before = await issued(own.keys, 'B-C1')
    const old = await keyAt(own.keys, now)
    await own.keys.rotate('norrsken', '2026-03-02T09:45:00.000Z')
    await own.keys.retire('norrsken', old.kid)
    const after = await issued(own.keys, 'B-C1', {
      content: content('B-C1', { issuedAt: later, validity: validityFrom(later, 36) }),
    })
    const fresh = await statusList(await keyAt(own.keys, '2026-03-02T09:50:00.000Z'), {
      at: '2026-03-02T09:50:00.000Z',
    })
    expect(after.kid).not.toBe(before.kid)
    for (const { compact } of [before, after]) {
      expect((await verifyCredential(compact, reach(own.keys, fresh))).result).toBe('verified')
    }
    await own.close()
  })

  test('make a key useless for documents dated outside its window', async () => {
    const ended = { ...(await world.keys.jwks('norrsken')).keys[0], exp: Date.parse('2026-02-01T00:00:00Z') / 1000 }
    const report = await verify(jwt, { resolveKeys: async () => ({ kind: 'found', value: [ended as never] }) })
    expect(outcomes(report)).toMatchObject({ signature: 'passed', 'key-window': 'failed' })
    expect(report.result).toBe('refused')
  })

  test('a key without a window leaves the question open', async () => {
    const [first] = (await world.keys.jwks('norrsken')).keys
    const { nbf: _, ...windowless } = first ?? { nbf: 0 }
    const report = await verify(jwt, { resolveKeys: async () => ({ kind: 'found', value: [windowless as never] }) })
    expect(report.result).toBe('could-not-verify')
  })
})

describe('a forged credential', () => {
  test('with one letter changed is refused, and nothing in it is believed', async () => {
    const [header, , signature] = jwt.split('.')
    const changed = `${header}.${b64({ ...part(jwt, 1), name: 'Läkarexamen' })}.${signature}`
    const report = await verify(changed)
    expect(report.result).toBe('refused')
    expect(outcomes(report)).toMatchObject({
      signature: 'failed',
      claims: 'could-not-check',
      status: 'could-not-check',
    })
    expect(report.credential).toBeUndefined()
  })

  test('without a signature algorithm is refused', async () => {
    const [, body] = jwt.split('.')
    for (const alg of ['none', 'None', 'HS256']) {
      const report = await verify(`${b64({ alg, kid: world.key.kid })}.${body}.AAAA`)
      expect(outcomes(report)).toMatchObject({ algorithm: 'failed', signature: 'could-not-check' })
      expect(report.result).toBe('refused')
    }
  })

  test('signed with a stranger’s key under our address is refused', async () => {
    const stranger = await generateKeyPair('ES256')
    const payload = new TextEncoder().encode(JSON.stringify(part(jwt, 1)))
    const forged = await new CompactSign(payload)
      .setProtectedHeader({ alg: 'ES256', kid: world.key.kid })
      .sign(stranger.privateKey)
    expect(outcomes(await verify(forged))).toMatchObject({ key: 'passed', signature: 'failed' })
  })

  test('that brings its key along is refused before the key is looked at', async () => {
    const stranger = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(stranger.publicKey)
    for (const extra of [{ jwk }, { jku: 'https://evil.example/keys' }, { x5c: ['AAAA'] }, { b64: true }]) {
      const payload = new TextEncoder().encode(JSON.stringify(part(jwt, 1)))
      const header = { alg: 'ES256', kid: world.key.kid, ...extra }
      const forged = await new CompactSign(payload).setProtectedHeader(header).sign(stranger.privateKey)
      expect(outcomes(await verify(forged))).toEqual({ structure: 'failed' })
    }
  })

  test('under another issuer’s name finds no key', async () => {
    const elsewhere = 'https://bevis.example.org/institutions/sodersol'
    const forged = await resigned({ issuer: { ...(part(jwt, 1)['issuer'] as Json), id: elsewhere }, iss: elsewhere })
    expect(outcomes(await verify(forged))).toMatchObject({ key: 'failed', signature: 'could-not-check' })
  })

  test('in a second spelling of the same bytes is refused', async () => {
    const [header = '', body = '', signature = ''] = jwt.split('.')
    for (const text of [
      `${jwt}=`,
      `${header}.${body}.${signature} `,
      `${header}.${body}`,
      `${jwt}.x`,
      '',
      '...',
      'x',
    ]) {
      expect((await verify(text)).result).toBe('refused')
    }
  })
})

describe('a signed document of another kind', () => {
  test.each(['bevis-event+jws', 'at+jwt', 'kb+jwt', 'openid4vci-proof+jwt', 'dc+sd-jwt'])(
    'typed %s is refused',
    async (typ) => {
      expect((await verify(await resigned({}, { typ }))).result).toBe('refused')
    },
  )

  test.each<[string, Json]>([
    ['with a nested vc claim', { vc: { type: ['VerifiableCredential'] } }],
    ['with a presentation', { vp: {} }],
    ['without the context of VCDM 2.0', { '@context': ['https://www.w3.org/2018/credentials/v1'] }],
    ['with a bare type', { type: 'VerifiableCredential' }],
    ['without an issuer', { issuer: { name: 'x' } }],
    ['with a day for a moment', { validFrom: '2026-03-02' }],
    ['with a list of subjects', { credentialSubject: [] }],
  ])('%s is refused as malformed', async (_, changes) => {
    expect(outcomes(await verify(await resigned(changes)))).toEqual({ structure: 'failed' })
  })
})

describe('a credential whose claims contradict it', () => {
  test.each<[string, Json]>([
    ['iss', { iss: 'https://bevis.example.org/institutions/sodersol' }],
    ['jti', { jti: 'urn:uuid:other' }],
    ['nbf', { nbf: 1 }],
    ['sub', { sub: 'urn:uuid:other' }],
    ['exp', { exp: 4_000_000_000 }],
  ])('in %s is refused', async (_, changes) => {
    const report = await verify(await resigned(changes))
    expect(outcomes(report)).toMatchObject({ signature: 'passed', claims: 'failed' })
    expect(report.result).toBe('refused')
  })

  test.each(['iss', 'jti', 'nbf', 'sub', 'exp'])('by leaving out %s is refused as a badge', async (claim) => {
    expect(outcomes(await verify(await resigned({ [claim]: undefined })))['claims']).toBe('failed')
    expect(outcomes(await verify(await resigned({ [claim]: undefined }, { typ: 'vc+jwt' })))['claims']).toBe('passed')
  })
})

describe('time', () => {
  test('before the credential begins or after it ended refuses it', async () => {
    expect(outcomes(await verify(jwt, { now: '2026-03-02T09:29:59.999Z' }))['validity']).toBe('failed')
    expect(outcomes(await verify(jwt, { now: '2029-03-02T09:30:00.000Z' }))['validity']).toBe('failed')
  })

  test('that cannot be read leaves the question open', async () => {
    expect(outcomes(await verify(jwt, { now: 'today' }))['validity']).toBe('could-not-check')
  })
})

describe('status', () => {
  test('revoked refuses', async () => {
    const report = await verify(jwt, withList(await statusList(world.key, { set: [94_567] })))
    expect(outcomes(report)).toMatchObject({ 'status-list': 'passed', status: 'failed' })
    expect(report.result).toBe('refused')
  })

  test('of a neighbour changes nothing', async () => {
    const report = await verify(jwt, withList(await statusList(world.key, { set: [94_566, 94_568] })))
    expect(report.result).toBe('verified')
  })

  test.each(['unreachable', 'not-found'] as const)('%s leaves the question open', async (kind) => {
    const report = await verify(jwt, { resolveStatusList: async () => ({ kind }) })
    expect(outcomes(report)).toMatchObject({ 'status-list': 'could-not-check', status: 'could-not-check' })
    expect(report.result).toBe('could-not-verify')
  })

  test('on an outdated list leaves the question open, even when the bit is clear', async () => {
    const report = await verify(jwt, { now: '2026-03-04T00:00:00.000Z' })
    expect(outcomes(report)).toMatchObject({ 'status-list': 'could-not-check', status: 'could-not-check' })
    expect(report.result).toBe('could-not-verify')
  })

  test('on a list that was tampered with refuses', async () => {
    const [header, , signature] = list.split('.')
    const payload = part(list, 1)
    const cleared = await encodeBits(bitsOf([1]))
    const subject = { ...(payload['credentialSubject'] as Json), encodedList: cleared }
    const report = await verify(
      jwt,
      withList(`${header}.${b64({ ...payload, credentialSubject: subject })}.${signature}`),
    )
    expect(outcomes(report)).toMatchObject({ 'status-list': 'failed', status: 'could-not-check' })
  })

  test.each([
    ['of another purpose', { purpose: 'suspension' as const }],
    ['of another address', { url: `${listUrl}0` }],
    ['of another issuer', { issuer: 'https://bevis.example.org/institutions/sodersol' }],
  ])('on a list %s refuses', async (_, changes) => {
    const report = await verify(jwt, withList(await statusList(world.key, changes)))
    expect(outcomes(report)).toMatchObject({ 'status-list': 'failed', status: 'could-not-check' })
  })

  test('on a credential that is no list refuses', async () => {
    expect(outcomes(await verify(jwt, withList(jwt)))['status-list']).toBe('failed')
    expect(outcomes(await verify(jwt, withList('x')))['status-list']).toBe('failed')
  })

  test('beyond the end of the list refuses', async () => {
    const entry = { ...(part(jwt, 1)['credentialStatus'] as Json), statusListIndex: '131072' }
    expect(outcomes(await verify(await resigned({ credentialStatus: entry })))['status']).toBe('failed')
  })

  test.each<[string, Json]>([
    ['a numeric index', { statusListIndex: 94_567 }],
    ['an index with a sign', { statusListIndex: '-1' }],
    ['another type', { type: '1EdTechRevocationList' }],
    ['its id equal to the list', { id: listUrl }],
    ['wider entries', { statusSize: 2 }],
  ])('with %s refuses', async (_, changes) => {
    const entry = { ...(part(jwt, 1)['credentialStatus'] as Json), ...changes }
    expect(outcomes(await verify(await resigned({ credentialStatus: entry })))['status']).toBe('failed')
  })

  test('that a credential does not name is not taken for valid', async () => {
    expect((await verify(await resigned({ credentialStatus: undefined }))).result).toBe('could-not-verify')
  })
})

describe('keys', () => {
  test('that cannot be fetched leave everything open', async () => {
    const report = await verify(jwt, { resolveKeys: async () => ({ kind: 'unreachable' }) })
    expect(report.result).toBe('could-not-verify')
    expect(outcomes(report)).toMatchObject({
      key: 'could-not-check',
      signature: 'could-not-check',
      status: 'could-not-check',
    })
  })

  test('of another kind or use are refused', async () => {
    const [first] = (await world.keys.jwks('norrsken')).keys
    for (const change of [{ use: 'enc' }, { kty: 'oct', k: 'AAAA' }, { crv: 'P-384' }]) {
      const report = await verify(jwt, {
        resolveKeys: async () => ({ kind: 'found', value: [{ ...first, ...change } as never] }),
      })
      expect(outcomes(report)['key']).toBe('failed')
    }
  })

  test('under an algorithm we do not check leave it open, not valid', async () => {
    const [, body, signature] = jwt.split('.')
    const report = await verify(`${b64({ alg: 'RS256', kid: world.key.kid })}.${body}.${signature}`)
    expect(outcomes(report)).toMatchObject({ algorithm: 'could-not-check', signature: 'could-not-check' })
    expect(report.result).toBe('could-not-verify')
  })
})

test('every answer is given in both languages', async () => {
  const reports = [await verify(jwt), await verify('x'), await verify(jwt, { now: '2035-01-01T00:00:00Z' })]
  for (const { because } of reports.flatMap((report) => report.checks)) {
    expect(because.sv.length * because.en.length).toBeGreaterThan(0)
  }
})
