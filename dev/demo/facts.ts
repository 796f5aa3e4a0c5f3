/** The events of the demo's story, in the words of docs/events: each builder is one thing an emitting system would report. */

import type { EventDraft } from './emitters.ts'
import { daysAgo, yearsAhead } from './moments.ts'

export interface PersonRef {
  readonly scheme: string
  readonly value: string
}

/** One learner at one course occasion. */
export interface At {
  readonly learner: string
  readonly achievement: string
  readonly offering: string
}

const staff = (number: string): PersonRef => ({ scheme: 'anstallning', value: number })

/** Persons of the demo register, by the reference their systems know them under. */
export const people = {
  teacher1: staff('N-1002'),
  teacher2: staff('N-1004'),
  teacher3: staff('N-1005'),
  teacher4: { scheme: 'webb', value: 'w-9001' },
  assessor1: staff('N-1011'),
  assessor2: staff('N-1012'),
  examiner4: staff('N-1010'),
  trainer1: { scheme: 'klinikskolan', value: 'K-11' },
  certifier1: { scheme: 'certus', value: 'C-501' },
  certifier2: { scheme: 'certus', value: 'C-502' },
  invigilator1: { scheme: 'provtjanst', value: 'V-71' },
  invigilator2: { scheme: 'provtjanst', value: 'V-72' },
} as const satisfies Record<string, PersonRef>

/** How each emitting system names a learner; one person, many references. */
const schemes: Readonly<Record<string, (n: string) => PersonRef>> = {
  'canvas-norrsken': (n) => ({ scheme: 'canvas', value: `u-40${n}` }),
  provtjanst: (n) => ({ scheme: 'provtjanst', value: `D-00${n}` }),
  certus: (n) => ({ scheme: 'certus', value: `K-90${n}` }),
  klinikskolan: (n) => ({ scheme: 'klinikskolan', value: `KD-0${n}` }),
  antagning: (n) => ({ scheme: 'antagning', value: `A-2026-00${n}` }),
  webb: (n) => ({ scheme: 'webb', value: `w-00${n}` }),
}

/** The reference under which an emitting system knows a learner. */
export function learnerOf(emitter: string, learner: string): PersonRef {
  const name = schemes[emitter] ?? ((n: string) => ({ scheme: 'eppn', value: `st30${n}@student.norrsken.example` }))
  return name(learner)
}

function common(emitter: string, at: At) {
  return { learner: learnerOf(emitter, at.learner), achievement: at.achievement, offering: at.offering, attempt: 1 }
}

function event(emitter: string, noun: string, at: At, data: Readonly<Record<string, unknown>>): EventDraft {
  return { emitter, type: `org.beviskedja.${noun}.v1`, data: { ...common(emitter, at), ...data } }
}

export function completed(emitter: string, at: At, days = 5): EventDraft {
  return event(emitter, 'completion.recorded', at, { completedAt: daysAgo(days, '15:00') })
}

export function taught(
  emitter: string,
  at: At,
  {
    by,
    organisation = 'norrsken',
    complete = true,
  }: { by: readonly PersonRef[]; organisation?: string; complete?: boolean },
): EventDraft {
  const teaching = { organisation, teachers: by, complete }
  return event(emitter, 'participation.recorded', at, { from: daysAgo(60), until: daysAgo(20), teaching })
}

export function attended(
  emitter: string,
  at: At,
  attendance: Readonly<Record<string, unknown>>,
  span = { from: daysAgo(60), until: daysAgo(20) },
): EventDraft {
  return event(emitter, 'participation.recorded', at, { ...span, attendance })
}

export function tested(emitter: string, at: At, result: Readonly<Record<string, unknown>>): EventDraft {
  const defaults = {
    at: daysAgo(25),
    assessment: 'formative',
    purpose: 'formative',
    forms: ['written'],
    passed: true,
    scorers: [],
  }
  return event(emitter, 'assessment.recorded', at, { ...defaults, ...result })
}

export function examined(emitter: string, at: At, result: Readonly<Record<string, unknown>>): EventDraft {
  const defaults = {
    at: daysAgo(10, '11:00'),
    occasion: occasionOf(at),
    assessment: 'exam',
    purpose: 'summative',
    passed: true,
  }
  return event(emitter, 'assessment.recorded', at, { ...defaults, ...result })
}

/** Stations with two scorers each, as in an OSCE. */
export function stations(outcomes: readonly string[], scorers: readonly PersonRef[], points = 8) {
  const items = outcomes.map((outcome, index) => ({
    id: `station-${index + 1}`,
    kind: 'station',
    outcomes: [outcome],
    maxPoints: 10,
    scores: scorers.map((scorer) => ({ scorer, points })),
  }))
  return { outcomes, scorers, items, passMark: 0.6 }
}

export function supervised(emitter: string, at: At, report: Readonly<Record<string, unknown>> = {}): EventDraft {
  return event(emitter, 'proctoring.reported', at, {
    occasion: occasionOf(at),
    from: daysAgo(10, '09:00'),
    until: daysAgo(10, '12:00'),
    setting: 'on-site',
    invigilation: 'human-live',
    organisation: 'provtjanst',
    invigilators: [people.invigilator1],
    place: { id: 'sal-3', name: 'Provsal 3', approved: true, confirmed: true },
    equipment: [1, 2, 3, 4, 5].map((n) => ({ station: `station-${n}`, confirmed: true })),
    routine: 'provrutin 2026-1',
    attendance: 'present',
    incidents: [],
    ...report,
  })
}

/** Passport at the door, held against the register by an invigilator. */
export function passport(manner: 'on-site' | 'video' = 'on-site', checker: PersonRef = people.invigilator1) {
  const check = {
    document: 'passport',
    country: 'SE',
    validUntil: yearsAhead(3),
    manner,
    result: 'match',
    matchedAgainst: ['name', 'birth-date', 'register'],
    checker,
  }
  return { at: daysAgo(10, '08:50'), check: { route: 'document', check }, checker }
}

/** The same check, reported as an event of its own. */
export function documentChecked(emitter: string, at: At): EventDraft {
  const { at: moment, check } = passport()
  return event(emitter, 'identity.checked', at, { at: moment, occasion: occasionOf(at), check })
}

function login(loa: 2 | 3, authTime: string) {
  return {
    issuer: 'https://idp.norrsken.example',
    acr: `http://id.elegnamnden.se/loa/1.0/loa${loa}`,
    certified: ['loa2', 'loa3'],
    authTime,
  }
}

/** Ticked off at the door on a list that stands on a login. */
export function roster(loa: 2 | 3 = 2) {
  return {
    at: daysAgo(10, '08:55'),
    check: { route: 'roster', login: login(loa, daysAgo(10, '08:40')) },
    checker: people.invigilator1,
  }
}

/** A login to the session itself. */
export function loggedIn(emitter: string, at: At, moment: string, loa: 2 | 3 = 2): EventDraft {
  return event(emitter, 'identity.checked', at, {
    at: moment,
    check: { route: 'login', assertion: login(loa, moment) },
  })
}

function occasionOf({ offering }: At): string {
  return `${offering}-exam`
}
