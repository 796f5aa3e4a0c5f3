/** Each lint rule catches its own planted fault, and a sound document passes them all. */
import { describe, expect, test } from 'vitest'
import { type BadgeRequest, buildOpenBadge } from '#credentials/formats/open-badge.ts'
import { lint, lintRules } from '#credentials/lint/lint.ts'
import { as, type Band } from '#domain/words.ts'
import { content, documentBands, issuer, request } from './sample.ts'

type Loose = Record<string, unknown>

interface Planted {
  readonly what: string
  readonly band?: Band
  /** Changes the finished document. */
  readonly bend?: (document: ReturnType<typeof loose>) => void
  /** Changes what was asked for. */
  readonly ask?: Partial<BadgeRequest>
}

/** The document as plain JSON with the few places the faults are planted in. */
function loose(asked: BadgeRequest) {
  const document = JSON.parse(JSON.stringify(buildOpenBadge(asked)))
  return document as Loose & {
    issuer: Loose
    evidence: Loose[]
    credentialStatus: Loose
    credentialSubject: Loose & { achievement: Loose }
  }
}

function item(document: ReturnType<typeof loose>, genre: string): Loose {
  return document.evidence.find((one) => one['genre'] === genre) ?? {}
}

const planted: Readonly<Record<string, readonly Planted[]>> = {
  'no-foreign-claims': [
    { what: 'a nested credential', bend: (d) => (d['vc'] = {}) },
    { what: 'a claim of the signer', bend: (d) => (d['nbf'] = 1) },
    { what: 'a second proof', bend: (d) => (d['proof'] = { type: 'DataIntegrityProof' }) },
  ],
  contexts: [
    {
      what: 'a context from elsewhere',
      bend: (d) => (d['@context'] = [...(d['@context'] as []), 'https://x.example']),
    },
    {
      what: 'another version',
      bend: (d) => ((d['@context'] as string[])[1] = 'https://purl.imsglobal.org/spec/ob/v3p0/context.json'),
    },
  ],
  'required-members': [
    { what: 'no name', bend: (d) => delete d['name'] },
    { what: 'blank criteria', bend: (d) => (d.credentialSubject.achievement['criteria'] = { narrative: ' ' }) },
    { what: 'no status', bend: (d) => delete (d as Loose)['credentialStatus'] },
  ],
  'type-arrays': [
    { what: 'a bare type', bend: (d) => (d.issuer['type'] = 'Profile') },
    { what: 'another type', bend: (d) => (d.credentialSubject['type'] = ['Person']) },
    { what: 'a status with a list of types', bend: (d) => (d.credentialStatus['type'] = ['BitstringStatusListEntry']) },
  ],
  'strict-values': [
    { what: 'null', bend: (d) => (d.issuer['url'] = null) },
    { what: 'an empty list', bend: (d) => (d.credentialSubject['result'] = []) },
    { what: 'an empty text', bend: (d) => (d.issuer['url'] = '') },
    { what: 'a number beyond numbers', bend: (d) => (d.credentialSubject['creditsEarned'] = Number.NaN) },
  ],
  'known-terms': [
    { what: 'a word nobody defined', bend: (d) => (d['remark'] = 'x') },
    { what: 'a language outside a map', bend: (d) => (d.issuer['sv'] = 'x') },
  ],
  'subject-id': [
    { what: 'a person’s id', bend: (d) => (d.credentialSubject['id'] = 'urn:bevis:pers_1') },
    { what: 'no id', bend: (d) => delete d.credentialSubject['id'] },
    { what: 'a person’s id in a text', bend: (d) => (item(d, 'trail')['narrative'] = 'for pers_7h3k') },
  ],
  'status-entry': [
    { what: 'another slot', bend: (d) => (d.credentialStatus['statusListIndex'] = '1') },
    { what: 'a numeric index', bend: (d) => (d.credentialStatus['statusListIndex'] = 94_567) },
    { what: 'two entries', bend: (d) => ((d as Loose)['credentialStatus'] = [d.credentialStatus, d.credentialStatus]) },
    { what: 'a slot that cannot be', ask: { status: { list: `${issuer.id}/status-lists/1`, index: -1 } } },
  ],
  dates: [
    { what: 'fractions of a second', bend: (d) => (d['validFrom'] = '2026-03-02T09:30:00.450Z') },
    { what: 'a day alone', bend: (d) => (d['awardedDate'] = '2026-03-02') },
    { what: 'an end before the beginning', bend: (d) => (d['validUntil'] = '2025-01-01T00:00:00Z') },
    { what: 'an award after the issuance', bend: (d) => (d['awardedDate'] = '2026-03-03T00:00:00Z') },
    { what: 'another moment than asked for', bend: (d) => (d['validFrom'] = '2026-03-02T09:31:00Z') },
  ],
  'issuer-address': [
    { what: 'plain http', ask: { issuer: { ...issuer, id: 'http://bevis.example.org/institutions/norrsken' } } },
    { what: 'no address', ask: { issuer: { ...issuer, id: 'norrsken' } } },
    { what: 'another issuer', bend: (d) => (d.issuer['id'] = 'https://bevis.example.org/institutions/sodersol') },
  ],
  languages: [
    { what: 'a text in one language', bend: (d) => (d['nameByLanguage'] = { sv: 'x' }) },
    { what: 'two texts that differ', bend: (d) => (d['name'] = 'Något annat') },
  ],
  'annex-one': [
    { what: 'no learning outcomes', bend: (d) => delete d.credentialSubject.achievement['learningOutcome'] },
    { what: 'no type of assessment', bend: (d) => delete item(d, 'assessment')['assessmentType'] },
    { what: 'no form of participation', bend: (d) => delete item(d, 'participation')['participationType'] },
    { what: 'no workload', bend: (d) => (d.credentialSubject.achievement['workloadHours'] = 0) },
    { what: 'no quality assurance', bend: (d) => delete item(d, 'quality-assurance')['qualityAssurance'] },
    { what: 'nobody identified', bend: (d) => delete item(d, 'identity')['loaRoute'] },
    { what: 'no country', bend: (d) => delete d.issuer['address'] },
  ],
  'micro-credential': [
    {
      what: 'the word in D–E',
      band: 'D-E',
      bend: (d) => (d.credentialSubject.achievement['achievementType'] = 'MicroCredential'),
    },
    {
      what: 'the word missing in A',
      bend: (d) => (d.credentialSubject.achievement['achievementType'] = 'ext:Intyg'),
    },
    { what: 'D–E called assessed', band: 'D-E', bend: (d) => (item(d, 'assessment')['assessed'] = true) },
    { what: 'a document of band F', band: 'F' },
  ],
  'level-stated': [
    { what: 'another band', bend: (d) => (item(d, 'level')['assuranceLevel'] = 'B-C1') },
    {
      what: 'more than was computed',
      ask: { content: content('A', { assurance: { ...content('A').assurance, computed: 'B-C1' } }) },
    },
    { what: 'no supervision', bend: (d) => (d.evidence = d.evidence.filter((one) => one['genre'] !== 'supervision')) },
    { what: 'another trail', bend: (d) => (item(d, 'trail')['trailEntry'] = 'case_x:clearance:1') },
    {
      what: 'an approval left out',
      bend: (d) => (d.evidence = d.evidence.filter((one) => one['genre'] !== 'approval')),
    },
  ],
  'credited-loa': [
    { what: 'a higher LoA than credited', bend: (d) => (item(d, 'identity')['creditedLoa'] = 4) },
    { what: 'no route', bend: (d) => delete item(d, 'identity')['loaRoute'] },
    { what: 'another moment', bend: (d) => (item(d, 'identity')['loaMoment'] = '2026-03-01T00:00:00.000Z') },
  ],
  'test-marked': [
    {
      what: 'a mark taken off',
      ask: { content: content('A', { test: true }) },
      bend: (d) => (d['name'] = 'x'),
    },
    { what: 'a mark on the real thing', bend: (d) => (d['type'] = [...(d['type'] as []), 'TestCredential']) },
  ],
  'holder-name': [
    {
      what: 'a name in B–C1',
      band: 'B-C1',
      ask: { content: content('B-C1', { learner: { person: as('pers_1'), name: 'Testperson Beta' } }) },
    },
    { what: 'another name', bend: (d) => (d.credentialSubject['holderName'] = 'Testperson Gamma') },
    { what: 'the name in a text', bend: (d) => (item(d, 'identity')['narrative'] = 'Testperson Alfa visade pass.') },
  ],
  'no-personal-number': [
    { what: 'a personal number', bend: (d) => (item(d, 'identity')['narrative'] = 'Pass för 19811228-9874.') },
    { what: 'one in the short form', bend: (d) => (d.credentialSubject.achievement['humanCode'] = '811228-9874') },
    { what: 'a coordination number', bend: (d) => (item(d, 'trail')['narrative'] = 'nr 701063-2391') },
  ],
}

const cases = Object.entries(planted).flatMap(([rule, faults]) =>
  faults.map((fault) => [rule, fault.what, fault] as const),
)

describe('a sound document', () => {
  test.each(documentBands)('of band %s has no findings', (band) => {
    expect(lint(buildOpenBadge(request(band)), request(band))).toEqual([])
  })

  test('may be issued from this machine’s own address while developing', () => {
    const local = { id: 'http://127.0.0.1:8321/institutions/norrsken', institution: 'norrsken' }
    const asked = request('A', { issuer: local, status: { list: `${local.id}/status-lists/1`, index: 0 } })
    expect(lint(buildOpenBadge(asked), asked)).toEqual([])
  })
})

describe('the lint', () => {
  test.each(cases)('%s finds %s', (rule, _, { band = 'A', bend, ask = {} }) => {
    const asked = request(band, ask)
    const document = loose(asked)
    bend?.(document)
    const found = lint(document, asked).filter((finding) => finding.rule === rule)
    expect(found.length).toBeGreaterThan(0)
    for (const { clause, because } of found) expect([clause, because.sv, because.en]).not.toContain('')
  })

  test('has a planted fault for every rule', () => {
    expect(Object.keys(planted).toSorted()).toEqual(lintRules.map((rule) => rule.id).toSorted())
  })

  test('leaves numbers that only look long alone', () => {
    const asked = request('A')
    const document = loose(asked)
    item(document, 'trail')['narrative'] =
      '20260302-0000 811228-9873 5566778899001 urn:uuid:19811228-9874-8000-8000-198112289874'
    item(document, 'trail')['narrativeByLanguage'] = { sv: item(document, 'trail')['narrative'], en: 'x' }
    expect(lint(document, asked)).toEqual([])
  })
})
