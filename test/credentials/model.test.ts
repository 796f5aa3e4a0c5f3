/** VCDM 2.0, one MUST at a time: what a credential or a presentation may say, and each way of saying it wrong. */
import { describe, expect, test } from 'vitest'
import { buildOpenBadge } from '#credentials/formats/open-badge.ts'
import { judgeBadge } from '#credentials/model/badge.ts'
import { judgeCredential } from '#credentials/model/credential.ts'
import { linkedDataProblem } from '#credentials/model/linked-data.ts'
import { judgePresentation } from '#credentials/model/presentation.ts'
import { request } from './sample.ts'

type Json = Record<string, unknown>

const base = 'https://www.w3.org/ns/credentials/v2'
const sound: Json = {
  '@context': [base],
  type: ['VerifiableCredential'],
  issuer: 'did:example:issuer',
  credentialSubject: { id: 'did:example:subject' },
}
const rulesOf = (changes: Json) => judgeCredential({ ...sound, ...changes }).map(({ rule }) => rule)
const sha256 = 'uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k'
const sha384 = 'sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU'

describe('a credential may', () => {
  test.each<[string, Json]>([
    ['say no more than it must', {}],
    ['name further contexts, by URL or inline (§4.3)', { '@context': [base, 'https://a.example/c', { X: 'urn:x' }] }],
    ['have any URL as id (§4.4)', { id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33' }],
    ['have its one type as a word (§4.5)', { type: 'VerifiableCredential' }],
    [
      'be named in a language and a direction (§11.1)',
      { name: { '@value': 'a', '@language': 'ar', '@direction': 'rtl' } },
    ],
    ['be described in several (§4.6)', { description: [{ '@value': 'a', '@language': 'sv' }, { '@value': 'b' }] }],
    ['have an issuer with a name (§4.7)', { issuer: { id: 'https://a.example', name: 'A' } }],
    ['speak of several subjects (§4.8)', { credentialSubject: [{ id: 'urn:a' }, { name: 'b' }] }],
    [
      'begin and end in one moment, in two time zones (§4.9)',
      { validFrom: '2026-01-01T01:00:00+01:00', validUntil: '2026-01-01T00:00:00.000Z' },
    ],
    ['have a status without an id (§4.10)', { credentialStatus: { type: 'BitstringStatusListEntry' } }],
    [
      'have several schemas (§4.11)',
      {
        credentialSchema: [
          { id: 'urn:a', type: 'JsonSchema' },
          { id: 'urn:b', type: 'X' },
        ],
      },
    ],
    [
      'lean on resources with a digest that matches (§5.3)',
      { relatedResource: [{ id: base, digestSRI: sha384, mediaType: 'application/ld+json' }] },
    ],
    ['name the digest as multibase (§5.3)', { relatedResource: { id: base, digestMultibase: sha256 } }],
    [
      'lean on what is not held here (§5.3)',
      { relatedResource: { id: 'https://a.example/r', digestMultibase: sha256 } },
    ],
    [
      'be refreshed, bound by terms and evidenced (§5.4–5.6)',
      { refreshService: { type: 'R' }, termsOfUse: [{ type: 'T' }], evidence: { type: ['E'] } },
    ],
    ['have a member that an inline context defines (§5.2)', { '@context': [base, { mark: 'urn:mark' }], mark: 1 }],
  ])('%s', (_, changes) => {
    expect(rulesOf(changes)).toEqual([])
  })
})

describe('a credential must not', () => {
  test.each<[string, string, Json]>([
    ['be without context (§4.3)', 'context', { '@context': undefined }],
    ['have its context as a word (§4.3)', 'context', { '@context': base }],
    ['have another context first (§4.3)', 'context', { '@context': ['https://a.example/c', base] }],
    ['name a context that is no URL (§4.3)', 'context', { '@context': [base, 'https ://a.example'] }],
    ['name a number as context (§4.3)', 'context', { '@context': [base, 7] }],
    ['have null as id (§4.4)', 'id', { id: null }],
    ['have two ids (§4.4)', 'id', { id: ['urn:a', 'urn:b'] }],
    ['have an id that is no URL (§4.4)', 'id', { id: 'not a url' }],
    ['speak of a subject by two ids (§4.4)', 'id', { credentialSubject: { id: ['urn:a', 'urn:b'] } }],
    ['be without type (§4.5)', 'type', { type: undefined }],
    ['be of other types only (§4.5)', 'type', { type: ['AlumniCredential'] }],
    ['have a type that is no string (§4.5)', 'type', { type: ['VerifiableCredential', 2] }],
    ['have a name with more in it (§4.6)', 'text', { name: { '@value': 'a', '@language': 'en', url: 'urn:a' } }],
    ['have a name in no language (§11.1)', 'text', { name: { '@value': 'a', '@language': 7 } }],
    ['have a text of a third direction (§11.1)', 'text', { description: { '@value': 'a', '@direction': 'up' } }],
    ['have an issuer named by a number (§4.6)', 'text', { issuer: { id: 'urn:a', name: 7 } }],
    ['be without issuer (§4.7)', 'issuer', { issuer: undefined }],
    ['have null as issuer (§4.7)', 'issuer', { issuer: null }],
    ['have an issuer that is no URL (§4.7)', 'issuer', { issuer: 'somebody' }],
    ['have an issuer without id (§4.7)', 'issuer', { issuer: { name: 'A' } }],
    ['be about nobody (§4.8)', 'credentialSubject', { credentialSubject: undefined }],
    ['say nothing about its subject (§4.8)', 'credentialSubject', { credentialSubject: {} }],
    ['say nothing about one of them (§4.8)', 'credentialSubject', { credentialSubject: [{ id: 'urn:a' }, {}] }],
    ['begin on a day (§4.9)', 'validity', { validFrom: '2026-01-01' }],
    ['begin without a time zone (§4.9)', 'validity', { validFrom: '2026-01-01T00:00:00' }],
    ['end in a month that is none (§4.9)', 'validity', { validUntil: '2026-13-01T00:00:00Z' }],
    [
      'end before it begins (§4.9)',
      'validity',
      { validFrom: '2026-01-02T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' },
    ],
    ['have a status without type (§4.10)', 'credentialStatus', { credentialStatus: { id: 'urn:a' } }],
    ['have a status whose type is a number (§4.10)', 'credentialStatus', { credentialStatus: { type: 2 } }],
    ['have a status whose id is no URL (§4.4)', 'id', { credentialStatus: { id: 'a b', type: 'X' } }],
    ['have a schema without id (§4.11)', 'credentialSchema', { credentialSchema: { type: 'JsonSchema' } }],
    ['have a schema without type (§4.11)', 'credentialSchema', { credentialSchema: { id: 'urn:a' } }],
    ['have no schema in its list (§4.11)', 'credentialSchema', { credentialSchema: [] }],
    ['have a proof without type (§4.12)', 'proof', { proof: {} }],
    ['be refreshed by a service without type (§5.4)', 'refreshService', { refreshService: { id: 'urn:a' } }],
    ['be bound by terms without type (§5.5)', 'termsOfUse', { termsOfUse: [{ type: 'T' }, {}] }],
    ['have evidence without type (§5.6)', 'evidence', { evidence: [{ id: 'urn:a' }] }],
    ['lean on an address alone (§5.3)', 'relatedResource', { relatedResource: [base] }],
    ['lean on a resource without id (§5.3)', 'relatedResource', { relatedResource: { digestMultibase: sha256 } }],
    [
      'lean on one resource twice (§5.3)',
      'relatedResource',
      {
        relatedResource: [
          { id: base, digestSRI: sha384 },
          { id: base, digestSRI: sha384 },
        ],
      },
    ],
    ['lean on a resource without digest (§5.3)', 'relatedResource', { relatedResource: { id: base } }],
    [
      'lean on other content than was published (§5.3)',
      'relatedResource',
      { relatedResource: { id: base, digestMultibase: `u${'A'.repeat(43)}` } },
    ],
    [
      'lean on a digest of another length (§5.3)',
      'relatedResource',
      { relatedResource: { id: 'urn:a', digestSRI: 'sha384-AAAA' } },
    ],
    ['have a member nobody defined (§5.2)', 'top-member', { huh: 'what' }],
    ['carry a second one in a vc claim (VC-JOSE-COSE §3.1.3)', 'vc-claim', { vc: {} }],
  ])('%s', (_, rule, changes) => {
    expect(rulesOf(changes)).toContain(rule)
  })
})

describe('as linked data (VCDM 2.0 §5.2, JSON-LD safe mode)', () => {
  test('a sound credential and our own status vocabulary are', async () => {
    expect(await linkedDataProblem(sound)).toBeUndefined()
    expect(
      await linkedDataProblem({
        ...sound,
        '@context': [base, { X: 'https://a.example/#X' }],
        type: ['VerifiableCredential', 'X'],
      }),
    ).toBeUndefined()
  })

  test.each<[string, Json]>([
    ['a type without meaning', { type: ['VerifiableCredential', 'Unmapped'] }],
    ['a word without meaning inside the subject', { credentialSubject: { id: 'urn:a', shoeSize: 44 } }],
    ['a protected word redefined', { '@context': [base, { VerifiableCredential: 'https://a.example/#Bad' }] }],
    ['a context nobody holds', { '@context': [base, 'https://a.example/context'] }],
  ])('%s is none, and nothing is fetched', async (_, changes) => {
    expect(await linkedDataProblem({ ...sound, ...changes })).toEqual(expect.any(String))
  })
})

describe('a presentation', () => {
  const presentation: Json = { '@context': [base], type: ['VerifiablePresentation'] }
  const found = (changes: Json) => judgePresentation({ ...presentation, ...changes }).map(({ rule }) => rule)

  test.each<[string, Json]>([
    ['may be empty', {}],
    ['may name its holder by URL or object', { holder: { id: 'did:example:h' } }],
    ['may hold credentials', { verifiableCredential: [sound] }],
  ])('%s (§4.13)', (_, changes) => {
    expect(found(changes)).toEqual([])
  })

  test.each<[string, string, Json]>([
    ['be of another type', 'type', { type: ['VerifiableCredential'] }],
    ['be without context', 'context', { '@context': undefined }],
    ['name a holder that is no URL', 'holder', { holder: 'somebody' }],
    ['name a holder without id', 'holder', { holder: { name: 'A' } }],
    ['hold a credential as text', 'verifiableCredential', { verifiableCredential: ['a.b.c'] }],
    ['carry a vp claim', 'vc-claim', { vp: {} }],
  ])('must not %s (§4.13)', (_, rule, changes) => {
    expect(found(changes)).toContain(rule)
  })
})

describe('an achievement credential (Open Badges 3.0 §B.1)', () => {
  const badge = buildOpenBadge(request('A')) as unknown as Json

  test('as we issue it holds every rule of the data model and of badges', () => {
    expect([...judgeCredential(badge), ...judgeBadge(badge)]).toEqual([])
  })

  test.each<[string, string, Json]>([
    ['be without id', 'badge-members', { id: undefined }],
    ['be without a name', 'badge-members', { name: undefined }],
    ['have an issuer that is no Profile', 'badge-members', { issuer: 'https://a.example' }],
    ['be for nobody in particular', 'badge-subject', { credentialSubject: { type: ['AchievementSubject'] } }],
    ['have an empty list', 'badge-strict', { evidence: [] }],
    ['have a bare nested type', 'badge-strict', { evidence: [{ type: 'Evidence' }] }],
  ])('must not %s', (_, rule, changes) => {
    expect(judgeBadge({ ...badge, ...changes }).map((one) => one.rule)).toContain(rule)
  })
})
