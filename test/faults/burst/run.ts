/** A burst over the running system, with a person deciding meanwhile, and everything counted afterwards. */
import { waitUntil } from '#dev/servers/processes.ts'
import { type Ground, temporalOf } from '../ground.ts'
import { brokenTrails, count, doubles, gaps, misconducted, streams, unaccounted, unsettled } from '../invariants.ts'
import { casesToDecide, type Decided, decideAll } from './decisions.ts'
import { type BurstEvents, prepareBurst, publishBurst } from './events.ts'
import { type Sample, watchIntake } from './watch.ts'

export interface BurstOptions {
  /** Names the awards, so that a second burst over the same system is another one. */
  readonly run: string
  readonly events: number
  /** About whom is decided; nobody the burst itself tells of. */
  readonly learners?: readonly string[]
  /** How many decisions are made while nothing else happens, and at most as many meanwhile. */
  readonly decisions: number
  readonly pauseMs?: number
  /** How long it may take until all is taken in, and then until all has come to rest. */
  readonly patienceMs: number
  readonly say?: (line: string) => void
}

export interface BurstReport {
  /** Messages published, with repetitions and false ones. */
  readonly messages: number
  /** From the first one sent to the last one settled. */
  readonly seconds: number
  readonly samples: readonly Sample[]
  readonly idle: readonly Decided[]
  readonly meanwhile: readonly Decided[]
  /** What must not be; empty when all is well. */
  readonly faults: readonly string[]
}

/** Learners of the demo register whom no event of the burst is about. */
const undisturbed = ['01', '02', '03', '04', '05', '06', '07', '08', '12', '14', '15', '16']

export async function runBurst(ground: Ground, options: BurstOptions): Promise<BurstReport> {
  const { run, events, decisions, learners = undisturbed, pauseMs = 100, patienceMs, say = () => undefined } = options
  const [repeatsBefore, lettersBefore] = await Promise.all([
    count(ground.admin, 'repeats'),
    count(ground.admin, 'deadLetters'),
  ])
  say(`${decisions * 2} cases are brought before their examiner …`)
  const toDecide = await casesToDecide(ground, { run, learners, many: decisions * 2 })
  const idle = await decideAll(ground, toDecide.slice(0, decisions), { pauseMs })
  say(`${events} events are signed …`)
  const burst = prepareBurst(ground, run, events)

  say('They are sent …')
  const { begun, seconds, isTakenIn, samples, meanwhile } = await flood(ground, burst, {
    patienceMs,
    say,
    // Nobody is asked to decide longer than it lasts.
    decideUntil: (enough) => decideAll(ground, toDecide.slice(decisions), { pauseMs, enough }),
  })
  say(`All are taken in after ${seconds} s; now they go through the gates …`)
  const restless = await rest(ground, patienceMs)
  say(`At rest after ${since(begun)} s`)

  const { admin } = ground
  const letters = (await count(admin, 'deadLetters')) - lettersBefore
  const repeats = (await count(admin, 'repeats')) - repeatsBefore
  const faults = [
    ...(isTakenIn ? [] : ['not everything was taken in']),
    ...restless,
    ...(await undecided(ground, [...idle, ...meanwhile])),
    ...(letters === burst.bad.length ? [] : [`${letters} dead letters for ${burst.bad.length} false events`]),
    ...(repeats === burst.repeated ? [] : [`${repeats} repetitions known for ${burst.repeated} sent`]),
    ...(await unaccounted(admin, burst.good)).map((id) => `lost: ${id}`),
    ...(await Promise.all([doubles(admin), gaps(admin), unsettled(admin), brokenTrails(admin)])).flat(),
  ]
  return { messages: burst.messages.length, seconds, samples, idle, meanwhile, faults }
}

interface Flood {
  readonly patienceMs: number
  readonly say: (line: string) => void
  readonly decideUntil: (enough: () => boolean) => Promise<Decided[]>
}

/** Sends all of it, and looks on until it is taken in. */
async function flood(ground: Ground, burst: BurstEvents, { patienceMs, say, decideUntil }: Flood) {
  const watch = watchIntake(ground, 250)
  const begun = performance.now()
  let isOver = false
  const taking = async () => {
    try {
      await publishBurst(ground, burst)
      say(`All are stored in the stream after ${since(begun)} s`)
      return await waitUntil(() => nothingPending(ground).catch(() => false), patienceMs)
    } finally {
      isOver = true
    }
  }
  const [taken, decided] = await Promise.allSettled([taking(), decideUntil(() => isOver)])
  const seconds = since(begun)
  const samples = await watch.stop()
  if (taken.status === 'rejected') throw taken.reason
  if (decided.status === 'rejected') throw decided.reason
  return { begun, seconds, samples, isTakenIn: taken.value, meanwhile: decided.value }
}

async function nothingPending({ natsAdmin }: Ground): Promise<boolean> {
  const { pending, unacknowledged } = await streams(natsAdmin)
  return pending === 0 && unacknowledged === 0
}

/** Waits until all has been sent and nobody works at a case that has ended, or at none. */
async function rest(ground: Ground, patienceMs: number): Promise<string[]> {
  const line = await temporalOf(ground)
  let last: string[] = []
  const isAtRest = async () => {
    const left = await count(ground.admin, 'undelivered')
    const going = await ground.admin`select id from cases where state in ('received', 'judging', 'cleared') limit 1`
    if (left > 0 || going.length > 0) {
      last = [`${left} in the outbox, ${going.length === 0 ? 'no' : 'a'} case under way`]
      return false
    }
    last = await misconducted(ground.admin, line.client)
    return last.length === 0
  }
  try {
    return (await waitUntil(isAtRest, patienceMs)) ? [] : last
  } finally {
    await line.close()
  }
}

/** Decisions that were answered and not taken. */
async function undecided({ admin }: Ground, decided: readonly Decided[]): Promise<string[]> {
  const ids = decided.map((one) => one.case)
  const rows = await admin<{ id: string; state: string }[]>`
    select id, state from cases where id = any(${ids}) and state <> 'issued'`
  return rows.map(({ id, state }) => `${id} was approved and is ${state}`)
}

function since(begun: number): number {
  return Math.round((performance.now() - begun) / 100) / 10
}
