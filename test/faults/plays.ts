/** What is played while things break: every band and every act of people, so that every step of the house is walked through. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventDraft } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { demoFolder } from '#dev/demo/register.ts'
import { type Story, stories } from '#dev/demo/stories.ts'
import type { CaseState } from '#domain/issuance/state.ts'
import type { Level } from '#domain/words.ts'

/** What somebody does at a case, in this order; approvers approve by themselves once everything here is done. */
export type Turn =
  | { readonly does: 'decide'; readonly outcome: 'reject' | 'return' | 'refuse' | 'withdraw'; readonly body: object }
  /** Evidence that comes when the case has stopped or waits. */
  | { readonly does: 'events'; readonly events: readonly EventDraft[] }
  /** The same, but an officer hands it in. */
  | { readonly does: 'hand-in'; readonly event: EventDraft }
  /** An officer ends the appointment of whoever is asked. */
  | { readonly does: 'end-appointment' }
  /** Whoever is asked approves it as a list of one. */
  | { readonly does: 'approve-listed' }
  /** Nothing, until the trail tells of it; approvers wait too. */
  | { readonly does: 'await-entry'; readonly type: string }
  /** The approver who is asked declares a conflict of interest. */
  | { readonly does: 'declare-conflict' }
  /** Somebody with all rights in the database changes a judged input before each approval, until the signer has refused. */
  | { readonly does: 'tamper' }
  | { readonly does: 'verify' }
  /** One officer proposes to revoke; then another approves or refuses, or nobody does anything. */
  | { readonly does: 'revoke'; readonly until: 'executed' | 'refused' | 'expired' }

export interface Play {
  readonly key: string
  readonly events: readonly EventDraft[]
  /** How they come: each by itself through the stream, together with those of other plays, or over HTTP. */
  readonly over?: 'http' | 'burst'
  readonly turns: readonly Turn[]
  readonly expect: { readonly state: CaseState; readonly level?: Level; readonly revoked?: boolean }
}

const withdrawal: Turn = {
  does: 'decide',
  outcome: 'withdraw',
  body: { reason: 'learner-asked', text: 'Deltagaren har bett om det.' },
}

/** Cases in a burst besides the one that leaves it. */
const burstSize = 20

/** Learners of the demo register who can take any course. */
const learners = ['01', '04', '06', '09', '10', '11', '13', '14', '15', '16']

/** One of each; `run` makes them other awards than the last ones. */
export function allPlays(run: string, round = 0): Play[] {
  const told = stories(run)
  const find = (key: string): Story => {
    const story = told.find((one) => one.key === key)
    if (story === undefined) throw new Error(`no story ${key}`)
    return story
  }
  const learner = learners[(round >> 1) % learners.length] ?? '01'
  // Who has declared a conflict about a learner is lost to that one: not in every round, or nobody would be left to ask.
  const conflict: Play = {
    key: 'conflict',
    events: onOffering(find('band-c2-d').events, { learner, offering: `conflict-${run}` }),
    turns: [{ does: 'declare-conflict' }, withdrawal],
    expect: { state: 'withdrawn' },
  }
  return [
    ...told.map(asPlay),
    {
      ...asPlay(find('band-c2-d')),
      key: 'posted',
      over: 'http',
      events: onOffering(find('band-c2-d').events, { offering: `posted-${run}` }),
    },
    {
      ...asPlay(find('band-e')),
      key: 'revoked',
      events: onOffering(find('band-e').events, { offering: `revoked-${run}` }),
      turns: [{ does: 'verify' }, { does: 'revoke', until: 'refused' }, { does: 'revoke', until: 'executed' }],
      expect: { state: 'issued', level: 'E', revoked: true },
    },
    {
      ...asPlay(find('band-d-e')),
      key: 'revocation-expires',
      events: onOffering(find('band-d-e').events, { offering: `expires-${run}` }),
      turns: [{ does: 'revoke', until: 'expired' }],
    },
    {
      ...asPlay(find('band-a')),
      key: 'reminded',
      events: onOffering(find('band-a').events, { offering: `reminded-${run}` }),
      turns: [{ does: 'await-entry', type: 'approver.reminded/1' }],
    },
    {
      key: 'escalated',
      events: onOffering(find('band-d-e').events.slice(0, 1), { offering: `escalated-${run}` }),
      turns: [{ does: 'await-entry', type: 'case.escalated/1' }, withdrawal],
      expect: { state: 'withdrawn' },
    },
    ...(round % 2 === 0 ? [conflict] : []),
    {
      key: 'released',
      events: onOffering(find('band-c2-d').events, { offering: `released-${run}` }),
      turns: [{ does: 'end-appointment' }, withdrawal],
      expect: { state: 'withdrawn' },
    },
    {
      ...asPlay(find('band-c2-d')),
      key: 'listed',
      events: onOffering(find('band-c2-d').events, { offering: `listed-${run}` }),
      turns: [{ does: 'approve-listed' }],
    },
    ...burst(find, run),
    {
      key: 'tampered',
      events: onOffering(find('band-c2-d').events, { offering: `tampered-${run}` }),
      turns: [{ does: 'tamper' }, withdrawal],
      expect: { state: 'withdrawn' },
    },
  ]
}

/** Completions that arrive together and travel together; the one that lacks something must leave the others. */
function burst(find: (key: string) => Story, run: string): Play[] {
  const together = Array.from(
    { length: burstSize },
    (_, index): Play => ({
      ...asPlay(find('band-e')),
      key: `burst-${index + 1}`,
      over: 'burst',
      events: onOffering(find('band-e').events, { offering: `burst-${index + 1}-${run}` }),
    }),
  )
  const [completion, ...missing] = onOffering(find('band-d-e').events, { offering: `leaves-${run}` })
  const leaver: Play = {
    ...asPlay(find('band-d-e')),
    key: 'leaves-the-burst',
    over: 'burst',
    events: completion === undefined ? [] : [completion],
    turns: missing.map((event) => ({ does: 'hand-in', event })),
  }
  return [...together, leaver]
}

/** The same events about another learner or offering. */
function onOffering(
  events: readonly EventDraft[],
  { learner, offering }: { readonly learner?: string; readonly offering: string },
): EventDraft[] {
  return events.map((event) => {
    const person = learner === undefined ? {} : { learner: f.learnerOf(event.emitter, learner) }
    return { ...event, data: { ...event.data, ...person, offering } }
  })
}

function asPlay({ key, events, acts, expect }: Story): Play {
  const turns = acts.flatMap((act): Turn[] => {
    switch (act.kind) {
      case 'approve':
        return []
      case 'reject':
        return [{ does: 'decide', outcome: 'reject', body: { reason: 'outcomes-not-shown', text: act.text } }]
      case 'return': {
        const body = { reason: 'supplement-needed', text: act.text, markedItems: act.items }
        return [{ does: 'decide', outcome: 'return', body }]
      }
      case 'officer-refuses':
        return [{ does: 'decide', outcome: 'refuse', body: { reason: 'below-promise', text: act.text } }]
      case 'events':
        return [{ does: 'events', events: act.events }]
    }
  })
  return { key, events, turns, expect: { state: expect.state, level: expect.level } }
}

/** The demo register where waiting ends soon: weeks would outlast any run. An institution may shorten what the table gives. */
export function hastyRegister(scratch: string): string {
  const folder = join(scratch, 'register')
  cpSync(demoFolder, folder, { recursive: true })
  const file = join(folder, 'tightenings.json')
  const register = JSON.parse(readFileSync(file, 'utf8')) as { tightenings: readonly object[] }
  const [example] = register.tightenings
  const hasten = (band: string, demand: object) => ({
    ...example,
    id: `brattom-${band}`,
    band,
    row: 'durations',
    demand,
  })
  const hasty = [
    hasten('D-E', { evidence: 3, officer: 8 }),
    // Reminded three seconds after being asked, and then left in peace for as long as any outage here.
    hasten('A', { approval: 600, reminder: 597 }),
  ]
  const tightenings = [...register.tightenings, ...hasty.map((one) => ({ ...one, id: one.id.toLowerCase() }))]
  writeFileSync(file, JSON.stringify({ ...register, tightenings }))
  letGo(join(folder, 'institution.json'))
  allowLists(join(folder, 'achievements', 'handledning-i-varden.v1.json'))
  return folder
}

/** What the words of decisions are worth ends with the case, so that there is something to dispose of. */
function letGo(file: string): void {
  const institution = JSON.parse(readFileSync(file, 'utf8')) as object
  const rule = { id: 'fritext', classes: ['decisions'], keep: 'after-end', days: 0, decision: 'STYR-4' }
  writeFileSync(file, JSON.stringify({ ...institution, retention: [rule] }))
}

/** Lets the course of the plays be approved in lists, as its institution may. */
function allowLists(file: string): void {
  const achievement = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...achievement, listApproval: true }))
}
