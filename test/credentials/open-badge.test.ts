/** The document itself: its shape for every band, and what it must and must not tell. */
import { Ajv2019 } from 'ajv/dist/2019.js'
import formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { ownTerms } from '#credentials/formats/context.ts'
import { buildOpenBadge, subjectId } from '#credentials/formats/open-badge.ts'
import { lint } from '#credentials/lint/lint.ts'
import { validityFrom } from '#domain/credential/validity.ts'
import { as, type CredentialId } from '#domain/words.ts'
import { openBadgeSchema } from './open-badge-schema.ts'
import { content, documentBands, issuedAt, issuer, request } from './sample.ts'

const ajv = new Ajv2019({ allErrors: true, strict: false })
formats.default(ajv)
const validate = ajv.compile(openBadgeSchema)

const plain = (document: unknown) => JSON.parse(JSON.stringify(document))

describe('an Open Badge', () => {
  test.each(documentBands)('of band %s has the shape the standard demands', (band) => {
    validate(plain(buildOpenBadge(request(band))))
    expect(validate.errors).toBeNull()
  })

  test('of the barest content still has it', () => {
    const { prerequisites, participation, ...bare } = content('E', {
      outcomes: [],
      alignments: [],
      further: [],
      workload: { hours: 0 },
      validity: validityFrom(issuedAt, undefined),
      quality: { profiles: 'levels-1', bases: [] },
    })
    expect([prerequisites, participation]).not.toContain(undefined)
    const { identity, ...assurance } = bare.assurance
    const document = buildOpenBadge(request('E', { content: { ...bare, assurance } }))
    validate(plain(document))
    expect(validate.errors).toBeNull()
    expect(identity?.loa).toBe(3)
    expect(document.evidence.find((item) => item.genre === 'identity')).toMatchObject({ creditedLoa: 0 })
  })

  test('names the credential it stands in for by its address, in words the document defines itself', () => {
    const asked = request('A', { content: content('A', { replaces: as<CredentialId>('cred_before') }) })
    const document = buildOpenBadge(asked)
    validate(plain(document))
    expect(validate.errors).toBeNull()
    expect(document.evidence.at(-1)).toMatchObject({
      genre: 'replacement',
      replaces: `${asked.issuer.id}/credentials/cred_before`,
    })
    expect(document['@context'][2]).toMatchObject({ replaces: { '@type': '@id' } })
    expect(lint(document, asked)).toEqual([])
    // All others stay the bytes they were.
    expect(JSON.stringify(buildOpenBadge(request('A')))).not.toContain('replaces')
  })

  test('is the same for the same request, byte for byte', () => {
    expect(JSON.stringify(buildOpenBadge(request('A')))).toBe(JSON.stringify(buildOpenBadge(request('A'))))
  })

  test('names a subject of its own for every credential', () => {
    expect(subjectId('cred_a')).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
    expect(subjectId('cred_a')).not.toBe(subjectId('cred_b'))
  })

  test('is issued at a whole second and ends with its validity', () => {
    expect(buildOpenBadge(request('A'))).toMatchObject({
      validFrom: '2026-03-02T09:30:00Z',
      validUntil: '2029-03-02T09:30:00Z',
      awardedDate: '2026-03-02T09:30:00Z',
    })
  })

  test('speaks the achievement’s first language and carries the other beside it', () => {
    const english = content('A', { achievement: { ...content('A').achievement, languages: ['en'] } })
    const document = buildOpenBadge(request('A', { content: english }))
    expect(document).toMatchObject({
      name: 'Wound care at home',
      nameByLanguage: { sv: 'Sårvård i hemmet', en: 'Wound care at home' },
      issuer: { name: 'Norrsken University' },
      credentialSubject: { achievement: { inLanguage: 'en' } },
    })
  })

  test('says how it was assured: band, credited LoA with route and moment, supervision, examiner, approval, trail', () => {
    const { evidence } = buildOpenBadge(request('B-C1'))
    const told = Object.assign({}, ...evidence)
    expect(told).toMatchObject({
      assuranceLevel: 'B-C1',
      creditedLoa: 3,
      loaRoute: 'document-on-site',
      loaMoment: '2026-02-20T08:55:00.000Z',
      supervisionType: 'onsite-with-id',
      independentExaminer: true,
      independentRole: 'examiner',
      assessmentType: ['summative-practical', 'summative-written'],
      approval: [{ approverRole: 'examiner' }],
      trailEntry: 'case_aebagbafaydqqcik:clearance:2',
    })
  })

  test('aligns the SeQF level with the EQF level it is referenced to, and the band with its table', () => {
    const { alignment } = buildOpenBadge(request('A')).credentialSubject.achievement
    expect(alignment.map(({ targetType, targetCode }) => [targetType, targetCode])).toEqual([
      ['ext:NDQ', 'A'],
      ['ext:SeQF', '6'],
      ['ext:EQF', '6'],
    ])
  })

  test('names a standard without an address as a reference, not as an alignment', () => {
    const { frameworkReference } = buildOpenBadge(request('A')).credentialSubject.achievement
    expect(frameworkReference).toMatchObject([{ referenceType: 'ext:Standard', referenceCode: 'ws@2' }])
  })

  test('of a test achievement says so in names and type', () => {
    const tested = content('C2-D', { test: true })
    const document = buildOpenBadge(request('C2-D', { content: tested }))
    expect(document.type).toContain('TestCredential')
    expect(document.name).toBe('TEST – Sårvård i hemmet')
    expect(document.credentialSubject.achievement.name).toBe('TEST – Sårvård i hemmet')
  })

  test('says "not assessed" where outcomes were not, and never calls itself a micro-credential', () => {
    const { achievement: earned } = buildOpenBadge(request('D-E')).credentialSubject
    expect(earned.achievementType).toBe('ext:Intyg')
    expect(earned.descriptionByLanguage.en).toContain('Not assessed')
  })

  test('holds a name only in band A', () => {
    expect(JSON.stringify(buildOpenBadge(request('A')))).toContain('Testperson Alfa')
    expect(JSON.stringify(buildOpenBadge(request('B-C1')))).not.toContain('Testperson')
  })

  test('lives under its issuer’s address', () => {
    const document = buildOpenBadge(request('A'))
    expect(document.id.startsWith(`${issuer.id}/credentials/`)).toBe(true)
    expect(document.credentialSubject.achievement.id).toBe(`${issuer.id}/achievements/wound-care/3`)
  })
})

test('no word of ours takes the place of a standard’s own', () => {
  const standard = [
    'name',
    'narrative',
    'genre',
    'evidence',
    'achievement',
    'alignment',
    'result',
    'description',
    'term',
    'level',
  ]
  expect(standard.filter((word) => ownTerms.has(word))).toEqual([])
})
