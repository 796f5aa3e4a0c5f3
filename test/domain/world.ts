/** The people, bodies and moments of the fixtures. */
import type { CaseInput } from '#domain/case.ts'
import type { LoginAssertion, Source } from '#domain/evidence.ts'
import type { Appointment, Organisation, Person, RegisterView } from '#domain/register.ts'
import { as, type EvidenceId, type Instant, type OrganisationId, type PersonId, type UnitId } from '#domain/words.ts'

export const at = (day: string, time = '09:00'): Instant => as<Instant>(`${day}T${time}:00.000Z`)
export const person = (name: string): PersonId => as<PersonId>(`pers_${name}`)
export const organisation = (name: string): OrganisationId => as<OrganisationId>(name)
export const unit = (name: string): UnitId => as<UnitId>(name)
export const evidenceId = (name: string): EvidenceId => as<EvidenceId>(`evid_${name}`)

/** The university: trains, examines and awards. */
export const university = organisation('norrsken')
/** Trains for A. */
export const school = organisation('skolan')
/** Examines and awards at A; no lärosäte. */
export const certifier = organisation('certifieraren')
export const hospital = organisation('sjukhuset')

export const learner = person('learner')
export const teacher = person('teacher')
export const scorer = person('scorer')
export const secondScorer = person('second-scorer')
export const invigilator = person('invigilator')
export const leader = person('leader')
export const examiner = person('examiner')
export const nextExaminer = person('next-examiner')
export const reviewer = person('reviewer')
export const decider = person('decider')

export const days = {
  teachingFrom: at('2026-09-01'),
  formative: at('2026-10-15', '10:00'),
  teachingUntil: at('2026-10-30', '16:00'),
  written: at('2026-11-10', '12:00'),
  osce: at('2026-11-11', '12:00'),
  completed: at('2026-11-12', '08:00'),
  opened: at('2026-11-12', '08:01'),
  approved: at('2026-11-16', '14:00'),
  now: at('2026-11-20', '09:00'),
} as const

const source = (emitter: string, owner: Source['owner']): Source => ({ emitter, owner, signed: true })

/** Who reports: the course's own platform, and everybody else. */
export const sources = {
  course: source('lms', { organisation: university, unit: unit('norrsken/course') }),
  school: source('school-lms', { organisation: school, unit: unit('skolan/course') }),
  registry: source('registry', { organisation: university, unit: unit('norrsken/registry') }),
  exams: source('exams', { organisation: university, unit: unit('norrsken/exams') }),
  certifier: source('certifier', { organisation: certifier, unit: unit('certifieraren/exams') }),
} as const

const always = at('2020-01-01')
const body = (id: OrganisationId, more: Partial<Organisation> = {}): Organisation => ({
  id,
  name: { sv: id, en: id },
  country: 'SE',
  roles: ['trains', 'examines', 'awards'],
  higherEducation: false,
  ...more,
})

export const employed = (id: PersonId, by: OrganisationId, of: string): Person => ({
  id,
  protected: false,
  employments: [{ organisation: by, unit: unit(`${by}/${of}`), from: always }],
  managers: [],
})

export const appointed = (
  who: PersonId,
  role: Appointment['role'],
  more: Partial<Appointment> & { readonly by: OrganisationId },
): Appointment => ({ id: `appo_${role}_${who}`, person: who, role, order: 1, from: always, ...more })

export const register: RegisterView = {
  institution: as('norrsken'),
  organisations: [
    body(university, { higherEducation: true, ownerGroup: 'staten' }),
    body(school, { ownerGroup: 'skolgruppen' }),
    body(certifier, { ownerGroup: 'branschen' }),
    body(hospital, { ownerGroup: 'regionen' }),
  ],
  persons: [
    employed(learner, hospital, 'ward'),
    employed(teacher, university, 'course'),
    employed(scorer, certifier, 'exams'),
    employed(secondScorer, certifier, 'exams'),
    employed(invigilator, university, 'exams'),
    employed(leader, university, 'course'),
    employed(examiner, university, 'medicine'),
    employed(nextExaminer, university, 'pharmacy'),
    employed(reviewer, organisation('annan'), 'quality'),
    employed(decider, certifier, 'decisions'),
  ],
  linked: [],
  appointments: [
    appointed(examiner, 'examiner', { by: university }),
    appointed(nextExaminer, 'examiner', { by: university, order: 2 }),
    appointed(reviewer, 'external-reviewer', { by: certifier }),
    appointed(decider, 'decision-maker', { by: certifier }),
  ],
  accreditations: [
    {
      id: 'accr_1',
      organisation: certifier,
      by: organisation('swedac'),
      standard: 'std-steril',
      reference: 'SWEDAC 1',
      from: always,
    },
  ],
  mandates: [
    { id: 'mand_a', organisation: certifier, basis: 'sector-commission', reference: 'Avtal 1', from: always },
    { id: 'mand_b', organisation: university, basis: 'higher-education', reference: 'HL', from: always },
    { id: 'mand_r', organisation: university, basis: 'registered-provider', reference: 'REG 1', from: always },
    { id: 'mand_s', organisation: school, basis: 'registered-provider', reference: 'REG 2', from: always },
  ],
  conflicts: [],
}

export const loginAt = (authTime: Instant): LoginAssertion => ({ issuer: 'https://idp.example', acr: 'loa', authTime })

export const caseOf = (promised: CaseInput['case']['promised']): CaseInput['case'] => ({
  id: as('case_fixture'),
  institution: as('norrsken'),
  learner,
  offering: 'kurs-1',
  attempt: 1,
  openedAt: days.opened,
  promised,
  evidenceVersion: 3,
})
