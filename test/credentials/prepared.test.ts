/** No signature without preparation: every way around `prepare` is tried here and leads nowhere. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { issue } from '#credentials/signing/issue.ts'
import { type Prepared, prepare } from '#credentials/signing/prepared.ts'
import { validityFrom } from '#domain/credential/validity.ts'
import { as, type Instant } from '#domain/words.ts'
import { content, issuer } from './sample.ts'
import { caseId, issued, openWorld, prepareRequest, token, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const expected = { institution: 'norrsken', caseId }
const refused = (code: string) => ({ kind: 'refused', code })

describe('a prepared document', () => {
  test('is signed once in each format, as announced', async () => {
    const prepared = token('B-C1')
    const outcome = await issue(prepared, world.keys, expected)
    expect(outcome).toMatchObject({ kind: 'issued', documents: [{ format: 'ob3-jwt', kid: world.key.kid }] })
    const [document] = outcome.kind === 'issued' ? outcome.documents : []
    const payload = Buffer.from(document?.compact.split('.')[1] ?? '', 'base64url')
    expect(document?.digest).toBe(prepared.documents[0]?.digest)
    expect(document?.digest).toBe(createHash('sha256').update(payload).digest('base64url'))
  })

  test('has a header of algorithm and key address only', async () => {
    const { compact } = await issued(world.keys, 'A')
    const header = JSON.parse(Buffer.from(compact.split('.')[0] ?? '', 'base64url').toString())
    expect(header).toEqual({ alg: 'ES256', kid: world.key.kid })
  })

  test('repeats its members in the registered claims and has no vc claim', async () => {
    const { compact } = await issued(world.keys, 'A')
    const payload = JSON.parse(Buffer.from(compact.split('.')[1] ?? '', 'base64url').toString())
    expect(payload).toMatchObject({
      iss: issuer.id,
      jti: payload.id,
      sub: payload.credentialSubject.id,
      nbf: Date.parse('2026-03-02T09:30:00Z') / 1000,
      exp: Date.parse('2029-03-02T09:30:00Z') / 1000,
    })
    expect(payload).not.toHaveProperty('vc')
  })

  test('announces the same digest when it is prepared again after a crash', () => {
    expect(token('A').documents).toEqual(token('A').documents)
  })

  test('with a finding is not prepared', () => {
    const wrong = content('D-E', { achievementType: 'MicroCredential' })
    const outcome = prepare(prepareRequest('D-E', { content: wrong }))
    expect(outcome.kind === 'lint' && outcome.findings.map((finding) => finding.rule)).toContain('micro-credential')
  })
})

describe('a signature is refused', () => {
  test('the second time a token is shown', async () => {
    const prepared = token('A')
    await issue(prepared, world.keys, expected)
    expect(await issue(prepared, world.keys, expected)).toEqual(refused('not-prepared'))
  })

  test('to two at once: only one gets it', async () => {
    const prepared = token('A')
    const both = await Promise.all([issue(prepared, world.keys, expected), issue(prepared, world.keys, expected)])
    expect(both.map((outcome) => outcome.kind).toSorted()).toEqual(['issued', 'refused'])
  })

  test('for whatever was not made by prepare', async () => {
    const real = token('A')
    const lookAlikes: Prepared[] = [
      { ...real },
      Object.create(real) as Prepared,
      structuredClone(real),
      JSON.parse(JSON.stringify(real)) as Prepared,
      new Proxy(real, {}),
    ]
    for (const forged of lookAlikes) expect(await issue(forged, world.keys, expected)).toEqual(refused('not-prepared'))
    expect(await issue(real, world.keys, expected)).toMatchObject({ kind: 'issued' })
  })

  test('for another case or institution, and the token is spent', async () => {
    const first = token('A')
    expect(await issue(first, world.keys, { ...expected, caseId: 'case_other' })).toEqual(refused('other-case'))
    expect(await issue(first, world.keys, expected)).toEqual(refused('not-prepared'))
    expect(await issue(token('A'), world.keys, { ...expected, institution: 'sodersol' })).toEqual(
      refused('other-issuer'),
    )
  })

  test('with a key published elsewhere', async () => {
    const elsewhere = { id: 'https://other.example.org/institutions/norrsken', institution: 'norrsken' }
    expect(await issue(token('A', { issuer: elsewhere }), world.keys, expected)).toEqual(refused('other-issuer'))
  })

  test('with a key of another institution', async () => {
    const lent = { activeKey: async () => ({ ...world.key, institution: 'sodersol' }) }
    expect(await issue(token('A'), lent, expected)).toEqual(refused('other-issuer'))
  })

  test('at a time no key covers', async () => {
    const early = as<Instant>('2025-12-31T23:00:00.000Z')
    const dated = content('A', { issuedAt: early, validity: validityFrom(early, 36) })
    expect(await issue(token('A', { content: dated }), world.keys, expected)).toEqual(refused('no-key'))
  })
})

test('a token cannot be changed after it was checked', () => {
  const prepared = token('A')
  expect(Object.isFrozen(prepared) && Object.isFrozen(prepared.documents)).toBe(true)
  expect(Object.keys(prepared)).not.toContain('payload')
})
