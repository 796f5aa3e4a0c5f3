/** Where scenarios are played: one system, what was sent to it, what is known to be wrong with it. */
import { setTimeout as sleep } from 'node:timers/promises'
import jwt from 'jsonwebtoken'
import type { TemporalLine } from '#connectors/platform/temporal.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { checkFromOutside } from '#dev/demo/outside.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import { astray, begin, type Part, perform } from './cast.ts'
import { dice, shuffled } from './dice.ts'
import { type Ground, patiently, temporalOf } from './ground.ts'
import { brokenTrails, count, doubles, gaps, misconducted, streams, unaccounted, unsettled } from './invariants.ts'
import { brokenLogs } from './log.ts'
import { allPlays, type Play } from './plays.ts'

export interface Stage {
  readonly ground: Ground
  /** Folder of the failpoints, which every process of ours was told. */
  readonly failpoints: string
  /** Folder of the register in force. */
  readonly register: string
  readonly random: () => number
  readonly line: TemporalLine
  /** Everything emitters have sent and a stream has stored. */
  readonly sent: Sent[]
  /** What must end as a dead letter. */
  readonly bad: Sent[]
  readonly parts: Part[]
  /** Faults told before: each is told once, where it first showed. */
  readonly told: Set<string>
  /** Credentials a stranger has verified already. */
  readonly seen: Set<string>
  /** Credentials that a stranger finds dated in the future, and valid from then on. */
  readonly early: Set<string>
  /** Hours the clock of the database has been ahead: what it dated is not valid for others before they get there. */
  hoursAhead: number
  /** How many rounds were played; makes awards differ. */
  rounds: number
}

export interface Round {
  /** What is played; default everything. */
  readonly plays?: (run: string, round: number) => Play[]
  /** What happens meanwhile; its answer are faults. It is told when every event of the plays has been sent. */
  readonly disturb?: (begun: Promise<unknown>) => Promise<string[]>
  readonly patienceMs?: number
  /** False where strangers are not asked: the API rightly refuses every login while its clock is wrong. */
  readonly outside?: boolean
  /** Sends a few events that must not get through, too. */
  readonly withBad?: boolean
}

/** How long cases may take where nothing or one thing is disturbed. */
export const patience = 240_000

export async function openStage(
  ground: Ground,
  { seed, failpoints, register }: { readonly seed: number; readonly failpoints: string; readonly register: string },
): Promise<Stage> {
  return {
    ground,
    failpoints,
    register,
    random: dice(seed),
    line: await temporalOf(ground),
    sent: [],
    bad: [],
    parts: [],
    told: new Set(),
    seen: new Set(),
    early: new Set(),
    hoursAhead: 0,
    rounds: 0,
  }
}

/**
 * One round: plays in a seeded order while something is disturbed, until everything rests; then everything is looked at.
 * @returns faults that were not there before; empty when all is well
 */
export async function playRound(stage: Stage, round: Round = {}): Promise<string[]> {
  const { plays = allPlays, disturb = async () => [], patienceMs = patience, withBad = false, outside = true } = round
  const { ground, sent, random } = stage
  const run = `r${stage.rounds}`
  const chosen = shuffled(plays(run, stage.rounds), random)
  stage.rounds += 1
  const parts: Part[] = []
  const burst = sleep(random() * 1_500)
  const beginning = chosen.map(async (play) => {
    await (play.over === 'burst' ? burst : sleep(random() * 1_500))
    parts.push(await begin(ground, play, { sent, pause: () => random() * 100 }))
  })
  if (withBad) beginning.push(sendBad(stage, run))
  const begun = Promise.all(beginning)
  const playing = async (): Promise<string[]> => {
    await begun
    return perform(ground, parts, { sent, patienceMs })
  }
  const [undone, disturbed] = await Promise.all([playing(), disturb(begun)])
  const restless = await rest(stage)
  // What came late may have moved a case on after everybody had gone home.
  if ((await astray(ground, parts)).length > 0) {
    await perform(ground, parts, { sent, patienceMs })
    await rest(stage)
  }
  stage.parts.push(...parts)
  return fresh(stage, [...undone, ...disturbed, ...restless, ...(await lookAtAll(stage, outside))])
}

/** Faults that have not been told yet. */
export function fresh({ told }: Stage, faults: readonly string[]): string[] {
  const unheard = [...new Set(faults)].filter((fault) => !told.has(fault))
  for (const fault of unheard) told.add(fault)
  return unheard
}

/** Waits until nothing is under way: streams read and acknowledged, outbox empty, no case at the gates, lists published, workflows of ended cases closed. */
export async function rest(stage: Stage): Promise<string[]> {
  const { ground, line } = stage
  let last = 'nothing answered'
  const isAtRest = async () => {
    const { pending, unacknowledged } = await streams(ground.natsAdmin)
    const left = await count(ground.admin, 'undelivered')
    const lists = await count(ground.admin, 'unpublished')
    const going = await count(ground.admin, 'going')
    const conduct = await misconducted(ground.admin, line.client)
    last = `${pending} pending, ${unacknowledged} unacknowledged, ${left} in the outbox, ${going} cases at the gates, ${lists} lists to publish, ${conduct.join(', ')}`
    return pending + unacknowledged + left + going + lists + conduct.length === 0
  }
  const quiet = await waitUntil(() => isAtRest().catch(() => false), patience)
  return quiet ? [] : [`did not come to rest: ${last}`]
}

/** Every invariant, over the memory and from outside. */
export async function lookAtAll(stage: Stage, outside = true): Promise<string[]> {
  const { ground, sent, bad, parts, line } = stage
  const { admin } = ground
  const faults = await Promise.all([
    doubles(admin),
    gaps(admin),
    unsettled(admin),
    brokenTrails(admin),
    unaccounted(admin, sent),
    misconducted(admin, line.client),
    astray(ground, parts),
    outside ? brokenLogs(ground) : [],
    outside ? strangers(stage) : [],
    counts(stage, { events: new Set(sent.map(({ source, id }) => `${source} ${id}`)).size, deadLetters: bad.length }),
  ])
  return faults.flat()
}

/** Nothing more than was sent has come in. */
async function counts(
  { ground }: Stage,
  wanted: Readonly<Record<'events' | 'deadLetters', number>>,
): Promise<string[]> {
  const faults: string[] = []
  for (const [what, number] of Object.entries(wanted) as ['events' | 'deadLetters', number][]) {
    const found = await count(ground.admin, what)
    if (found !== number) faults.push(`${found} ${what} for ${number} that were sent`)
  }
  return faults
}

/** Every published credential verifies for a stranger, and is revoked exactly where its play says so. */
async function strangers(stage: Stage): Promise<string[]> {
  const { ground, parts, seen, early, hoursAhead } = stage
  const rows = await ground.admin<{ id: string; caseId: string }[]>`select id, case_id as "caseId" from credential`
  const faults: string[] = []
  for (const { id, caseId } of rows.filter((row) => !seen.has(row.id) && !early.has(row.id))) {
    const play = parts.find((part) => part.caseId === caseId)?.play
    if (play === undefined) continue
    const wanted = play.expect.revoked === true ? 'revoked' : 'valid'
    const { status, later } = await seenByStranger(ground, id, hoursAhead).catch((error: unknown) => ({
      status: String(error),
      later: undefined,
    }))
    if (status === wanted) seen.add(id)
    else if (later === wanted) early.add(id)
    else faults.push(`${id} of ${play.key} is ${status} for a stranger, should be ${wanted}`)
  }
  return faults
}

interface Impression {
  readonly status: string
  /** What it is once their clock has caught up; only where it is dated in the future. */
  readonly later?: string
}

async function seenByStranger({ api }: Ground, id: string, hoursAhead: number): Promise<Impression> {
  return patiently(async () => {
    const { body } = await api.get('officer-2', `/credentials/${id}/document?purpose=audit`)
    try {
      return { status: (await checkFromOutside(String(body))).status }
    } catch (error) {
      if (!(error instanceof jwt.NotBeforeError) || hoursAhead === 0) throw error
      const then = new Date(Date.now() + hoursAhead * 3_600_000)
      return { status: 'not yet valid', later: (await checkFromOutside(String(body), then)).status }
    }
  })
}

/** Forged, malformed, not granted: each must end as a dead letter, whatever dies. */
async function sendBad({ ground, bad }: Stage, run: string): Promise<void> {
  const { emitters } = ground
  const at = { learner: '03', achievement: 'handledning-i-varden', offering: `bad-${run}` }
  const draft = f.completed('canvas-norrsken', at)
  const { learner: _, ...without } = draft.data
  const messages = [
    emitters.prepare(draft, { signature: 'other-key' }),
    emitters.prepare(draft, { signature: 'none' }),
    emitters.prepare({ ...f.supervised('provtjanst', at), emitter: 'canvas-norrsken' }),
    emitters.prepare({ ...draft, data: { ...without, completedAt: 'yesterday' } }),
  ]
  for (const message of messages) {
    await patiently(() => emitters.publish(message, `${message.id}:surely`))
    bad.push(message)
  }
}
