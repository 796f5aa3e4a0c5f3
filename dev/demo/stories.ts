/** The cases of the demo: one for each band, one that fails each gate. What is expected is written here; the demo ends non-zero if it is not so. */
import type { CaseState } from '#domain/issuance/state.ts'
import type { Level, Text } from '#domain/words.ts'
import type { EventDraft } from './emitters.ts'
import * as f from './facts.ts'
import { daysAgo } from './moments.ts'

/** What a person does when the case waits for them. */
export type Act =
  | { readonly kind: 'approve' }
  | { readonly kind: 'reject'; readonly text: string }
  | { readonly kind: 'return'; readonly text: string; readonly items: readonly string[] }
  | { readonly kind: 'officer-refuses'; readonly text: string }
  /** Late evidence arrives. */
  | { readonly kind: 'events'; readonly says: Text; readonly events: readonly EventDraft[] }

export interface Story {
  readonly key: string
  readonly title: Text
  readonly at: f.At
  readonly events: readonly EventDraft[]
  readonly acts: readonly Act[]
  readonly expect: { readonly state: CaseState; readonly level: Level; readonly missing?: string }
  /** Emitter that sends the completion, which names the case. */
  readonly opener: string
}

const text = (sv: string, en: string): Text => ({ sv, en })

/** A story's events begin with the completion in `opener`, but not always: order does not matter. */
export function stories(run: string): Story[] {
  const at = (learner: string, achievement: string): f.At => ({
    learner,
    achievement,
    offering: `${achievement}-${run}`,
  })
  return [
    bandE(at('13', 'validering-information')),
    bandF(at('14', 'hygien-inspelning')),
    bandD(at('09', 'etik-webbinarium')),
    bandC(at('10', 'handledning-i-varden')),
    bandB(at('11', 'klinisk-bedomning')),
    bandA(at('12', 'steril-beredning')),
    openFails(at('15', 'steril-beredning')),
    identityFails(at('01', 'klinisk-bedomning')),
    assessmentFails(at('16', 'handledning-i-varden')),
    separationFails(at('06', 'klinisk-bedomning')),
    approvalFails(at('04', 'handledning-i-varden')),
  ]
}

function bandE(at: f.At): Story {
  return {
    key: 'band-e',
    title: text('Informationsmöte, deltog direkt', 'Information session, joined live'),
    at,
    opener: 'webb',
    events: [f.completed('webb', at), f.attended('webb', at, session('information-session'), evening)],
    acts: [],
    expect: { state: 'issued', level: 'E' },
  }
}

function bandF(at: f.At): Story {
  const attendance = { activity: 'recording', form: 'access', setting: 'online', where: 'Basal hygien, inspelning' }
  return {
    key: 'band-f',
    title: text('Tittade på en inspelning', 'Watched a recording'),
    at,
    opener: 'resurs',
    events: [f.attended('resurs', at, attendance, evening), f.completed('resurs', at)],
    acts: [],
    expect: { state: 'recorded', level: 'F' },
  }
}

const evening = { from: daysAgo(6, '16:00'), until: daysAgo(6, '18:00') }

function session(activity: string, more: Readonly<Record<string, unknown>> = {}) {
  return { activity, form: 'live', setting: 'online', where: 'Zoom, möte 4711', share: 0.95, ...more }
}

function bandD(at: f.At): Story {
  return {
    key: 'band-d-e',
    title: text('Webbinarium med diskussion, inloggad', 'Webinar with discussion, logged in'),
    at,
    opener: 'webb',
    events: [
      f.completed('webb', at),
      f.loggedIn('webb', at, daysAgo(6, '16:05')),
      f.attended('webb', at, session('webinar', { discussion: true, confirmedBy: f.people.teacher4 }), evening),
    ],
    acts: [],
    expect: { state: 'issued', level: 'D-E' },
  }
}

/** Contract education: formative test, supervised exam, roster against a login, whole list of teachers. */
function courseC(at: f.At, outcomes: readonly string[] = ['lr1', 'lr2', 'lr3', 'lr4']): EventDraft[] {
  return [
    f.completed('canvas-norrsken', at),
    f.taught('bemanning', at, { by: [f.people.teacher3] }),
    f.attended('canvas-norrsken', at, {
      activity: 'course',
      form: 'completed',
      setting: 'blended',
      where: 'Canvas',
      roster: true,
    }),
    f.tested('canvas-norrsken', at, { organisation: 'norrsken', outcomes: ['lr1', 'lr4'] }),
    f.examined('osce-norrsken', at, {
      organisation: 'norrsken',
      forms: ['practical'],
      ...f.stations(outcomes, [f.people.assessor1]),
    }),
    f.supervised('provtjanst', at, { identity: f.roster() }),
  ]
}

function bandC(at: f.At): Story {
  return {
    key: 'band-c2-d',
    title: text('Uppdragsutbildning med examination', 'Contract education with an exam'),
    at,
    opener: 'canvas-norrsken',
    events: courseC(at),
    acts: [{ kind: 'approve' }],
    expect: { state: 'issued', level: 'C2-D' },
  }
}

const five = ['lr1', 'lr2', 'lr3', 'lr4', 'lr5']
const parts = ['teori', 'vfu', 'seminarium'].map((id) => ({ id, compulsory: true, attended: true }))

/** Eligibility-giving course with an OSCE, examined by the institution. */
function courseB(
  at: f.At,
  {
    scorers = [f.people.assessor1, f.people.assessor2] as f.PersonRef[],
    identity = f.passport() as unknown,
    report = {},
  } = {},
): EventDraft[] {
  return [
    f.supervised('provtjanst', at, identity === undefined ? report : { identity, ...report }),
    f.examined('osce-norrsken', at, {
      organisation: 'norrsken',
      forms: ['practical', 'oral'],
      ...f.stations(five, scorers),
    }),
    f.completed('canvas-norrsken', at),
    f.attended('canvas-norrsken', at, {
      activity: 'course',
      form: 'completed',
      setting: 'on-site',
      where: 'Campus',
      routine: 'närvaro 2025-2',
      parts,
    }),
    f.tested('canvas-norrsken', at, { organisation: 'norrsken', outcomes: ['lr4'] }),
    f.taught('bemanning', at, { by: [f.people.teacher1, f.people.teacher2] }),
  ]
}

function bandB(at: f.At): Story {
  const supplement = text('Komplettering: närvaron redovisas på nytt', 'Supplement: attendance is reported anew')
  const again = f.attended('canvas-norrsken', at, {
    activity: 'course',
    form: 'completed',
    setting: 'on-site',
    where: 'Campus',
    routine: 'närvaro 2025-2',
    parts,
  })
  return {
    key: 'band-b-c1',
    title: text(
      'Behörighetsgivande kurs med OSCE; sänds tillbaka en gång',
      'Eligibility-giving course with OSCE; returned once',
    ),
    at,
    opener: 'canvas-norrsken',
    events: courseB(at),
    acts: [
      { kind: 'return', text: 'Seminariets närvaro behöver styrkas.', items: ['seminarium'] },
      { kind: 'events', says: supplement, events: [again] },
      { kind: 'approve' },
    ],
    expect: { state: 'issued', level: 'B-C1' },
  }
}

/** Third party certifies against the industry standard; reviewer and decision-maker approve. */
function courseA(
  at: f.At,
  exam: Readonly<Record<string, unknown>> = {},
  report: Readonly<Record<string, unknown>> = {},
): EventDraft[] {
  const standard = { id: 'slb-7', version: '2.1' }
  return [
    f.completed('branschregistret', at),
    f.taught('bemanning', at, { by: [f.people.trainer1], organisation: 'klinikskolan' }),
    f.attended('klinikskolan', at, {
      activity: 'course',
      form: 'completed',
      setting: 'on-site',
      where: 'Klinikskolan',
      routine: 'närvaro K3',
      parts,
    }),
    f.tested('klinikskolan', at, { organisation: 'klinikskolan', outcomes: ['lr5'], controlled: true }),
    f.examined('certus', at, {
      organisation: 'certus',
      forms: ['practical'],
      standard,
      ...f.stations(five, [f.people.certifier1]),
      ...exam,
    }),
    f.supervised('provtjanst', at, { identity: f.passport(), ...report }),
  ]
}

function bandA(at: f.At): Story {
  return {
    key: 'band-a',
    title: text(
      'Branschcertifiering av tredje part; skyddade personuppgifter',
      'Sector certification by a third party; protected identity',
    ),
    at,
    opener: 'branschregistret',
    events: courseA(at),
    acts: [{ kind: 'approve' }, { kind: 'approve' }],
    expect: { state: 'issued', level: 'A' },
  }
}

/** The exam was before the accreditation and before the syllabus: mandates must hold at the occasion too, so even C2–D is lost. */
function openFails(at: f.At): Story {
  const before = { from: '2022-05-02T09:00:00.000Z', until: '2022-05-02T12:00:00.000Z' }
  const door = f.passport()
  const identity = { ...door, at: '2022-05-02T08:50:00.000Z' }
  return {
    key: 'fails-open',
    title: text(
      'Certifieraren var inte ackrediterad på provdagen',
      'The certifier was not accredited on the day of the exam',
    ),
    at,
    opener: 'branschregistret',
    events: courseA(at, { at: '2022-05-02T11:00:00.000Z' }, { ...before, identity }),
    acts: [{ kind: 'officer-refuses', text: 'Ackreditering saknades vid provtillfället.' }],
    expect: { state: 'refused', level: 'D-E', missing: 'A.mandate.accreditation' },
  }
}

/** Worked case 11: stops below the promise; the report of the exam day arrives later. */
function identityFails(at: f.At): Story {
  return {
    key: 'fails-identity',
    title: text(
      'Tillitsnivå 2 vid provet; passkontrollen rapporteras i efterhand',
      'LoA 2 at the exam; the passport check is reported late',
    ),
    at,
    opener: 'canvas-norrsken',
    events: courseB(at, { identity: f.roster(2) }),
    acts: [
      {
        kind: 'events',
        says: text(
          'Provdagens passkontroll kommer in, underskriven',
          'The passport check of the exam day arrives, signed',
        ),
        events: [f.documentChecked('provtjanst', at)],
      },
      { kind: 'approve' },
    ],
    expect: { state: 'issued', level: 'B-C1' },
  }
}

/** Worked case 8: one outcome is shown in the formative test only. */
function assessmentFails(at: f.At): Story {
  return {
    key: 'fails-assessment',
    title: text('Läranderesultat lr4 prövat bara formativt', 'Outcome lr4 tested only formatively'),
    at,
    opener: 'canvas-norrsken',
    events: courseC(at, ['lr1', 'lr2', 'lr3']),
    acts: [],
    expect: { state: 'waiting', level: 'D-E', missing: 'C2-D.coverage' },
  }
}

function separationFails(at: f.At): Story {
  return {
    key: 'fails-separation',
    title: text('Läraren bedömde ensam sina egna studenter', 'The teacher alone scored the own learners'),
    at,
    opener: 'canvas-norrsken',
    events: courseB(at, { scorers: [f.people.teacher1] }),
    acts: [],
    expect: { state: 'stopped', level: 'C2-D', missing: 'B-C1.separation.scorer' },
  }
}

function approvalFails(at: f.At): Story {
  return {
    key: 'fails-approval',
    title: text('Granskaren avslår', 'The examiner rejects'),
    at,
    opener: 'canvas-norrsken',
    events: courseC(at),
    acts: [{ kind: 'reject', text: 'Underlaget för lr3 visar inte det som kursplanen kräver.' }],
    expect: { state: 'refused', level: 'C2-D' },
  }
}
