/** Courses of the demo register as the events their systems send: complete by default, each test says what is different. */
import type { EventDraft } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { daysAgo } from '#dev/demo/moments.ts'

type Part = Readonly<Record<string, unknown>>

/** What differs from a course where all is as promised. */
export interface Change {
  /** Everybody who scored every station. */
  readonly scorers?: readonly f.PersonRef[]
  readonly result?: Part
  readonly report?: Part
  readonly teaching?: { readonly by: readonly f.PersonRef[]; readonly complete?: boolean }
  /** Who reports the supervision. */
  readonly supervisedBy?: string
  /** Outcomes the examination shows. */
  readonly outcomes?: readonly string[]
}

const four = ['lr1', 'lr2', 'lr3', 'lr4']
const five = [...four, 'lr5']
const parts = ['teori', 'vfu', 'seminarium'].map((id) => ({ id, compulsory: true, attended: true }))
const standard = { id: 'slb-7', version: '2.1' }

export const offeringOf = (learner: string, achievement: string, key: string): f.At => ({
  learner,
  achievement,
  offering: `${achievement}-${key}`,
})

function course(where: string, more: Part) {
  return { activity: 'course', form: 'completed', setting: 'on-site', where, ...more }
}

/** A: certified by a third party. Approved by a reviewer and a decision-maker. */
export function courseA(at: f.At, change: Change = {}): EventDraft[] {
  const { scorers = [f.people.certifier1], result = {}, report = {}, teaching = { by: [f.people.trainer1] } } = change
  return [
    f.completed('branschregistret', at),
    f.taught('bemanning', at, { organisation: 'klinikskolan', ...teaching }),
    f.attended('klinikskolan', at, course('Klinikskolan', { routine: 'närvaro K3', parts })),
    f.tested('klinikskolan', at, { organisation: 'klinikskolan', outcomes: ['lr5'], controlled: true }),
    f.examined('certus', at, {
      organisation: 'certus',
      forms: ['practical'],
      standard,
      ...f.stations(five, scorers),
      ...result,
    }),
    f.supervised('provtjanst', at, { identity: f.passport(), ...report }),
  ]
}

/** B–C1: eligibility-giving course with an OSCE. Approved by an appointed examiner. */
export function courseB(at: f.At, change: Change = {}): EventDraft[] {
  const { scorers = [f.people.assessor1, f.people.assessor2], result = {}, report = {} } = change
  const { teaching = { by: [f.people.teacher1, f.people.teacher2] }, supervisedBy = 'provtjanst' } = change
  return [
    f.completed('canvas-norrsken', at),
    f.taught('bemanning', at, teaching),
    f.attended('canvas-norrsken', at, course('Campus', { routine: 'närvaro 2025-2', parts })),
    f.loggedIn('antagning', at, daysAgo(25)),
    f.tested('canvas-norrsken', at, { organisation: 'norrsken', outcomes: ['lr4'] }),
    f.examined('osce-norrsken', at, {
      organisation: 'norrsken',
      forms: ['practical', 'oral'],
      ...f.stations(five, scorers),
      ...result,
    }),
    f.supervised(supervisedBy, at, { identity: f.passport(), ...report }),
  ]
}

/** C2–D: contract education with an examination. Approved by an appointed examiner. */
export function courseC(at: f.At, change: Change = {}): EventDraft[] {
  const { scorers = [f.people.assessor1], result = {}, report = {}, outcomes = four } = change
  const { teaching = { by: [f.people.teacher3] } } = change
  return [
    f.completed('canvas-norrsken', at),
    f.taught('bemanning', at, teaching),
    f.attended('canvas-norrsken', at, course('Canvas', { roster: true })),
    f.loggedIn('antagning', at, daysAgo(25)),
    f.tested('canvas-norrsken', at, { organisation: 'norrsken', outcomes: ['lr1', 'lr4'] }),
    f.examined('osce-norrsken', at, {
      organisation: 'norrsken',
      forms: ['practical'],
      ...f.stations(outcomes, scorers),
      ...result,
    }),
    f.supervised('provtjanst', at, { identity: f.roster(), ...report }),
  ]
}

export const evening = { from: daysAgo(6, '16:00'), until: daysAgo(6, '18:00') }

/** A session on the web; logged in unless said otherwise. */
export function webinar(at: f.At, attendance: Part, { login = true }: { login?: boolean } = {}): EventDraft[] {
  return [
    f.completed('webb', at),
    ...(login ? [f.loggedIn('webb', at, daysAgo(6, '16:05'))] : []),
    f.attended('webb', at, { setting: 'online', where: 'Zoom, möte 4711', ...attendance }, evening),
  ]
}

/** D–E: contributes to the discussion, which the facilitator confirms. */
export const discussed = {
  activity: 'webinar',
  form: 'live',
  share: 0.95,
  discussion: true,
  confirmedBy: f.people.teacher4,
}
/** E: only joined. */
export const joined = { activity: 'information-session', form: 'live', share: 0.95 }

/** Takes a fact back; `id` is that of the event that told it. */
export function withdrawn(emitter: string, at: f.At, id: string): EventDraft {
  const { learner, achievement, offering, attempt } = f.completed(emitter, at).data
  return {
    emitter,
    type: 'org.beviskedja.fact.withdrawn.v1',
    data: {
      learner,
      achievement,
      offering,
      attempt,
      at: daysAgo(1),
      withdraws: { id },
      reason: 'Uppgiften gällde en annan',
    },
  }
}
