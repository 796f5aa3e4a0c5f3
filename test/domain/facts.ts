/** Facts as the fixtures use them, one builder per kind. */
import type {
  AssessmentResult,
  Attendance,
  DocumentCheck,
  Evidence,
  IdentityCheck,
  IdentityEvidence,
  Participation,
  ProctoringReport,
  Source,
} from '#domain/evidence.ts'
import type { Instant, Loa } from '#domain/words.ts'
import {
  at,
  days,
  evidenceId,
  invigilator,
  loginAt,
  scorer,
  secondScorer,
  sources,
  teacher,
  university,
} from './world.ts'

const frame = (name: string, source: Source) => ({ id: evidenceId(name), source, offering: 'kurs-1', attempt: 1 })

export const completion = (source: Source = sources.course): Evidence => ({
  kind: 'completion',
  ...frame('completion', source),
  completedAt: days.completed,
})

export const teaching = (
  source: Source,
  more: Partial<NonNullable<Participation['teaching']>> = {},
): Participation => ({
  kind: 'participation',
  ...frame('teaching', source),
  from: days.teachingFrom,
  until: days.teachingUntil,
  teaching: { organisation: university, teachers: [teacher], complete: true, ...more },
})

export const attendance = (more: Partial<Attendance> = {}, when: Partial<Participation> = {}): Participation => ({
  kind: 'participation',
  ...frame('attendance', sources.registry),
  from: days.teachingFrom,
  until: days.teachingUntil,
  attendance: { activity: 'course', form: 'completed', setting: 'on-site', where: 'Hus 7', ...more },
  ...when,
})

export const outcomes = ['o1', 'o2', 'o3', 'o4', 'o5'] as const

/** Formative test in the course, all outcomes. */
export const formative = (more: Partial<AssessmentResult> = {}): AssessmentResult => ({
  kind: 'result',
  ...frame('formative', sources.course),
  at: days.formative,
  assessment: 'test-1',
  purpose: 'formative',
  forms: ['written'],
  organisation: university,
  passed: true,
  outcomes: [...outcomes],
  scorers: [teacher],
  ...more,
})

/** Written examination of the knowledge outcomes. */
export const written = (more: Partial<AssessmentResult> = {}): AssessmentResult => ({
  kind: 'result',
  ...frame('written', sources.exams),
  occasion: 'written-exam',
  at: days.written,
  assessment: 'exam-1',
  purpose: 'summative',
  forms: ['written'],
  organisation: university,
  passed: true,
  outcomes: ['o1', 'o2', 'o3'],
  scorers: [scorer],
  passMark: 0.6,
  items: ['o1', 'o2', 'o3'].map((outcome) => ({
    id: `item-${outcome}`,
    kind: 'item',
    outcomes: [outcome],
    maxPoints: 10,
    scores: [{ scorer, points: 8 }],
  })),
  ...more,
})

/** Practical examination of the skills, two scorers at each station. */
export const osce = (more: Partial<AssessmentResult> = {}): AssessmentResult => ({
  kind: 'result',
  ...frame('osce', sources.exams),
  occasion: 'osce',
  at: days.osce,
  assessment: 'osce-1',
  purpose: 'summative',
  forms: ['practical'],
  organisation: university,
  passed: true,
  outcomes: ['o4', 'o5'],
  scorers: [scorer, secondScorer],
  passMark: 0.6,
  items: ['o4', 'o5'].map((outcome) => ({
    id: `station-${outcome}`,
    kind: 'station',
    outcomes: [outcome],
    maxPoints: 10,
    scores: [
      { scorer, points: 7 },
      { scorer: secondScorer, points: 9 },
    ],
  })),
  ...more,
})

export const documentCheck = (more: Partial<DocumentCheck> = {}): IdentityCheck => ({
  route: 'document',
  check: {
    document: 'passport',
    country: 'SE',
    validUntil: at('2030-01-01'),
    manner: 'on-site',
    result: 'match',
    matchedAgainst: ['name', 'birth-date', 'register'],
    checker: invigilator,
    ...more,
  },
})

export const login = (loa: Loa, authTime: Instant): IdentityCheck => ({
  route: 'login',
  assertion: loginAt(authTime),
  loa,
  table: '2026-11',
})

export const roster = (loa: Loa, authTime: Instant): IdentityCheck => ({
  route: 'roster',
  login: loginAt(authTime),
  loa,
  table: '2026-11',
})

/** A login of the learner at a session. */
export const session = (
  name: string,
  loa: Loa,
  moment: Instant,
  more: Partial<IdentityEvidence> = {},
): IdentityEvidence => ({
  kind: 'identity',
  ...frame(name, sources.registry),
  at: moment,
  check: login(loa, moment),
  ...more,
})

const sittings = {
  written: { from: at('2026-11-10', '09:00'), until: days.written, occasion: 'written-exam' },
  osce: { from: at('2026-11-11', '09:00'), until: days.osce, occasion: 'osce' },
} as const

/** Report from an examination on site, with the identity check at the door. */
export const onSite = (exam: keyof typeof sittings, more: Partial<ProctoringReport> = {}): ProctoringReport => ({
  kind: 'proctoring',
  ...frame(`report-${exam}`, sources.exams),
  ...sittings[exam],
  setting: 'on-site',
  invigilation: 'human-live',
  organisation: university,
  invigilators: [invigilator],
  place: { id: 'sal-1', name: 'Sal 1', approved: true, confirmed: true },
  ...(exam === 'osce' ? { equipment: ['o4', 'o5'].map((id) => ({ station: `station-${id}`, confirmed: true })) } : {}),
  attendance: 'present',
  routine: 'narvaro-2',
  identity: { at: sittings[exam].from, check: documentCheck(), checker: invigilator },
  incidents: [],
  ...more,
})

/** Report from an examination online, with a login compared by the invigilator. */
export const online = (
  exam: keyof typeof sittings,
  { loa, ...more }: Partial<ProctoringReport> & { readonly loa: Loa },
): ProctoringReport => {
  const { place: _place, equipment: _equipment, ...rest } = onSite(exam)
  return {
    ...rest,
    setting: 'online',
    environment: { platform: 'Provrum', approved: true, roomChecked: true, deviceChecked: true },
    identity: { at: sittings[exam].from, check: login(loa, sittings[exam].from), checker: invigilator },
    ...more,
  }
}
