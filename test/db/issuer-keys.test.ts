/** Published issuer keys: none is ever lost, and every change is in the institution's trail. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { type IssuerKey, publishIssuerKeys, readIssuerKeys } from '#db/issuer-keys.ts'
import type { Role } from '#db/rights.ts'
import { as, type Instant } from '#domain/words.ts'
import { type Ground, makeGround, north, south } from './ground.ts'

let ground: Ground
beforeEach(async () => {
  await ground?.dispose()
  ground = await makeGround()
})
afterAll(() => ground.dispose())

const within = <T>(work: (tx: Tx) => Promise<T>, role: Role = 'bevis_signing') =>
  inInstitution(ground.as(role), north, work)
const publish = (...rows: IssuerKey[]) => within((tx) => publishIssuerKeys(tx, rows))
const entries = () =>
  within(async (tx) => (await readTrail(tx, (await readInstitution(tx)).trail)).map((row) => parseLeaf(row.leaf)))
const key = (kid: string, rest: Partial<IssuerKey> = {}): IssuerKey => ({
  kid,
  jwk: { kty: 'EC', crv: 'P-256', x: kid, y: 'y' },
  alg: 'ES256',
  validFrom: as<Instant>('2026-01-01T00:00:00.000Z'),
  status: 'active',
  ...rest,
})
const retired = { status: 'retired', validUntil: as<Instant>('2026-06-01T00:00:00.000Z') } as const

describe('publishing keys', () => {
  test('makes them readable, and logs each once', async () => {
    await publish(key('k1'))
    await publish(key('k1'))
    expect(await within(readIssuerKeys, 'bevis_api')).toEqual([key('k1')])
    expect((await entries()).map(({ type, data }) => [type, data])).toEqual([
      ['key.created/1', { kid: 'k1', window: 'active:2026-01-01T00:00:00.000Z:open' }],
    ])
  })

  test('keeps the old key when a new one takes over, and says which followed which', async () => {
    await publish(key('k1'))
    const second = key('k2', { validFrom: as<Instant>('2026-05-01T00:00:00.000Z') })
    await publish(key('k1', retired), second)
    expect(await within(readIssuerKeys)).toEqual([key('k1', retired), second])
    expect((await entries()).map(({ type, data }) => [type, data])).toEqual([
      ['key.created/1', { kid: 'k1', window: 'active:2026-01-01T00:00:00.000Z:open' }],
      ['key.rotated/1', { kid: 'k2', previous: 'k1' }],
      ['key.created/1', { kid: 'k2', window: 'active:2026-05-01T00:00:00.000Z:open' }],
    ])
  })

  test('forgets none that is no longer named', async () => {
    await publish(key('k1'))
    await publish(key('k2'))
    expect((await within(readIssuerKeys)).map((one) => one.kid)).toEqual(['k1', 'k2'])
  })

  test('refuses another key under a known kid', async () => {
    await publish(key('k1'))
    await expect(publish(key('k1', { jwk: { kty: 'EC', x: 'forged' } }))).rejects.toMatchObject({ code: 'key-changed' })
    expect(await within(readIssuerKeys)).toEqual([key('k1')])
  })

  test('refuses to leave an institution without a key that signs', async () => {
    await publish(key('k1'))
    await expect(publish(key('k1', retired))).rejects.toMatchObject({ code: 'no-active-key' })
  })

  test('is the signing role’s alone, and each institution’s own', async () => {
    const attempt = within((tx) => publishIssuerKeys(tx, [key('k1')]), 'bevis_pipeline')
    await expect(attempt).rejects.toMatchObject({ cause: { code: '42501' } })
    await publish(key('k1'))
    expect(await inInstitution(ground.as('bevis_api'), south, readIssuerKeys)).toEqual([])
  })
})
