/** What many credentials share is spelled and linted once; nothing may get past the lint by that, and no byte may differ. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from '#credentials/bytes.ts'
import { buildOpenBadge } from '#credentials/formats/open-badge.ts'
import { lint } from '#credentials/lint/lint.ts'
import { payloadOf } from '#credentials/signing/compact.ts'
import { type PrepareRequest, prepare } from '#credentials/signing/prepared.ts'
import { spell } from '#credentials/signing/spelling.ts'
import type { CredentialContent } from '#domain/credential/content.ts'
import { as } from '#domain/words.ts'
import { content, documentBands } from './sample.ts'
import { prepareRequest } from './world.ts'

/** Some are fit for any document, some for none, some for every learner but one. */
const words = fc.constantFrom(
  'Sårvård',
  'the holder’s "own" \\ words\n',
  'Testperson Alfa',
  'O"Neill \\ Ö',
  'pers_7h3k',
  'pers_other',
  'nr 19811228-9874',
  '',
  '\ud800',
  undefined as unknown as string,
)
const text = fc.record({ sv: words, en: words })

/** Somewhere in the parts that are alike, somewhere else, or nowhere. */
type Bend = (one: CredentialContent) => CredentialContent
const bent: fc.Arbitrary<Bend> = fc.oneof(
  fc.constant((one: CredentialContent) => one),
  text.map(
    (name): Bend =>
      (one) => ({ ...one, achievement: { ...one.achievement, name } }),
  ),
  text.map(
    (criteria): Bend =>
      (one) => ({ ...one, achievement: { ...one.achievement, criteria } }),
  ),
  text.map(
    (name): Bend =>
      (one) => ({ ...one, awardedBy: { ...one.awardedBy, name } }),
  ),
  text.map(
    (told): Bend =>
      (one) => ({ ...one, supervision: { ...one.supervision, text: told } }),
  ),
  text.map(
    (told): Bend =>
      (one) => ({ ...one, participation: { form: 'online', text: told } }),
  ),
  text.map(
    (prerequisites): Bend =>
      (one) => ({ ...one, prerequisites }),
  ),
  text.map(
    (heading): Bend =>
      (one) => ({ ...one, heading }),
  ),
  fc.constantFrom(12, 0, Number.NaN, undefined as unknown as number, null as unknown as number).map(
    (hours): Bend =>
      (one) => ({ ...one, workload: { hours } }),
  ),
  fc.constantFrom('sv', 'en').map(
    (language): Bend =>
      (one) => ({
        ...one,
        achievement: { ...one.achievement, languages: [language as 'sv' | 'en'] },
      }),
  ),
)

const requests: fc.Arbitrary<PrepareRequest> = fc
  .record({
    band: fc.constantFrom(...documentBands),
    bends: fc.array(bent, { maxLength: 2 }),
    person: fc.constantFrom('pers_7h3k', 'pers_other'),
    name: fc.constantFrom('Testperson Alfa', 'O"Neill \\ Ö'),
    format: fc.constantFrom('ob3-jwt', 'w3c-jose'),
  })
  .map(({ band, bends, person, name, format }) => {
    const learner = { person: as<CredentialContent['learner']['person']>(person), ...(band === 'A' ? { name } : {}) }
    const whole = bends.reduce((one, bend) => bend(one), content(band, { learner }))
    return prepareRequest(band, { content: whole, formats: [format as 'ob3-jwt' | 'w3c-jose'] })
  })

/** What the lint and plain JSON say of the whole document, with nothing remembered. */
function byItself(request: PrepareRequest) {
  const document = buildOpenBadge(request)
  const findings = lint(document, request)
  if (findings.length > 0) return { kind: 'lint', findings }
  const credential = { document, issuer: request.issuer.id, subject: document.credentialSubject.id }
  return { kind: 'prepared', digests: request.formats.map((format) => digestOf(payloadOf(credential, format))) }
}

function prepared(request: PrepareRequest) {
  const outcome = prepare(request)
  if (outcome.kind === 'lint') return outcome
  return { kind: 'prepared', digests: outcome.token.documents.map(({ digest }) => digest) }
}

describe('whatever was prepared before', () => {
  test('a document has the findings and the bytes that it has by itself', () => {
    fc.assert(
      fc.property(fc.array(requests, { minLength: 1, maxLength: 8 }), (list) => {
        for (const request of list) expect(prepared(request)).toEqual(byItself(request))
      }),
      { numRuns: 300 },
    )
  })

  test('JSON is spelled as everybody spells it, around whatever is known', () => {
    const members = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))
    fc.assert(
      fc.property(members, (document) => {
        const part = { document }
        const bytes = Buffer.from(JSON.stringify(part))
        const whole = { ...document, part, list: [part, [], {}, document] }
        expect(Buffer.from(spell(whole, (value) => (value === part ? bytes : undefined))).toString()).toBe(
          Buffer.from(JSON.stringify(whole)).toString(),
        )
      }),
    )
    expect(() => spell({ name: undefined }, () => undefined)).toThrow(TypeError)
  })

  test('a text that is fit for others is refused where it names the learner', () => {
    const told = { sv: 'Ledd av Testperson Alfa', en: 'Led by Testperson Alfa' }
    const led = (band: 'A' | 'E') =>
      prepare(prepareRequest(band, { content: content(band, { prerequisites: told }) })).kind
    expect([led('E'), led('A'), led('E')]).toEqual(['prepared', 'lint', 'prepared'])
  })

  test('a member without a value is refused, though the same text without it was sound', () => {
    const without = content('E', { workload: { hours: 93 } })
    expect(prepare(prepareRequest('E', { content: without })).kind).toBe('prepared')
    const gap = { ...without, stackable: undefined } as unknown as CredentialContent
    expect(prepare(prepareRequest('E', { content: gap })).kind).toBe('lint')
  })
})
