/** One case per band, "as promised", and small changes of it. Each fixture reaches exactly its band. */
import type { Approval, CaseInput } from '#domain/case.ts'
import type { Evidence } from '#domain/evidence.ts'
import { levels } from '#domain/policy/levels.ts'
import type { Achievement, RegisterView } from '#domain/register.ts'
import type { Band, EvidenceId, PersonId } from '#domain/words.ts'
import {
  attendance,
  completion,
  formative,
  online,
  onSite,
  osce,
  outcomes,
  session,
  teaching,
  written,
} from './facts.ts'
import {
  at,
  caseOf,
  certifier,
  days,
  decider,
  examiner,
  leader,
  register,
  reviewer,
  school,
  sources,
  unit,
  university,
} from './world.ts'

const says = (text: string) => ({ sv: text, en: text })

const course: Achievement = {
  id: 'steril-beredning',
  version: 1,
  band: 'B-C1',
  name: says('Steril beredning'),
  description: says('Kurs'),
  criteria: says('Godkänd examination'),
  outcomes: outcomes.map((id, index) => ({ id, text: says(id), type: index < 3 ? 'knowledge' : 'skill' })),
  structured: true,
  method: says('Skriftligt prov och OSCE'),
  credits: { value: 3, unit: 'hp' },
  workloadHours: 80,
  courseDescription: { reference: 'kurs-1' },
  syllabus: { reference: 'plan-1', establishedBy: university, establishedAt: at('2026-01-15') },
  trains: university,
  examines: university,
  awards: university,
  owner: { organisation: university, unit: unit('norrsken/course') },
  participation: 'blended',
  languages: ['sv'],
  stackable: false,
  test: false,
}

const frame = (promised: Band, more: Partial<Achievement>): Omit<CaseInput, 'evidence' | 'approvals'> => ({
  case: caseOf(promised),
  achievement: { ...course, band: promised, ...more },
  profiles: levels,
  register,
  now: days.now,
})

export const approval = (person: PersonId, role: Approval['role'], more: Partial<Approval> = {}): Approval => ({
  id: `deci_${role}_${person}` as Approval['id'],
  person,
  role,
  outcome: 'approve',
  at: days.approved,
  loa: 3,
  evidenceVersion: 3,
  seen: 'digest',
  ...more,
})

const parts = [
  { id: 'part-1', compulsory: true, attended: true },
  { id: 'part-2', compulsory: false, attended: false },
] as const

const standard = { id: 'std-steril', version: '2' } as const

/** A school trains, the sector's certifier examines and awards. */
function bandA(): CaseInput {
  const byCertifier = { organisation: certifier, source: sources.certifier, standard }
  return {
    ...frame('A', {
      trains: school,
      examines: certifier,
      awards: certifier,
      owner: { organisation: school, unit: unit('skolan/course') },
      syllabus: { reference: 'plan-1', establishedBy: certifier, establishedAt: at('2026-01-15') },
      standard: { ...standard, name: says('Steril beredning') },
      placement: { framework: 'SeQF', level: 6, basis: 'decision', reference: 'MYH 1' },
    }),
    evidence: [
      completion(sources.school),
      teaching(sources.registry, { organisation: school }),
      attendance({ routine: 'narvaro-2', parts, roster: true }),
      formative({ source: sources.school, organisation: school, controlled: true }),
      written(byCertifier),
      osce(byCertifier),
      onSite('written', byCertifier),
      onSite('osce', byCertifier),
    ],
    approvals: [approval(reviewer, 'external-reviewer'), approval(decider, 'decision-maker')],
  }
}

/** The university trains, examines and awards, by its own appointed examiner. */
function bandB(): CaseInput {
  return {
    ...frame('B-C1', {
      eligibility: { gives: says('Behörighet'), basis: 'HF 7 kap.' },
      creditable: { basis: 'HF 6 kap. 7 §' },
    }),
    evidence: [
      completion(),
      teaching(sources.registry),
      attendance({ parts, roster: true }),
      session('login-formative', 2, days.formative),
      formative(),
      written(),
      osce(),
      onSite('written'),
      onSite('osce'),
    ],
    approvals: [approval(examiner, 'examiner')],
  }
}

/** One examination online, everybody at LoA 2. */
function bandC(): CaseInput {
  return {
    ...frame('C2-D', {}),
    evidence: [
      completion(),
      teaching(sources.course),
      attendance({ roster: true }),
      session('login-formative', 2, days.formative),
      formative(),
      written({ outcomes: [...outcomes], items: itemsFor(outcomes) }),
      online('written', { loa: 2 }),
    ],
    approvals: [approval(examiner, 'examiner')],
  }
}

export function itemsFor(
  ids: readonly string[],
  who = written().scorers,
): NonNullable<ReturnType<typeof written>['items']> {
  return ids.map((id) => ({
    id: `item-${id}`,
    kind: 'item',
    outcomes: [id],
    maxPoints: 10,
    scores: who.map((scorer) => ({ scorer, points: 8 })),
  }))
}

/** Route 1 of D–E: a described course with a formative test. */
export function courseWithTest(): CaseInput {
  const { syllabus: _syllabus, ...achievement } = frame('D-E', {}).achievement
  return {
    ...frame('D-E', {}),
    achievement,
    evidence: [completion(), attendance(), session('login-formative', 2, days.formative), formative()],
    approvals: [],
  }
}

const evening = { from: at('2026-11-05', '18:00'), until: at('2026-11-05', '20:00') } as const

const event = (promised: Band): Omit<CaseInput, 'evidence' | 'approvals'> => {
  const { syllabus: _s, courseDescription: _c, ...achievement } = frame(promised, {}).achievement
  return {
    ...frame(promised, {}),
    achievement: {
      ...achievement,
      outcomes: [],
      eventDescription: says('Webbinarium med samtal'),
      knowledgeContent: says('Etik i vården'),
    },
  }
}

/** Route 2 of D–E: a webinar with login and discussion. */
export function webinar(): CaseInput {
  return {
    ...event('D-E'),
    evidence: [
      completion(),
      attendance(
        {
          activity: 'webinar',
          form: 'live',
          setting: 'online',
          where: 'Zoom',
          share: 0.9,
          discussion: true,
          confirmedBy: leader,
        },
        evening,
      ),
      session('login-webinar', 2, evening.from),
    ],
    approvals: [],
  }
}

/** Route 3 of D–E: a course-development project, confirmed by its leader. */
export function project(): CaseInput {
  return {
    ...event('D-E'),
    evidence: [
      completion(),
      attendance({
        activity: 'development-project',
        form: 'completed',
        setting: 'online',
        where: 'Projektrum',
        confirmedBy: leader,
      }),
      session('login-project', 2, at('2026-10-01')),
    ],
    approvals: [],
  }
}

/** A webinar with a join list of self-typed names. */
export function joinList(): CaseInput {
  return {
    ...event('E'),
    evidence: [
      completion(),
      attendance({ activity: 'webinar', form: 'live', setting: 'online', where: 'Zoom' }, evening),
    ],
    approvals: [],
  }
}

/** A recording that was watched. */
export function recording(): CaseInput {
  const base = event('F')
  return {
    ...base,
    achievement: { ...base.achievement, resource: 'inspelning-7' },
    evidence: [
      completion(),
      attendance({ activity: 'recording', form: 'access', setting: 'online', where: 'inspelning-7' }),
    ],
    approvals: [],
  }
}

/** A case of each band, all as promised. */
export const promised: Readonly<Record<Band, () => CaseInput>> = {
  A: bandA,
  'B-C1': bandB,
  'C2-D': bandC,
  'D-E': courseWithTest,
  E: joinList,
  F: recording,
}

/** Every fixture by name, for tests over all of them. */
export const fixtures: readonly { readonly name: string; readonly band: Band; readonly of: () => CaseInput }[] = [
  { name: 'A', band: 'A', of: bandA },
  { name: 'B-C1', band: 'B-C1', of: bandB },
  { name: 'C2-D', band: 'C2-D', of: bandC },
  { name: 'D-E, course with test', band: 'D-E', of: courseWithTest },
  { name: 'D-E, webinar', band: 'D-E', of: webinar },
  { name: 'D-E, project', band: 'D-E', of: project },
  { name: 'E', band: 'E', of: joinList },
  { name: 'F', band: 'F', of: recording },
]

export type Change = (input: CaseInput) => CaseInput

export const all =
  (...changes: readonly Change[]): Change =>
  (input) =>
    changes.reduce((sum, change) => change(sum), input)

export const add =
  (...facts: readonly Evidence[]): Change =>
  (input) => ({ ...input, evidence: [...input.evidence, ...facts] })

export const drop =
  (...ids: readonly EvidenceId[]): Change =>
  (input) => ({ ...input, evidence: input.evidence.filter((fact) => !ids.includes(fact.id)) })

/** Changes every fact of a kind; with `id`, only that one. */
export const each =
  <Kind extends Evidence['kind']>(
    kind: Kind,
    change: (fact: Extract<Evidence, { kind: Kind }>) => Partial<Extract<Evidence, { kind: Kind }>>,
    id?: EvidenceId,
  ): Change =>
  (input) => ({
    ...input,
    evidence: input.evidence.map((fact) =>
      fact.kind === kind && (id === undefined || fact.id === id)
        ? { ...fact, ...change(fact as Extract<Evidence, { kind: Kind }>) }
        : fact,
    ),
  })

export const registered =
  (change: (register: RegisterView) => Partial<RegisterView>): Change =>
  (input) => ({ ...input, register: { ...input.register, ...change(input.register) } })

export const defined =
  (change: (achievement: Achievement) => Partial<Achievement>): Change =>
  (input) => ({ ...input, achievement: { ...input.achievement, ...change(input.achievement) } })

/** Takes members out of the definition. */
export const withoutMembers =
  (...members: readonly (keyof Achievement)[]): Change =>
  (input) => ({
    ...input,
    achievement: Object.fromEntries(
      Object.entries(input.achievement).filter(([name]) => !members.some((member) => member === name)),
    ) as unknown as Achievement,
  })

export const linked = (a: PersonId, b: PersonId): Change =>
  registered(({ linked: pairs }) => ({ linked: [...pairs, [a, b]] }))

export const conflicted = (person: PersonId): Change =>
  registered(({ conflicts }) => ({
    conflicts: [...conflicts, { person, declaredAt: days.approved, reason: 'declared' }],
  }))

export const approvedBy =
  (...approvals: readonly Approval[]): Change =>
  (input) => ({ ...input, approvals })
