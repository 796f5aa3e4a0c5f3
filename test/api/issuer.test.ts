import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compactVerify, createLocalJWKSet, importJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payloadOf, signPayload } from '#credentials/signing/compact.ts'
import { openKeyStore, type PublicKeyRow, type SigningKey } from '#credentials/signing/keys.ts'
import { signStatusList } from '#credentials/status/list-credential.ts'
import { inInstitution } from '#db/client.ts'
import { publishIssuerKeys } from '#db/issuer-keys.ts'
import { claimSlots, dueLists, setSlot, storePublished } from '#db/status-lists.ts'
import { as, type CredentialId, type Instant } from '#domain/words.ts'
import { type ApiWorld, createApiWorld, institution, publicUrl } from './world.ts'

const issuer = `${publicUrl}/institutions/${institution}`
/** On the second: windows of keys are told in whole seconds. */
const now = new Date(Math.floor(Date.now() / 1000) * 1000)
const hoursFromNow = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString()
const credential = as<CredentialId>('cred_test')

describe('an issuer’s documents', () => {
  let w: ApiWorld
  let dir: string
  let key: SigningKey
  let first: PublicKeyRow
  let list: string
  let slot: number
  beforeAll(async () => {
    w = await createApiWorld()
    dir = await mkdtemp(join(tmpdir(), 'bevis-api-keys-'))
    const store = openKeyStore({ dir, secret: new Uint8Array(32).fill(7), base: publicUrl })
    first = await store.createKey(institution, hoursFromNow(-48))
    const second = await store.rotate(institution, hoursFromNow(-24), 'EdDSA')
    const active = await store.activeKey(institution, now.toISOString())
    if (active === undefined) throw new Error('no key')
    key = active
    const rows = await store.publicKeys()
    await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
      await publishIssuerKeys(
        tx,
        rows.map(({ kid, jwk, alg, from, until }) => ({
          kid,
          jwk: { ...jwk },
          alg,
          validFrom: as<Instant>(from),
          ...(until === undefined ? {} : { validUntil: as<Instant>(until) }),
          status: kid === second.kid ? ('active' as const) : ('retired' as const),
        })),
      )
      const [claimed] = await claimSlots(tx, [credential])
      if (claimed === undefined) throw new Error('no slot')
      ;({ listId: list, slot } = claimed)
    })
    await publish()
  })
  afterAll(async () => {
    await rm(dir, { recursive: true })
    await w.dispose()
  })

  /** As the signing worker does it. */
  async function publish(): Promise<void> {
    await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
      for (const due of await dueLists(tx, as<Instant>(hoursFromNow(-1)))) {
        const signed = await signStatusList(
          {
            url: `${issuer}/status-lists/${due.id}`,
            issuer,
            purpose: 'revocation',
            set: due.set,
            at: hoursFromNow(-1),
            validUntil: hoursFromNow(24),
            ttl: 15_000,
          },
          key,
        )
        await storePublished(tx, { id: due.id, version: due.version, signed })
      }
    })
  }

  const sign = (changes: { validFrom?: string; issuer?: string } = {}) => {
    const document = {
      '@context': ['https://www.w3.org/ns/credentials/v2'],
      id: `${issuer}/credentials/${credential}`,
      type: ['VerifiableCredential'],
      issuer: { id: issuer, type: ['Profile'] },
      validFrom: hoursFromNow(-2),
      credentialSubject: { id: 'urn:test:subject', type: ['AchievementSubject'] },
      credentialStatus: {
        id: `${issuer}/status-lists/${list}#${slot}`,
        type: 'BitstringStatusListEntry',
        statusPurpose: 'revocation',
        statusListIndex: String(slot),
        statusListCredential: `${issuer}/status-lists/${list}`,
      },
      ...changes,
    }
    const of = changes.issuer ?? issuer
    const unsigned = { document, issuer: of, subject: document.credentialSubject.id }
    return signPayload(payloadOf(unsigned, 'ob3-jwt'), key, 'ob3-jwt')
  }
  const verify = async (body: object) => (await w.ask(undefined, '/v1/verify', { body })).json()

  test('the key set has old keys too, each with its window, and verifies what they sign', async () => {
    const response = await w.ask(undefined, `/institutions/${institution}/keys`)
    const set = (await response.json()) as { keys: Record<string, unknown>[] }
    expect(set.keys).toHaveLength(2)
    expect(set.keys.find(({ kid }) => kid === first.kid)).toMatchObject({
      exp: Math.floor(Date.parse(hoursFromNow(-24)) / 1000),
      use: 'sig',
    })
    expect(set.keys.some((one) => 'd' in one)).toBe(false)
    await expect(compactVerify(await sign(), createLocalJWKSet(set as never))).resolves.toBeDefined()
  })

  test('a kid is the address of its key', async () => {
    const path = key.kid.slice(publicUrl.length)
    const jwk = await (await w.ask(undefined, path)).json()
    await expect(compactVerify(await sign(), await importJWK(jwk as JWK))).resolves.toBeDefined()
    expect((await w.ask(undefined, `/institutions/sorsken/keys/${path.split('/').at(-1)}`)).status).toBe(404)
  })

  test('the status list is served as what it is, may be cached for seconds, and 304 is answered', async () => {
    const path = `/institutions/${institution}/status-lists/${list}`
    const response = await w.ask(undefined, path)
    expect(response.headers.get('content-type')).toBe('application/vc+jwt')
    expect(response.headers.get('cache-control')).toBe('public, max-age=15, must-revalidate')
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    expect((await response.text()).split('.')).toHaveLength(3)
    expect((await w.ask(undefined, path, { headers: { 'if-none-match': etag } })).status).toBe(304)
    expect((await w.ask(undefined, `/institutions/sorsken/status-lists/${list}`)).status).toBe(404)
  })

  test('a sound credential passes every check', async () => {
    const report = (await verify({ credential: await sign() })) as { result: string; checks: { outcome: string }[] }
    expect(report.checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
    expect(report.result).toBe('verified')
  })

  test('one dated into a window that was another key’s is refused', async () => {
    const credentialOfYesterday = await sign({ validFrom: hoursFromNow(-30) })
    expect(await verify({ credential: credentialOfYesterday })).toMatchObject({ result: 'refused' })
  })

  test('a foreign issuer is not asked, and never said to be valid', async () => {
    const foreign = await sign({ issuer: 'https://elsewhere.example/institutions/norrsken' })
    expect(await verify({ credential: foreign })).toMatchObject({ result: 'could-not-verify' })
    expect(await verify({ credential: await sign(), expectedIssuer: 'https://elsewhere.example' })).toMatchObject({
      result: 'refused',
    })
  })

  test('after its bit is set and the list published, it is refused', async () => {
    await inInstitution(w.open('bevis_signing'), institution, (tx) => setSlot(tx, credential))
    await publish()
    expect(await verify({ credential: await sign() })).toMatchObject({
      result: 'refused',
      checks: expect.arrayContaining([expect.objectContaining({ id: 'status', outcome: 'failed' })]),
    })
  })
})
