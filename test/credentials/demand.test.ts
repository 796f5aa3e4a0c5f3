import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judgeReport } from '#credentials/demand.ts'
import { buildOpenBadge } from '#credentials/formats/open-badge.ts'
import { statementsOf } from '#credentials/stated.ts'
import { type VerifyContext, verifyCredential } from '#credentials/verify.ts'
import type { Demand } from '#domain/credential/demand.ts'
import type { Band } from '#domain/words.ts'
import { content, documentBands, request } from './sample.ts'
import { issued, openWorld, reach, statusList, type World } from './world.ts'

const demand: Demand = [
  { member: 'seqf', least: 6 },
  { member: 'loa', least: 3 },
  { member: 'bands', among: ['A', 'B-C1'] },
]

let world: World
let list = ''
beforeAll(async () => {
  world = await openWorld()
  list = await statusList(world.key)
})
afterAll(() => world.close())

async function judged(compact: string, changes: Partial<VerifyContext> = {}) {
  return judgeReport(demand, await verifyCredential(compact, reach(world.keys, list, changes)))
}

const documentOf = (band: Band): Record<string, unknown> => structuredClone(buildOpenBadge(request(band)))

describe('a demand on a credential as issued', () => {
  test('is met by a genuine one that says enough', async () => {
    const { compact } = await issued(world.keys, 'A')
    expect(await judged(compact)).toMatchObject({
      result: 'met',
      clauses: [{ stated: 'SeQF 6' }, { stated: 'LoA 3' }, { stated: 'A' }],
    })
  })

  test('is not met by a band that is not among those demanded', async () => {
    const { compact } = await issued(world.keys, 'C2-D')
    expect(await judged(compact)).toMatchObject({
      result: 'not-met',
      clauses: [{ result: 'met' }, { result: 'met' }, { result: 'not-met', stated: 'C2-D' }],
    })
  })

  test('is never met when it was revoked, tampered with, or could not be verified', async () => {
    const { compact } = await issued(world.keys, 'A')
    const revoked = await statusList(world.key, { set: [request('A').status.index] })
    const [head, , signature] = compact.split('.')
    const forged = [head, Buffer.from('{"creditedLoa":4}').toString('base64url'), signature].join('.')
    const results = await Promise.all([
      judged(compact, { resolveStatusList: async () => ({ kind: 'found', value: revoked }) }),
      judged(forged),
      judged(compact, { resolveStatusList: async () => ({ kind: 'unreachable' }) }),
      judged(compact, { resolveKeys: async () => ({ kind: 'unreachable' }) }),
    ])
    expect(results.map(({ result }) => result)).toEqual(['not-met', 'not-met', 'could-not-check', 'could-not-check'])
    for (const { clauses } of results) expect(clauses.map(({ result }) => result)).not.toContain('met')
  })

  test('cannot be checked where the credential is placed in no framework', async () => {
    const { compact } = await issued(world.keys, 'A', { content: { ...content('A'), alignments: [] } })
    expect(await judged(compact)).toMatchObject({ result: 'could-not-check' })
  })
})

describe('what a credential says', () => {
  test.each(documentBands)('is read from our own documents of band %s', (band) => {
    expect(statementsOf(documentOf(band))).toEqual({ test: false, seqf: 6, loa: 3, band })
  })

  test('is nothing where the words are another issuer’s, however alike', () => {
    const foreign = { ...documentOf('A'), '@context': ['https://www.w3.org/ns/credentials/v2'] }
    expect(statementsOf(foreign)).toEqual({ test: false })
    const redefined = { ...documentOf('A') }
    redefined['@context'] = [...(redefined['@context'] as unknown[]), { creditedLoa: 'https://other.example/loa' }]
    expect(statementsOf(redefined)).toEqual({ test: false })
  })

  test('twice, differently, is not said', () => {
    const document = documentOf('A')
    const evidence = document['evidence'] as Record<string, unknown>[]
    const second = { ...evidence.find(({ genre }) => genre === 'identity'), creditedLoa: 4 }
    expect(statementsOf({ ...document, evidence: [...evidence, second] })).toEqual({ test: false, seqf: 6, band: 'A' })
  })

  test('by a test credential stands for nothing', async () => {
    const { compact } = await issued(world.keys, 'A', { content: { ...content('A'), test: true } })
    expect(await judged(compact)).toMatchObject({ result: 'not-met', because: { en: expect.stringContaining('test') } })
  })

  test('is read from any JSON without failing', () => {
    for (const odd of [{}, { '@context': 7, evidence: {} }, { type: null, credentialSubject: { achievement: [] } }])
      expect(statementsOf(odd)).toEqual({ test: false })
  })
})
