/** From event to fact: the contract carries everything a gate can ask, and no unknown person ever looks known. */
import { describe, expect, test } from 'vitest'
import type {
  AssessmentResult,
  Attendance,
  Completion,
  DocumentCheck,
  Evidence,
  IdentityEvidence,
  Incident,
  LoginAssertion,
  Participation,
  ProctoringReport,
  Source,
  Withdrawal,
} from '#domain/evidence.ts'
import { as, type EvidenceId, type OrganisationId, type PersonId } from '#domain/words.ts'
import type { IncomingEventOf, IncomingType } from '#events/catalogue.ts'
import type { PersonRef } from '#events/fields.ts'
import { actorsOf, type EvidenceContext, toEvidence } from '#events/to-evidence.ts'
import { example, exampleJson, now, parsed, validExamples } from './examples.ts'

const source: Source = {
  emitter: 'provtjanst',
  owner: { organisation: as<OrganisationId>('provtjanst') },
  signed: true,
}

function context(strangers: readonly string[] = []): EvidenceContext {
  return {
    id: as<EvidenceId>('evid_this'),
    source,
    resolve: ({ value }: PersonRef) => (strangers.includes(value) ? undefined : as<PersonId>(`pers_${value}`)),
    tag: ({ scheme }: PersonRef) => `${scheme}1`,
    creditLogin: ({ acr }) => ({ loa: acr === undefined ? 0 : 2, table: 'test' }),
    evidenceOf: (eventId) => as<EvidenceId>(`evid_${eventId}`),
  }
}

const incoming = validExamples.map(({ name }) => name).filter((name) => !/^(?:case|credential)\./.test(name))

describe('every event', () => {
  test.each(incoming)('%s keeps offering, attempt and occasion, and takes id and source from the register', (name) => {
    const { data } = exampleJson(name)
    const evidence = toEvidence(parsed(exampleJson(name)), context())
    expect(evidence).toMatchObject({ id: 'evid_this', source, offering: data['offering'], attempt: 1 })
    expect(evidence.occasion).toBe(data['occasion'])
  })

  test.each(incoming)('%s says nothing of references, names and joins in the fact itself', (name) => {
    const evidence = toEvidence(parsed(exampleJson(name)), context())
    for (const member of ['learner', 'achievement', 'group', 'personal', 'alsoKnownAs', 'replacedBy'])
      expect(evidence).not.toHaveProperty(member)
    expect(JSON.stringify(evidence)).not.toContain('"scheme"')
  })
})

describe('persons', () => {
  test('references become persons everywhere', () => {
    expect(toEvidence(parsed(exampleJson('assessment.recorded.v1.stations')), context())).toMatchObject({
      scorers: ['pers_C-501', 'pers_C-502'],
      items: [{ scores: [{ scorer: 'pers_C-501', points: 18 }, { scorer: 'pers_C-502' }] }, {}],
    })
    expect(toEvidence(parsed(exampleJson('proctoring.reported.v1.on-site')), context())).toMatchObject({
      invigilators: ['pers_V-71', 'pers_V-72'],
      identity: { checker: 'pers_V-71', check: { check: { checker: 'pers_V-71' } } },
    })
    expect(toEvidence(parsed(exampleJson('proctoring.reported.v1.online')), context())).toMatchObject({
      incidents: [{ finding: { by: 'pers_V-73' } }],
    })
    expect(toEvidence(parsed(exampleJson('identity.checked.v1.document')), context())).toMatchObject({
      liveMatch: { by: 'pers_V-71' },
    })
    expect(toEvidence(parsed(exampleJson('participation.recorded.v1.webinar')), context())).toMatchObject({
      attendance: { confirmedBy: 'pers_w-9001' },
    })
  })

  test('somebody unresolved is visibly unknown, also as scorer, checker and finder', () => {
    expect(toEvidence(parsed(exampleJson('assessment.recorded.v1.stations')), context(['C-501']))).toMatchObject({
      scorers: ['unknown:certus1', 'pers_C-502'],
    })
    expect(toEvidence(parsed(exampleJson('proctoring.reported.v1.online')), context(['V-73']))).toMatchObject({
      invigilators: ['unknown:provtjanst1'],
      incidents: [{ finding: { by: 'unknown:provtjanst1' } }],
    })
  })

  test('a list of teachers with an unknown one is no whole list', () => {
    const event = parsed(exampleJson('participation.recorded.v1.teaching'))
    expect(toEvidence(event, context())).toMatchObject({ teaching: { complete: true } })
    expect(toEvidence(event, context(['N-1004']))).toMatchObject({
      teaching: { teachers: ['pers_N-1002', 'unknown:anstallning1'], complete: false },
    })
  })

  test('two references of one person are one person', () => {
    const event = parsed(exampleJson('participation.recorded.v1.teaching'))
    const same = { ...context(), resolve: () => as<PersonId>('pers_one') }
    expect(toEvidence(event, same)).toMatchObject({ teaching: { teachers: ['pers_one'] } })
  })

  test('a batch can ask beforehand whom an event names', () => {
    const actors = actorsOf(parsed(exampleJson('proctoring.reported.v1.on-site')))
    expect(new Set(actors.map(({ value }) => value))).toEqual(new Set(['V-71', 'V-72']))
    expect(actorsOf(parsed(exampleJson('completion.recorded.v1')))).toEqual([])
  })
})

describe('logins and withdrawals', () => {
  test('the level of a login is computed here, never sent', () => {
    const event = parsed(exampleJson('identity.checked.v1.login'))
    expect(toEvidence(event, context())).toMatchObject({ check: { route: 'login', loa: 2, table: 'test' } })
    const json = exampleJson('identity.checked.v1.login')
    Object.assign(json.data['check'] as object, { loa: 4 })
    expect(() => parsed(json)).toThrow('unknown-member')
  })

  test('a roster stands on its login', () => {
    const json = exampleJson('identity.checked.v1.login')
    const { assertion } = json.data['check'] as { assertion: unknown }
    json.data['check'] = { route: 'roster', login: assertion }
    expect(toEvidence(parsed(json), context())).toMatchObject({ check: { route: 'roster', loa: 2, table: 'test' } })
  })

  test('a withdrawal names the fact, not the event', () => {
    expect(toEvidence(parsed(exampleJson('fact.withdrawn.v1')), context())).toMatchObject({
      kind: 'withdrawal',
      withdraws: 'evid_result-slb-2026-11-14-K-9001',
      at: '2026-11-16T08:00:00.000Z',
    })
    expect(now > '2026-11-16').toBe(true)
  })
})

/** Compile-time: whatever a fact can hold, an event can say. A member added to the domain alone stops the type check here. */
type Held<Fact extends Evidence> = Exclude<keyof Fact, 'kind' | 'id' | 'source'>
type Said<Type extends IncomingType> = Exclude<
  keyof IncomingEventOf<Type>['data'],
  'learner' | 'achievement' | 'group' | 'personal' | 'alsoKnownAs' | 'replacedBy'
>
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never

type Identity = IncomingEventOf<'org.beviskedja.identity.checked.v1'>['data']['check']
type Taking = IncomingEventOf<'org.beviskedja.participation.recorded.v1'>['data']
type Report = IncomingEventOf<'org.beviskedja.proctoring.reported.v1'>['data']

test('the contract mirrors the facts of the domain, member by member', () => {
  const mirrors: true[] = [
    true satisfies Same<Held<Completion>, Said<'org.beviskedja.completion.recorded.v1'>>,
    true satisfies Same<Held<IdentityEvidence>, Said<'org.beviskedja.identity.checked.v1'>>,
    true satisfies Same<Held<Participation>, Said<'org.beviskedja.participation.recorded.v1'>>,
    true satisfies Same<Held<AssessmentResult>, Said<'org.beviskedja.assessment.recorded.v1'>>,
    true satisfies Same<Held<ProctoringReport>, Said<'org.beviskedja.proctoring.reported.v1'>>,
    true satisfies Same<Held<Withdrawal>, Said<'org.beviskedja.fact.withdrawn.v1'>>,
    true satisfies Same<keyof LoginAssertion, keyof Extract<Identity, { route: 'login' }>['assertion']>,
    true satisfies Same<keyof DocumentCheck, keyof Extract<Identity, { route: 'document' }>['check']>,
    true satisfies Same<keyof Attendance, keyof NonNullable<Taking['attendance']>>,
    true satisfies Same<keyof Incident, keyof Report['incidents'][number]>,
  ]
  expect(mirrors).not.toContain(false)
  expect(example('completion.recorded.v1', 'org.beviskedja.completion.recorded.v1').data.attempt).toBe(1)
})
