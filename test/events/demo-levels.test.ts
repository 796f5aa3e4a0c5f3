/** The demo register, the documented events and the level table fit: each achievement can reach the band it promises. */
import { expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import type { Evidence } from '#domain/evidence.ts'
import { computeLevel } from '#domain/level.ts'
import { levels } from '#domain/policy/levels.ts'
import { creditLogin } from '#domain/policy/loa.ts'
import type { Achievement } from '#domain/register.ts'
import { as, type CaseId, type EvidenceId, type Instant, type InstitutionId, type PersonId } from '#domain/words.ts'
import { kindOfType } from '#events/catalogue.ts'
import type { PersonRef } from '#events/fields.ts'
import { toEvidence } from '#events/to-evidence.ts'
import { demoRegister } from '../config/register-folder.ts'
import { exampleJson, now, parsed } from './examples.ts'

const register = demoRegister()
const offering = 'offering-1'
const occasion = 'occasion-1'

/** One fact: an example, who sends it, and what is different. */
type Sent = readonly [example: string, source: string, change?: object]

const staff = (number: string): PersonRef => ({ scheme: 'anstallning', value: number })
const taught = (organisation: string, teacher: PersonRef) => ({
  teaching: { organisation, teachers: [teacher], complete: true },
})
const attended = (activity: string, form: string, where: string) => ({
  attendance: { activity, form, setting: 'online', where },
})

const stations = exampleJson('assessment.recorded.v1.stations').data['items'] as object[]
const scoredBy = (scorer: PersonRef) => ({
  organisation: 'norrsken',
  scorers: [scorer],
  items: stations.map((station) => ({ ...station, scores: [{ scorer, points: 18 }] })),
})
const onlineExam = '2026-10-28T10:00:00+01:00'

const stories: readonly [achievement: string, learner: string, facts: readonly Sent[]][] = [
  [
    'steril-beredning',
    'learner_01',
    [
      ['completion.recorded.v1', 'branschregistret'],
      [
        'participation.recorded.v1.teaching',
        'branschregistret',
        taught('klinikskolan', { scheme: 'klinikskolan', value: 'K-11' }),
      ],
      [
        'assessment.recorded.v1.formative',
        'klinikskolan',
        { organisation: 'klinikskolan', controlled: true, scorers: [], outcomes: ['lr5'] },
      ],
      ['identity.checked.v1.document', 'provtjanst'],
      ['assessment.recorded.v1.stations', 'certus'],
      ['proctoring.reported.v1.on-site', 'provtjanst'],
    ],
  ],
  [
    'klinisk-bedomning',
    'learner_01',
    [
      ['completion.recorded.v1', 'canvas-norrsken'],
      ['participation.recorded.v1.teaching', 'bemanning'],
      ['identity.checked.v1.document', 'provtjanst'],
      ['assessment.recorded.v1.stations', 'osce-norrsken', scoredBy(staff('N-1011'))],
      ['proctoring.reported.v1.on-site', 'provtjanst'],
    ],
  ],
  [
    'handledning-i-varden',
    'learner_07',
    [
      ['completion.recorded.v1', 'canvas-norrsken'],
      ['participation.recorded.v1.teaching', 'bemanning', taught('norrsken', staff('N-1005'))],
      ['assessment.recorded.v1.formative', 'canvas-norrsken', { scorers: [staff('N-1005')] }],
      [
        'assessment.recorded.v1.formative',
        'canvas-norrsken',
        { purpose: 'summative', at: onlineExam, outcomes: ['lr1', 'lr2', 'lr3', 'lr4'], scorers: [staff('N-1010')] },
      ],
      ['identity.checked.v1.document', 'provtjanst', { at: '2026-10-28T08:50:00+01:00' }],
      ['proctoring.reported.v1.online', 'provtjanst'],
    ],
  ],
  [
    'etik-webbinarium',
    'learner_09',
    [
      ['completion.recorded.v1', 'webb'],
      ['participation.recorded.v1.webinar', 'webb'],
      ['identity.checked.v1.login', 'webb'],
    ],
  ],
  [
    'validering-information',
    'learner_10',
    [
      ['completion.recorded.v1', 'webb'],
      ['participation.recorded.v1.webinar', 'webb', attended('information-session', 'live', 'Campus Norr')],
    ],
  ],
  [
    'hygien-inspelning',
    'learner_11',
    [
      ['completion.recorded.v1', 'resurs'],
      ['participation.recorded.v1.webinar', 'resurs', attended('recording', 'access', 'hygien-2026-01')],
    ],
  ],
  [
    'test-merit',
    'learner_10',
    [
      ['completion.recorded.v1', 'webb'],
      ['participation.recorded.v1.webinar', 'webb', attended('information-session', 'live', 'Campus Norr')],
    ],
  ],
]

function factOf([name, source, change = {}]: Sent, achievement: Achievement, index: number): Evidence {
  const json = exampleJson(name)
  const atExam = name.startsWith('assessment') || name.startsWith('identity') || name.startsWith('proctoring')
  delete json.data['occasion']
  const joined = { achievement: achievement.id, offering, ...(atExam ? { occasion } : {}) }
  const event = parsed({ ...json, source, data: { ...json.data, ...joined, ...change } })
  const emitter = register.emitters.find(({ id }) => id === source)
  if (emitter === undefined) throw new Error(`no emitter ${source}`)
  expect(emitter.kinds, source).toContain(kindOfType(event.type))
  expect(emitter.achievements ?? [achievement.id], source).toContain(achievement.id)
  return toEvidence(event, {
    id: as<EvidenceId>(`evid_${index}`),
    source: { emitter: source, owner: emitter.owner, signed: emitter.signed === 'required' },
    resolve: personBehind,
    tag: () => 'x',
    creditLogin: (assertion) => creditLogin(assertion, register.institution.loaPolicy),
    evidenceOf: (id) => as<EvidenceId>(id),
  })
}

function personBehind({ scheme, value }: PersonRef): PersonId | undefined {
  return register.people.find(({ references }) =>
    references.some((each) => each.scheme === scheme && each.value === value),
  )?.id
}

function inputOf(achievement: Achievement, learner: string, evidence: readonly Evidence[]): CaseInput {
  const institution = as<InstitutionId>('norrsken')
  return {
    case: {
      id: as<CaseId>('case_demo'),
      institution,
      learner: as<PersonId>(`pers_${learner}`),
      offering,
      attempt: 1,
      occasion,
      openedAt: as<Instant>('2026-11-14T17:00:00.000Z'),
      promised: achievement.band,
      evidenceVersion: 1,
    },
    achievement,
    profiles: levels,
    evidence,
    register: { ...register, institution, persons: register.people },
    approvals: [],
    now,
  }
}

function achievementOf(id: string): Achievement {
  const found = register.achievements.find((each) => each.id === id)
  if (found === undefined) throw new Error(`no achievement ${id}`)
  return found
}

test('each achievement has its story', () => {
  expect(stories.map(([id]) => id).toSorted()).toEqual(register.achievements.map(({ id }) => id).toSorted())
})

test.each(stories)(
  '%s reaches the band it promises, by events of emitters that may report them',
  (id, learner, facts) => {
    const achievement = achievementOf(id)
    const evidence = facts.map((fact, index) => factOf(fact, achievement, index))
    expect(computeLevel(inputOf(achievement, learner, evidence), 'assumed').level).toBe(achievement.band)
  },
)

test('the same proctoring and identity from the course’s own examination room do not carry B–C1', () => {
  const achievement = achievementOf('klinisk-bedomning')
  const facts = stories.find(([id]) => id === achievement.id)?.[2] ?? []
  const own = facts.map(
    ([name, source, change]): Sent => [name, source === 'provtjanst' ? 'provsal-omvardnad' : source, change ?? {}],
  )
  const evidence = own.map((fact, index) => factOf(fact, achievement, index))
  expect(computeLevel(inputOf(achievement, 'learner_01', evidence), 'assumed').level).not.toBe('B-C1')
})
