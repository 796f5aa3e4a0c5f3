/** Every row of the LoA table: what it credits, and what each missing condition costs. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentCheck, LoginAssertion } from '#domain/evidence.ts'
import { creditAtExamination, creditDocument, creditLogin, type LoaPolicy } from '#domain/policy/loa.ts'
import { loaTable, loaTableVersion, refedsMfa } from '#domain/policy/loa-table.ts'
import { as, type Instant, type Loa } from '#domain/words.ts'

const at = (text: string): Instant => as<Instant>(text)
const login = (facts: Partial<LoginAssertion>): LoginAssertion => ({
  issuer: 'https://idp.example.se',
  authTime: at('2026-11-20T08:00:00.000Z'),
  ...facts,
})

const elegnamnden = 'http://id.elegnamnden.se/loa/1.0/'
const swedenConnect = 'http://id.swedenconnect.se/loa/1.0/'
const swamid = 'http://www.swamid.se/policy/assurance/'
const refeds = 'https://refeds.org/assurance/'

interface Row {
  readonly row: string
  readonly facts: Partial<LoginAssertion>
  readonly policy?: LoaPolicy
  readonly loa: Loa
  /** What each fact is worth when it is not known: the fact and the level without it. */
  readonly without?: Partial<Record<keyof LoginAssertion | keyof LoaPolicy, Loa>>
}

/** Written from the standard, not from the table in the code. */
const rows: readonly Row[] = [
  {
    row: 'elegnamnden-loa4',
    facts: { acr: `${elegnamnden}loa4`, certified: [`${elegnamnden}loa4`] },
    loa: 4,
    without: { certified: 0 },
  },
  {
    row: 'swedenconnect-loa4-nonresident',
    facts: { acr: `${swedenConnect}loa4-nonresident`, personalNumber: false },
    loa: 4,
    without: { personalNumber: 0 },
  },
  {
    row: 'eidas-nf-high',
    facts: { acr: `${elegnamnden}eidas-nf-high`, connector: 'eidas' },
    loa: 4,
    without: { connector: 0 },
  },
  {
    row: 'eidas-high',
    facts: { acr: `${elegnamnden}eidas-high`, connector: 'eidas' },
    loa: 4,
    without: { connector: 0 },
  },
  {
    row: 'eidas-native-high',
    facts: { acr: 'http://eidas.europa.eu/LoA/high', connector: 'eidas' },
    loa: 4,
    without: { connector: 0 },
  },
  {
    row: 'eudi-pid',
    facts: { method: 'urn:eudi:pid:1', allowListed: true, statusValid: true, keyBinding: true },
    loa: 4,
    without: { allowListed: 0, statusValid: 0, keyBinding: 0 },
  },
  {
    row: 'eudi-pid',
    facts: { acr: 'urn:eudi:pid:se:2', allowListed: true, statusValid: true, keyBinding: true },
    loa: 4,
    without: { allowListed: 0, statusValid: 0, keyBinding: 0 },
  },
  {
    row: 'ida-eidas-high',
    facts: { trustFramework: 'eidas', assuranceLevel: 'high', signatureVerified: true, allowListed: true },
    loa: 4,
    without: { signatureVerified: 0, allowListed: 0, trustFramework: 0 },
  },
  {
    row: 'elegnamnden-loa3',
    facts: { acr: `${elegnamnden}loa3`, certified: ['loa3'] },
    loa: 3,
    without: { certified: 0 },
  },
  {
    row: 'swedenconnect-loa3-nonresident',
    facts: { acr: `${swedenConnect}loa3-nonresident`, personalNumber: false },
    loa: 3,
    without: { personalNumber: 0 },
  },
  {
    row: 'eidas-nf-sub',
    facts: { acr: `${elegnamnden}eidas-nf-sub`, connector: 'eidas' },
    loa: 3,
    without: { connector: 0 },
  },
  {
    row: 'eidas-sub',
    facts: { acr: `${elegnamnden}eidas-sub`, connector: 'eidas' },
    loa: 3,
    without: { connector: 0 },
  },
  { row: 'eidas-native-substantial', facts: { acr: 'http://eidas.europa.eu/LoA/substantial' }, loa: 3 },
  {
    row: 'uncertified-loa3',
    facts: { acr: `${swedenConnect}uncertified-loa3` },
    policy: { listedProviders: ['https://idp.example.se'] },
    loa: 3,
    without: { listedProviders: 2 },
  },
  { row: 'uncertified-eidas', facts: { acr: `${swedenConnect}uncertified-eidas-sub` }, loa: 3 },
  { row: 'uncertified-eidas', facts: { acr: `${swedenConnect}uncertified-eidas-high` }, loa: 3 },
  {
    row: 'swamid-al3',
    facts: { acr: refedsMfa, assurance: [`${swamid}al3`], certified: [`${swamid}al3`] },
    loa: 3,
    without: { acr: 2, certified: 2 },
  },
  { row: 'refeds-high', facts: { acr: refedsMfa, assurance: [`${refeds}IAP/high`] }, loa: 3, without: { acr: 2 } },
  {
    row: 'refeds-high',
    facts: { acr: refedsMfa, assurance: [`${refeds}profile/espresso`] },
    loa: 3,
    without: { acr: 2 },
  },
  {
    row: 'ida-eidas-substantial',
    facts: { trustFramework: 'eidas', assuranceLevel: 'substantial', allowListed: true },
    loa: 3,
    without: { allowListed: 0 },
  },
  {
    row: 'freja-plus',
    facts: { method: 'freja', assurance: ['registrationLevel=PLUS'], signatureVerified: true },
    loa: 3,
    without: { signatureVerified: 0, method: 0 },
  },
  {
    row: 'bankid-complete',
    facts: { method: 'bankid', acr: 'complete', signatureVerified: true },
    loa: 3,
    without: { signatureVerified: 0, method: 0 },
  },
  {
    row: 'federation-loa3',
    facts: { acr: 'http://id.sambi.se/loa/loa3', federationContract: true },
    loa: 3,
    without: { federationContract: 0 },
  },
  {
    row: 'federation-loa3',
    facts: { acr: 'http://id.skolfederation.se/loa/loa3', federationContract: true },
    loa: 3,
    without: { federationContract: 0 },
  },
  { row: 'swedish-loa2', facts: { acr: `${elegnamnden}loa2` }, loa: 2 },
  { row: 'swedish-loa2', facts: { acr: `${swedenConnect}loa2-nonresident` }, loa: 2 },
  {
    row: 'uncertified-loa2',
    facts: { acr: `${swedenConnect}uncertified-loa2` },
    policy: { acceptsUncertifiedLoa2: { decision: 'D 2026/7' } },
    loa: 2,
    without: { acceptsUncertifiedLoa2: 1 },
  },
  { row: 'swamid-al2', facts: { assurance: [`${swamid}al2`], certified: ['al2'] }, loa: 2, without: { certified: 0 } },
  { row: 'refeds-medium', facts: { assurance: [`${refeds}IAP/medium`] }, loa: 2 },
  { row: 'refeds-medium', facts: { assurance: [`${refeds}profile/cappuccino`] }, loa: 2 },
  {
    row: 'freja-extended',
    facts: { method: 'freja', assurance: ['registrationLevel=EXTENDED'] },
    loa: 2,
    without: { method: 0 },
  },
  { row: 'eidas-low', facts: { acr: `${elegnamnden}eidas-low` }, loa: 1 },
  { row: 'eidas-low', facts: { acr: `${elegnamnden}eidas-nf-low` }, loa: 1 },
  { row: 'eidas-low', facts: { acr: 'http://eidas.europa.eu/LoA/low' }, loa: 1 },
  {
    row: 'eidas-low',
    facts: { acr: `${swedenConnect}uncertified-eidas-low` },
    policy: { raisesEidasLow: { decision: 'D 2026/8' } },
    loa: 2,
    without: { raisesEidasLow: 1 },
  },
  { row: 'ida-eidas-low', facts: { trustFramework: 'eidas', assuranceLevel: 'low' }, loa: 1 },
  { row: 'eidas-not-notified-low', facts: { acr: 'http://eidas.europa.eu/NotNotified/LoA/low' }, loa: 1 },
  {
    row: 'eidas-not-notified-substantial',
    facts: { acr: 'http://eidas.europa.eu/NotNotified/LoA/substantial' },
    loa: 2,
  },
  { row: 'eidas-not-notified-high', facts: { acr: 'http://eidas.europa.eu/NotNotified/LoA/high' }, loa: 3 },
  { row: 'elegnamnden-loa1', facts: { acr: `${elegnamnden}loa1` }, loa: 1 },
  { row: 'swamid-al1', facts: { assurance: [`${swamid}al1`] }, loa: 1 },
  { row: 'swamid-al1', facts: { assurance: [`${refeds}IAP/low`] }, loa: 1 },
  { row: 'refeds-local-enterprise', facts: { assurance: [`${refeds}IAP/local-enterprise`] }, loa: 1 },
  {
    row: 'federated-login',
    facts: { method: 'swamid', signatureVerified: true },
    loa: 1,
    without: { signatureVerified: 0 },
  },
  {
    row: 'federated-login',
    facts: { method: 'edugain', signatureVerified: true },
    loa: 1,
    without: { signatureVerified: 0 },
  },
  { row: 'bare-account', facts: { method: 'verified-email' }, loa: 1 },
  { row: 'bare-account', facts: { method: 'lti-sub' }, loa: 1 },
]

const named = rows.map((one) => ({
  ...one,
  name: one.facts.acr ?? one.facts.assurance?.[0] ?? one.facts.method ?? one.row,
}))
const omissions = named.flatMap((one) =>
  Object.entries(one.without ?? {}).map(([fact, left]) => ({ ...one, fact, left })),
)

function drop<T extends object>(facts: T, fact: string): T {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => name !== fact)) as T
}

describe('the level of a login', () => {
  test.each(named)('$name is $loa by row $row', ({ facts, policy, loa, row }) => {
    expect(creditLogin(login(facts), policy)).toMatchObject({ loa, row, table: loaTableVersion })
  })

  test.each(omissions)('$name without $fact is $left', ({ facts, policy = {}, fact, left }) => {
    expect(creditLogin(login(drop(facts, fact)), drop(policy, fact)).loa).toBe(left)
  })

  test('every row of the table has a case here', () => {
    expect([...new Set(rows.map((one) => one.row))]).toEqual(loaTable.map((one) => one.id))
  })

  test('every condition of the table has its negative here', () => {
    const tested = new Map(rows.map((one) => [one.row, Object.keys(one.without ?? {}).length]))
    for (const { id, conditions } of loaTable) {
      const facts = conditions.filter((condition) => condition.kind !== 'no-assurance-values')
      expect(tested.get(id), id).toBeGreaterThanOrEqual(facts.length)
    }
  })

  test.each<[string, Partial<LoginAssertion>]>([
    ['nothing at all', {}],
    ['an unknown value', { acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password' }],
    ['another case', { acr: `${elegnamnden}LOA3`, certified: ['loa3'] }],
    ['a value with a tail', { acr: `${elegnamnden}loa3/`, certified: ['loa3'] }],
    ['a session class among the attributes', { assurance: [`${elegnamnden}loa3`], certified: ['loa3'] }],
    ['a certification for another level', { acr: `${elegnamnden}loa3`, certified: ['loa2'] }],
    ['a personal number at a non-resident value', { acr: `${swedenConnect}loa3-nonresident`, personalNumber: true }],
    [
      'a wallet type that only begins like one',
      { method: 'urn:eudi:pid:', allowListed: true, statusValid: true, keyBinding: true },
    ],
    ['a look-alike wallet type', { method: 'urn:eudi:pid:1x', allowListed: true, statusValid: true, keyBinding: true }],
    [
      'a federated login with values that are not listed',
      { method: 'swamid', signatureVerified: true, assurance: ['https://example.se/al9'] },
    ],
    ['multi-factor without any proofing', { acr: refedsMfa }],
    [
      'another trust framework',
      { trustFramework: 'de_aml', assuranceLevel: 'high', allowListed: true, signatureVerified: true },
    ],
  ])('%s is 0', (_, facts) => {
    expect(creditLogin(login(facts)).loa).toBe(0)
  })

  test('multi-factor named in amr only is not multi-factor in the session', () => {
    const facts = { assurance: [`${swamid}al3`], certified: ['al3'], amr: ['mfa', refedsMfa] }
    expect(creditLogin(login(facts)).loa).toBe(2)
  })

  test('of several values the highest row whose conditions hold counts', () => {
    const al3 = { assurance: [`${swamid}al1`, `${swamid}al2`, `${swamid}al3`, `${refeds}IAP/high`], certified: ['al2'] }
    expect(creditLogin(login(al3)).loa).toBe(2)
    expect(creditLogin(login({ ...al3, acr: refedsMfa }))).toMatchObject({ loa: 3, row: 'refeds-high' })
  })

  test('a decision without a reference raises nothing', () => {
    const low = login({ acr: 'http://eidas.europa.eu/LoA/low' })
    expect(creditLogin(low, { raisesEidasLow: { decision: ' ' } }).loa).toBe(1)
    expect(creditLogin(low, { raisesEidasLow: { decision: 'D 1' } }).because.en).toContain('by decision')
  })

  test('the institution may cap what is not known to be notified, and only that', () => {
    const policy = { capsEidasHigh: { decision: 'D 2' } }
    expect(creditLogin(login({ acr: `${elegnamnden}eidas-high`, connector: 'eidas' }), policy).loa).toBe(3)
    expect(creditLogin(login({ acr: `${elegnamnden}eidas-nf-high`, connector: 'eidas' }), policy).loa).toBe(4)
  })

  test('uncertified values and eIDAS low count at A and B–C1 only by decision', () => {
    const uncertified = login({ acr: `${swedenConnect}uncertified-eidas-sub` })
    expect(creditLogin(uncertified, {}, 'B-C1').loa).toBe(0)
    expect(creditLogin(uncertified, {}, 'C2-D').loa).toBe(3)
    expect(creditLogin(uncertified, { acceptsUncertifiedAtAllBands: { decision: 'D 3' } }, 'A').loa).toBe(3)
  })

  test('an issuer that is not entitled to send values is worth 0', () => {
    const known = login({ acr: `${elegnamnden}loa2` })
    expect(creditLogin(known, { entitledIssuers: ['https://other.example.se'] })).toMatchObject({
      loa: 0,
      row: 'unlisted',
    })
    expect(creditLogin(known, { entitledIssuers: [known.issuer] }).loa).toBe(2)
  })

  test('tells what is missing in both languages', () => {
    const { because } = creditLogin(login({ assurance: [`${swamid}al3`], certified: ['al3'] }))
    expect(because.sv).toContain('ingen multifaktorinloggning')
    expect(because.en).toContain('no multi-factor login')
  })
})

const conditionFacts = [
  'certified',
  'connector',
  'personalNumber',
  'allowListed',
  'signatureVerified',
  'keyBinding',
  'statusValid',
  'federationContract',
  'amr',
] as const
const values = loaTable.flatMap(({ match }) =>
  match.kind === 'value'
    ? match.values
    : match.kind === 'under'
      ? [`${match.namespace}1`]
      : match.kind === 'product'
        ? [match.value]
        : [],
)
const assertions = fc
  .record(
    {
      acr: fc.constantFrom(refedsMfa, ...values),
      assurance: fc.subarray(values, { maxLength: 4 }),
      certified: fc.subarray(['loa3', 'loa4', 'al2', 'al3', `${swamid}al3`]),
      connector: fc.constant('eidas' as const),
      personalNumber: fc.boolean(),
      allowListed: fc.boolean(),
      signatureVerified: fc.boolean(),
      keyBinding: fc.boolean(),
      statusValid: fc.boolean(),
      federationContract: fc.boolean(),
      method: fc.constantFrom('freja', 'bankid', 'swamid', 'urn:eudi:pid:1'),
      trustFramework: fc.constant('eidas'),
      assuranceLevel: fc.constantFrom('low', 'substantial', 'high'),
    },
    { requiredKeys: [] },
  )
  .map(login)

describe('whatever is asserted', () => {
  test('forgetting a known condition never raises the level', () => {
    fc.assert(
      fc.property(assertions, fc.constantFrom(...conditionFacts), (assertion, fact) => {
        expect(creditLogin(drop(assertion, fact)).loa).toBeLessThanOrEqual(creditLogin(assertion).loa)
      }),
      { numRuns: 2000 },
    )
  })

  test('forgetting the session class never raises the level of the other values', () => {
    fc.assert(
      fc.property(assertions, (assertion) => {
        expect(creditLogin(drop(assertion, 'acr')).loa).toBeLessThanOrEqual(creditLogin(assertion).loa)
      }),
      { numRuns: 1000 },
    )
  })

  test('no credit exceeds what its row gives', () => {
    fc.assert(
      fc.property(assertions, (assertion) => {
        const { loa, row } = creditLogin(assertion)
        expect(loa).toBeLessThanOrEqual(loaTable.find((one) => one.id === row)?.loa ?? 0)
      }),
    )
  })
})

describe('the level at an examination', () => {
  test('a login at 4 counts as 3 unless the person was there or used the wallet', () => {
    const four = creditLogin(login({ acr: `${elegnamnden}loa4`, certified: ['loa4'] }))
    expect(creditAtExamination(four, { inPerson: false })).toBe(3)
    expect(creditAtExamination(four, { inPerson: true })).toBe(4)
    const wallet = creditLogin(login({ acr: 'urn:eudi:pid:1', allowListed: true, statusValid: true, keyBinding: true }))
    expect(creditAtExamination(wallet, { inPerson: false })).toBe(4)
  })
})

const passport: DocumentCheck = {
  document: 'passport',
  country: 'SE',
  validUntil: at('2030-01-01T00:00:00.000Z'),
  manner: 'on-site',
  result: 'match',
  matchedAgainst: ['name', 'birth-date', 'register'],
}

describe('the level of a document check', () => {
  const occasion = at('2026-11-20T09:00:00.000Z')

  test.each([
    ['on-site', 3],
    ['video', 2],
    ['automatic', 1],
  ] as const)('%s is %i', (manner, loa) => {
    expect(creditDocument({ ...passport, manner }, occasion)).toMatchObject({ loa, row: `document-${manner}` })
  })

  test.each<[string, Partial<DocumentCheck>]>([
    ['that did not match', { result: 'no-match' }],
    ['that could not be checked', { result: 'could-not-check' }],
    ['that was no longer valid at the occasion', { validUntil: occasion }],
    ['that was compared with nothing', { matchedAgainst: [] }],
    ['that was compared with a claimed name only', { matchedAgainst: ['name'] }],
    ['of an unaccepted kind', { document: 'other' }],
  ])('%s is 0', (_, facts) => {
    expect(creditDocument({ ...passport, ...facts }, occasion).loa).toBe(0)
  })

  test('is judged at the occasion, not today', () => {
    const lapsed = { ...passport, validUntil: at('2026-11-21T00:00:00.000Z') }
    expect(creditDocument(lapsed, occasion).loa).toBe(3)
    expect(creditDocument(lapsed, at('2026-11-22T09:00:00.000Z')).loa).toBe(0)
  })
})
