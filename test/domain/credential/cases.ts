/** One whole case that the rules carry to band A; the lower bands are the same facts under a lesser promise. */
import type { Approval, CaseInput } from '#domain/case.ts'
import type { AssessmentResult, DocumentCheck, Evidence, Participation, ProctoringReport } from '#domain/evidence.ts'
import { levels } from '#domain/policy/levels.ts'
import type { Achievement, Appointment, Organisation, Person } from '#domain/register.ts'
import { as, type Band, type Instant, type OrganisationId, type PersonId, type Text } from '#domain/words.ts'

export const at = (text: string): Instant => as<Instant>(`${text}:00.000Z`)
export const both = (text: string): Text => ({ sv: `${text} (sv)`, en: `${text} (en)` })
const org = (id: string): OrganisationId => as<OrganisationId>(id)
export const person = (id: string): PersonId => as<PersonId>(`pers_${id}`)

const start = { from: at('2024-01-01T00:00') }
const base = {
  offering: 'VT26',
  attempt: 1,
  source: { emitter: 'exam', owner: { organisation: org('cert') }, signed: true },
}

export const passport: DocumentCheck = {
  document: 'passport',
  country: 'SE',
  validUntil: at('2030-01-01T00:00'),
  manner: 'on-site',
  result: 'match',
  matchedAgainst: ['name', 'birth-date', 'register'],
  checker: person('invigilator'),
}

export const taught: Participation = {
  ...base,
  kind: 'participation',
  id: as('evid_taught'),
  from: at('2026-10-01T08:00'),
  until: at('2026-10-20T16:00'),
  teaching: { organisation: org('school'), teachers: [person('teacher')], complete: true },
  attendance: {
    activity: 'course',
    form: 'completed',
    setting: 'blended',
    where: 'Lab 4',
    share: 1,
    roster: true,
    routine: 'N-2',
    parts: [{ id: 'lab', compulsory: true, attended: true }],
  },
}

export const exam: AssessmentResult = {
  ...base,
  kind: 'result',
  id: as('evid_exam'),
  occasion: 'osce-1',
  at: at('2026-11-10T12:00'),
  assessment: 'osce',
  purpose: 'summative',
  forms: ['practical', 'oral'],
  organisation: org('cert'),
  standard: { id: 'STD-1', version: '3' },
  passed: true,
  outcomes: ['lo-1', 'lo-2'],
  scorers: [person('scorer')],
  items: [
    {
      id: 'station-1',
      kind: 'station',
      outcomes: ['lo-1', 'lo-2'],
      maxPoints: 10,
      scores: [{ scorer: person('scorer'), points: 9 }],
    },
  ],
  passMark: 0.6,
  grade: { value: 'G', scale: 'U-G' },
  controlled: true,
}

const quiz: AssessmentResult = {
  ...base,
  kind: 'result',
  id: as('evid_quiz'),
  at: at('2026-10-15T12:00'),
  assessment: 'quiz',
  purpose: 'formative',
  forms: ['written'],
  organisation: org('school'),
  passed: true,
  outcomes: ['lo-1'],
  scorers: [person('teacher')],
  controlled: true,
}

export const report: ProctoringReport = {
  ...base,
  kind: 'proctoring',
  id: as('evid_report'),
  occasion: 'osce-1',
  from: at('2026-11-10T09:00'),
  until: at('2026-11-10T12:00'),
  setting: 'on-site',
  invigilation: 'human-live',
  organisation: org('cert'),
  invigilators: [person('invigilator')],
  place: { id: 'hall', name: 'Hall 1', approved: true, confirmed: true },
  equipment: [{ station: 'station-1', confirmed: true }],
  attendance: 'present',
  routine: 'N-2',
  identity: {
    at: at('2026-11-10T09:05'),
    check: { route: 'document', check: passport },
    checker: person('invigilator'),
  },
  incidents: [],
}

const completed: Evidence = { ...base, kind: 'completion', id: as('evid_done'), completedAt: at('2026-11-10T13:00') }

export const achievement: Achievement = {
  id: 'airway',
  version: 2,
  band: 'A',
  name: both('Airway'),
  description: both('Airway management'),
  criteria: both('Pass the OSCE'),
  outcomes: [
    { id: 'lo-1', text: both('Explains'), type: 'knowledge' },
    { id: 'lo-2', text: both('Shows'), type: 'skill' },
  ],
  structured: true,
  standard: { id: 'STD-1', version: '3', name: both('Airway standard') },
  placement: { framework: 'SeQF', level: 6, basis: 'decision', reference: 'MYH 2025/1' },
  method: both('OSCE'),
  credits: { value: 1.5, unit: 'hp' },
  workloadHours: 40,
  courseDescription: { reference: 'CD-1' },
  syllabus: { reference: 'KP-1', establishedBy: org('cert'), establishedAt: at('2025-01-01T00:00') },
  trains: org('school'),
  examines: org('cert'),
  awards: org('cert'),
  owner: { organisation: org('school') },
  participation: 'online',
  languages: ['sv', 'en'],
  stackable: true,
  validForMonths: 24,
  test: false,
}

const organisation = (id: string): Organisation => ({
  id: org(id),
  name: both(id),
  country: 'SE',
  roles: [],
  higherEducation: false,
  url: `https://${id}.example.se`,
})

const employed = (id: string, at_: string): Person => ({
  id: person(id),
  protected: false,
  employments: [{ ...start, organisation: org(at_) }],
  managers: [],
})

const appointed = (id: string, role: Appointment['role']): Appointment => ({
  ...start,
  id: `app-${id}`,
  person: person(id),
  role,
  by: org('cert'),
  order: 1,
})

export const approval = (id: string, role: Approval['role']): Approval => ({
  id: as(`deci_${id}`),
  person: person(id),
  role,
  outcome: 'approve',
  at: at(role === 'decision-maker' ? '2026-11-19T10:00' : '2026-11-18T10:00'),
  loa: 3,
  evidenceVersion: 1,
  seen: 'digest',
})

/** The whole case, with this promise. */
export function caseOf(promised: Band, change: Partial<CaseInput> = {}): CaseInput {
  return {
    case: {
      id: as('case_1'),
      institution: as('cert'),
      learner: person('learner'),
      offering: 'VT26',
      attempt: 1,
      openedAt: at('2026-11-10T13:00'),
      promised,
      evidenceVersion: 1,
    },
    achievement: { ...achievement, band: promised },
    profiles: levels,
    evidence: [completed, taught, quiz, exam, report],
    register: {
      institution: as('cert'),
      organisations: ['cert', 'school', 'hospital', 'swedac', 'other'].map(organisation),
      persons: [
        employed('learner', 'hospital'),
        employed('teacher', 'school'),
        employed('scorer', 'cert'),
        employed('invigilator', 'cert'),
        employed('reviewer', 'other'),
        employed('decider', 'cert'),
        employed('examiner', 'cert'),
      ],
      linked: [],
      appointments: [
        appointed('reviewer', 'external-reviewer'),
        appointed('decider', 'decision-maker'),
        appointed('examiner', 'examiner'),
      ],
      accreditations: [
        { ...start, id: 'acc-1', organisation: org('cert'), by: org('swedac'), standard: 'STD-1', reference: 'ACK 12' },
      ],
      mandates: [
        { ...start, id: 'man-1', organisation: org('cert'), basis: 'sector-commission', reference: 'UPPDRAG 7' },
      ],
      conflicts: [],
    },
    approvals:
      promised === 'A'
        ? [approval('decider', 'decision-maker'), approval('reviewer', 'external-reviewer')]
        : [approval('examiner', 'examiner')],
    now: at('2026-11-20T10:00'),
    ...change,
  }
}
