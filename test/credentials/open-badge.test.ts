/** The document itself: its shape for every band, and what it must and must not tell. */
import { Ajv2019 } from 'ajv/dist/2019.js'
import formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { ownTerms } from '#credentials/formats/context.ts'
import { buildOpenBadge, subjectId } from '#credentials/formats/open-badge.ts'
import { openBadgeSchema } from './open-badge-schema.ts'
import { achievement, content, documentBands, issuer, request } from './sample.ts'

const ajv = new Ajv2019({ allErrors: true, strict: false })
formats.default(ajv)
const validate = ajv.compile(openBadgeSchema)

const plain = (document: unknown) => JSON.parse(JSON.stringify(document))

describe('an Open Badge', () => {
  test.each(documentBands)('of band %s has the shape the standard demands', (band) => {
    validate(plain(buildOpenBadge(request(band))))
    expect(validate.errors).toBeNull()
  })

  test('of the barest achievement still has it', () => {
    const { credits, prerequisites, validForMonths, placement, ...bare } = achievement('E', { outcomes: [] })
    expect([credits, prerequisites, validForMonths, placement]).not.toContain(undefined)
    const { identity, ...assurance } = content('E').assurance
    const document = buildOpenBadge(request('E', { content: content('E', { achievement: bare, assurance }) }))
    validate(plain(document))
    expect(validate.errors).toBeNull()
    expect(document.evidence.find((item) => item.genre === 'identity')).toMatchObject({ creditedLoa: 0 })
    expect(identity?.loa).toBe(3)
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

  test('is issued at a whole second and ends whole months later', () => {
    const winter = request('A', { at: '2027-08-31T23:59:59.999Z' })
    const months = content('A', { achievement: achievement('A', { validForMonths: 6 }) })
    expect(buildOpenBadge({ ...winter, content: months })).toMatchObject({
      validFrom: '2027-08-31T23:59:59Z',
      validUntil: '2028-02-29T23:59:59Z',
    })
  })

  test('speaks the achievement’s first language and carries the other beside it', () => {
    const english = content('A', { achievement: achievement('A', { languages: ['en'] }) })
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
      supervisionType: 'onsite-with-identity-verification',
      independentExaminer: true,
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

  test('of a test achievement says so in names and type', () => {
    const tested = content('C2-D', { achievement: achievement('C2-D', { test: true }) })
    const document = buildOpenBadge(request('C2-D', { content: tested }))
    expect(document.type).toContain('TestCredential')
    expect(document.name).toBe('TEST – Sårvård i hemmet')
    expect(document.credentialSubject.achievement.name).toBe('TEST – Sårvård i hemmet')
  })

  test('says "not assessed" where outcomes were not, and calls itself an attestation', () => {
    const { achievement: earned } = buildOpenBadge(request('D-E')).credentialSubject
    expect(earned.achievementType).toBe('ext:Attestation')
    expect(earned.descriptionByLanguage.en).toContain('not assessed')
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
