/** What a credential says, from a whole case judged by the real rules. */
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import { type BuiltContent, buildContent, type CredentialContent, type Issuing } from '#domain/credential/content.ts'
import { type LevelFacts, levelFactsOf } from '#domain/credential/level-facts.ts'
import type { Evidence } from '#domain/evidence.ts'
import { computeLevel } from '#domain/level.ts'
import { levels } from '#domain/policy/levels.ts'
import { as, type Band, type DecisionId } from '#domain/words.ts'
import { achievement, approval, at, caseOf, exam, passport, person, report, taught } from './cases.ts'

const issuing: Issuing = { issuedAt: at('2026-11-20T10:00'), trail: 'trail-1', holderName: 'Example Holder' }

function factsOf(input: CaseInput): LevelFacts {
  return levelFactsOf(computeLevel(input, 'actual'), input.case.promised)
}

function contentOf(input: CaseInput, change: Partial<LevelFacts> = {}): CredentialContent {
  const built = buildContent(input, { ...factsOf(input), ...change }, issuing)
  if (built.kind !== 'content') throw new TypeError(JSON.stringify(built))
  return built.content
}

function lacking(built: BuiltContent): readonly number[] {
  return built.kind === 'lacks' ? built.lacks.map((one) => one.element) : []
}

const replaced = (input: CaseInput, fact: Evidence): CaseInput => ({
  ...input,
  evidence: input.evidence.map((one) => (one.id === fact.id ? fact : one)),
})

describe('the content of a credential', () => {
  test('states level, route and moment of the identification that was credited', () => {
    const { identity } = contentOf(caseOf('A')).assurance
    expect(identity).toMatchObject({ loa: 3, route: 'document-on-site', at: at('2026-11-10T09:05') })
    expect(identity?.text).toEqual({
      sv: 'LoA 3, id-handling kontrollerad på plats, 2026-11-10',
      en: 'LoA 3, document checked on site, 2026-11-10',
    })
  })

  test('prints the level credited, not the level demanded', () => {
    const { loa } = levels.byBand['C2-D']
    expect(loa.demand.atLeast).toBe(2)
    expect(contentOf(caseOf('C2-D')).assurance.identity?.loa).toBe(3)
  })

  test.each<[Band, string, string]>([
    ['A', 'mikromerit', 'MicroCredential'],
    ['C2-D', 'diplom', 'MicroCredential'],
    ['D-E', 'intyg', 'CertificateOfCompletion'],
    ['E', 'intyg', 'CertificateOfCompletion'],
  ])('band %s is a %s of type %s', (promised, term, type) => {
    expect(contentOf(caseOf(promised))).toMatchObject({ term, achievementType: type, assurance: { promised } })
  })

  test('a gathering has no word in Open Badges, so it is an extension', () => {
    const webinar = { ...taught, attendance: { ...(taught.attendance ?? neverAttended), activity: 'webinar' as const } }
    expect(contentOf(replaced(caseOf('E'), webinar)).achievementType).toBe('ext:Intyg')
  })

  test.each<Band>(['D-E', 'E'])('band %s says that it is not assessed, whatever was tested', (promised) => {
    expect(contentOf(caseOf(promised)).assessment).toEqual({
      assessed: false,
      types: [],
      text: { sv: 'Inte bedömd', en: 'Not assessed' },
    })
  })

  test('is issued as promised and tells what was computed', () => {
    const input = caseOf('C2-D', { approvals: caseOf('A').approvals.concat(caseOf('C2-D').approvals) })
    expect(contentOf(input)).toMatchObject({ term: 'diplom', assurance: { promised: 'C2-D', computed: 'A' } })
  })

  test('carries the holder’s name at A only', () => {
    expect(contentOf(caseOf('A')).learner).toEqual({ person: person('learner'), name: 'Example Holder' })
    expect(contentOf(caseOf('C2-D')).learner).toEqual({ person: person('learner') })
  })

  test('names no approver, scorer or teacher', () => {
    const text = JSON.stringify(contentOf(caseOf('A')))
    for (const id of ['reviewer', 'decider', 'scorer', 'teacher', 'invigilator'])
      expect(text).not.toContain(`pers_${id}`)
  })

  test('tells roles and moments of the approvals that count, earliest first', () => {
    expect(contentOf(caseOf('A')).assurance.approvals).toEqual([
      { role: 'external-reviewer', at: at('2026-11-18T10:00') },
      { role: 'decision-maker', at: at('2026-11-19T10:00') },
    ])
  })

  test('does not tell an approval of an older version', () => {
    const stale = { ...approval('examiner', 'examiner'), id: as<DecisionId>('deci_old'), evidenceVersion: 0 }
    const input = caseOf('C2-D')
    expect(contentOf({ ...input, approvals: [stale, ...input.approvals] }).assurance.approvals).toHaveLength(1)
  })

  test('marks TEST in the heading, in both languages', () => {
    const content = contentOf(caseOf('A', { achievement: { ...achievement, test: true } }))
    expect(content.test).toBe(true)
    expect(content.heading.sv).toContain('TEST')
    expect(content.heading.en).toContain('TEST')
  })

  test('tells level, credits, outcomes, workload, trail and validity', () => {
    expect(contentOf(caseOf('A'))).toMatchObject({
      placement: { applies: true, text: { sv: 'SeQF-nivå 6, enligt beslut' } },
      workload: { hours: 40, credits: { value: 1.5, unit: 'hp' } },
      outcomes: [{ id: 'lo-1' }, { id: 'lo-2' }],
      grades: [{ assessment: 'osce', value: 'G', scale: 'U-G' }],
      validity: { months: 24, until: at('2028-11-20T10:00') },
      trail: 'trail-1',
    })
  })

  test('aligns a Swedish placement with the European level and makes up no address', () => {
    const { alignments } = contentOf(caseOf('A'))
    expect(alignments.find((one) => one.type === 'ext:EQF')).toMatchObject({ url: 'http://data.europa.eu/snb/eqf/6' })
    expect(alignments.filter((one) => one.url !== undefined)).toHaveLength(1)
  })
})

const neverAttended = { activity: 'webinar', form: 'live', setting: 'online' } as const

describe('what is derived from evidence', () => {
  test('type of assessment: purposes and forms of the results relied upon', () => {
    expect(contentOf(caseOf('A')).assessment.text).toEqual({
      sv: 'Summativ (praktisk, muntlig); formativ (skriftlig)',
      en: 'Summative (practical, oral); formative (written)',
    })
  })

  test('a result nobody relied upon is not told', () => {
    expect(contentOf(caseOf('A'), { relied: [exam.id] }).assessment.types.map((type) => type.purpose)).toEqual([
      'summative',
    ])
  })

  test('form of participation: as reported, not as the achievement promises', () => {
    expect(achievement.participation).toBe('online')
    expect(contentOf(caseOf('A')).participation?.form).toBe('blended')
  })

  test('participation in several settings is blended', () => {
    const attendance = taught.attendance ?? neverAttended
    const onSite = { ...taught, attendance: { ...attendance, setting: 'on-site' as const } }
    const online = {
      ...taught,
      id: as<typeof taught.id>('evid_online'),
      attendance: { ...attendance, setting: 'online' as const },
    }
    const once = replaced(caseOf('A'), onSite)
    expect(contentOf(once).participation?.form).toBe('on-site')
    expect(contentOf({ ...once, evidence: [...once.evidence, online] }).participation?.form).toBe('blended')
  })

  test('quality assurance: what is valid when it is issued', () => {
    const input = caseOf('C2-D')
    const [mandate] = input.register.mandates
    const ended = {
      ...input.register,
      mandates: mandate === undefined ? [] : [{ ...mandate, until: at('2026-11-15T00:00') }],
    }
    expect(contentOf(input).quality.bases.map((one) => one.kind)).toEqual(['mandate', 'accreditation', 'syllabus'])
    expect(contentOf({ ...input, register: ended }).quality.bases.map((one) => one.kind)).toEqual([
      'accreditation',
      'syllabus',
    ])
  })

  test('an independent examiner is somebody who certainly did not teach', () => {
    const input = caseOf('C2-D')
    expect(contentOf(input).assurance.examiner).toMatchObject({ independent: true, role: 'examiner' })
    expect(contentOf(input, { approvals: [] }).assurance.examiner).toMatchObject({ independent: true, role: 'scorer' })
    const taughtByAll = {
      ...taught,
      teaching: { organisation: achievement.trains, teachers: [person('teacher'), person('scorer')], complete: true },
    }
    const examiner = contentOf(replaced(input, taughtByAll), { ...factsOf(input), approvals: [] }).assurance.examiner
    expect(examiner).toEqual({
      independent: false,
      text: { sv: 'Ingen oberoende examinator', en: 'No independent examiner' },
    })
  })

  test('with an unknown teacher list nobody is independent', () => {
    const unknown = {
      ...taught,
      teaching: { organisation: achievement.trains, teachers: [person('teacher')], complete: false },
    }
    const input = caseOf('C2-D')
    expect(contentOf(replaced(input, unknown), factsOf(input)).assurance.examiner.independent).toBe(false)
  })
})

describe('supervision and identity verification', () => {
  const supervisionOf = (change: Partial<typeof report>): string =>
    factsOf(replaced(caseOf('C2-D'), { ...report, ...change })).supervision

  test('on site with a checked document', () => {
    expect(supervisionOf({})).toBe('onsite-with-id')
  })

  test('online', () => {
    const environment = { platform: 'Proctor', approved: true, roomChecked: true, deviceChecked: true }
    const identity = {
      at: at('2026-11-10T09:05'),
      check: { route: 'document' as const, check: { ...passport, manner: 'video' as const } },
    }
    expect(supervisionOf({ setting: 'online', environment, identity })).toBe('supervised-online')
  })

  test('supervised, but nobody asked who it was', () => {
    const { identity: _, ...nobodyAsked } = report
    const input = replaced(caseOf('C2-D'), nobodyAsked)
    expect(factsOf(input).supervision).toBe('supervised-without-id')
  })

  test('an identity checked for somebody who was absent supervises nothing', () => {
    expect(supervisionOf({ attendance: 'unknown' })).toBe('unsupervised-without-id')
  })

  test('without a report', () => {
    const input = caseOf('D-E')
    const unwatched = { ...input, evidence: input.evidence.filter((one) => one.kind !== 'proctoring') }
    expect(factsOf(unwatched).supervision).toBe('unsupervised-without-id')
  })
})

describe('the mandatory elements of the EU recommendation', () => {
  const input = caseOf('A')
  const facts = factsOf(input)
  const withAchievement = (change: Partial<typeof achievement>) =>
    buildContent({ ...input, achievement: { ...achievement, ...change } }, facts, issuing)
  const body = (change: object): CaseInput => ({
    ...input,
    register: {
      ...input.register,
      organisations: input.register.organisations.map((one) =>
        one.id === achievement.awards ? { ...one, ...change } : one,
      ),
    },
  })
  const withoutParticipation = { ...input, evidence: input.evidence.filter((one) => one.kind !== 'participation') }
  const { syllabus: _, ...unplaced } = achievement
  const unassured = {
    ...input,
    achievement: unplaced,
    register: { ...input.register, mandates: [], accreditations: [] },
  }

  test.each<[number, string, BuiltContent]>([
    [1, 'without an identification', buildContent(input, { ...facts, credited: null }, issuing)],
    [
      1,
      'identified at level 0',
      buildContent(input, { ...facts, credited: { loa: 0, route: 'login', at: at('2026-11-10T09:00') } }, issuing),
    ],
    [1, 'without a name at A', buildContent(input, facts, { issuedAt: issuing.issuedAt, trail: 'trail-1' })],
    [2, 'without a title in Swedish', withAchievement({ name: { sv: ' ', en: 'Airway' } })],
    [3, 'without a country', buildContent(body({ country: 'Sverige' }), facts, issuing)],
    [4, 'without a named awarding body', buildContent(body({ name: { sv: '', en: '' } }), facts, issuing)],
    [
      4,
      'with an awarding body nobody knows',
      buildContent({ ...input, register: { ...input.register, organisations: [] } }, facts, issuing),
    ],
    [5, 'without a date', buildContent(input, facts, { ...issuing, issuedAt: as('') })],
    [6, 'without outcomes', withAchievement({ outcomes: [] })],
    [
      6,
      'with an empty outcome',
      withAchievement({ outcomes: [{ id: 'lo', type: 'skill', text: { sv: '', en: '' } }] }),
    ],
    [7, 'without a workload', withAchievement({ workloadHours: 0 })],
    [9, 'without a relied result', buildContent(input, { ...facts, relied: [] }, issuing)],
    [10, 'without reported participation', buildContent(withoutParticipation, facts, issuing)],
    [11, 'without mandate, accreditation or syllabus', buildContent(unassured, facts, issuing)],
  ])('%i is missed %s', (element, _how, built) => {
    expect(lacking(built)).toEqual([element])
  })

  test('level may be not applicable, with the reason', () => {
    const { placement: _placement, ...none } = achievement
    expect(contentOf({ ...input, achievement: none }, facts).placement).toEqual({
      applies: false,
      because: { sv: 'Inte nivåplacerad i SeQF eller EQF', en: 'Not placed in SeQF or EQF' },
    })
    const ended = {
      ...achievement,
      placement: {
        ...none,
        framework: 'SeQF',
        level: 6,
        basis: 'decision',
        reference: 'x',
        validUntil: at('2026-11-19T00:00'),
      } as const,
    }
    expect(contentOf({ ...input, achievement: ended }, facts).placement).toMatchObject({ applies: false })
    expect(contentOf({ ...input, achievement: ended }, facts).alignments.map((one) => one.type)).not.toContain(
      'ext:SeQF',
    )
  })

  test('are not demanded of an intyg', () => {
    const intyg = caseOf('E')
    const built = buildContent(
      { ...intyg, achievement: { ...intyg.achievement, workloadHours: 0 } },
      { ...factsOf(intyg), credited: null },
      issuing,
    )
    expect(built.kind).toBe('content')
  })
})

describe('where there is nothing to issue', () => {
  test('below the promise there is no content, and no lesser document either', () => {
    const input = caseOf('B-C1')
    expect(buildContent(input, factsOf(input), issuing)).toEqual({
      kind: 'below-promise',
      promised: 'B-C1',
      computed: 'C2-D',
    })
  })

  test('band F leads to no document', () => {
    const input = caseOf('F')
    expect(buildContent(input, factsOf(input), issuing)).toEqual({ kind: 'no-document' })
  })
})
