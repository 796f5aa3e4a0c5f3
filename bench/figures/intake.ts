/** Events per second off the stream into the record, the workflows of their cases started; the pipeline rests meanwhile. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connectNats } from '#connectors/platform/nats.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import * as f from '#dev/demo/facts.ts'
import { daysAgo } from '#dev/demo/moments.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import { type Bench, type Figure, interleaved, rate } from '../figure.ts'
import type { ConsumerOrders } from '../floors/consumer.ts'
import { type Column, type Names, patternsOf, type Sample } from '../floors/patterns.ts'
import type { Ground } from '../ground.ts'
import { compared } from '../results.ts'

/** Of each person: four sessions attended and one completion, as docs/scale.md counts five events a case. */
const perCase = 5
/** Both take in at most so many at a time; events come in whole batches, so that neither waits for a last one to fill. */
const batch = 200
const patienceMs = 300_000

export const intake: Figure = {
  name: 'intake',
  title: 'events/s into the record with their workflows started, beside a bare consumer with the same inserts',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['pipeline', 'signing', 'relay', 'api', 'intake'] as const) await ground.stop(name)
    const line = await connectNats(natsAdmin(ground))
    try {
      const jsm = await jetstreamManager(line)
      const events = Math.ceil(sizes.cases / batch) * batch
      await byIntake(ground, jsm, batch)
      const orders = await ordersFrom(ground)
      const found = await interleaved(sizes.runs, {
        ours: async () => told(say, 'intake', await byIntake(ground, jsm, events)),
        bare: async () => told(say, 'bare consumer', await byConsumer(ground, jsm, { orders, events })),
      })
      return [
        compared({
          figure: 'intake: into the record and started',
          unit: 'events/s',
          ours: found.ours,
          beside: 'bare consumer, the same inserts in batches of 200',
          theirs: found.bare,
          aim: { atLeast: 0.7 },
        }),
      ]
    } finally {
      await line.close()
      await letThemThrough(ground, say)
    }
  },
}

function told(say: Bench['say'], what: string, found: number): number {
  say(`  ${what}: ${found.toFixed(0)} events/s`)
  return found
}

function natsAdmin({ stack }: Ground): ConsumerOrders['nats'] {
  const seed = readFileSync(stack.environment('cli')['BEVIS_NATS_SEED_FILE'] ?? '', 'utf8').trim()
  return { url: stack.urls.nats, seed, name: 'admin' }
}

/** Intake begins only once the relay has compared the record with its mark; then the relay rests with the others. */
async function byIntake(ground: Ground, jsm: JetStreamManager, events: number): Promise<number> {
  await ground.start('relay')
  await ground.start('intake', {})
  await ground.stop('relay')
  const table = 'inbox'
  return takenIn(ground, jsm, { durable: 'intake', table, events })
}

interface Turn {
  readonly orders: ConsumerOrders
  readonly events: number
}

/** What it takes is real: intake meets it when it is started again, and takes it in as well. */
async function byConsumer(ground: Ground, jsm: JetStreamManager, { orders, events }: Turn): Promise<number> {
  await ground.stop('intake')
  const { durable } = orders
  await jsm.consumers.delete('COMPLETIONS', durable).catch(() => undefined)
  await jsm.consumers.add('COMPLETIONS', {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.New,
    max_ack_pending: 1_024,
  })
  const file = join(ground.stack.dir, 'consumer-orders.json')
  writeFileSync(file, JSON.stringify(orders), { mode: 0o600 })
  const consumer = await ground.startScript('consumer', { BENCH_ORDERS: file })
  try {
    return await takenIn(ground, jsm, { durable, table: 'bench.inbox', events })
  } finally {
    await consumer.stop()
  }
}

interface Taking {
  readonly durable: string
  readonly table: 'inbox' | 'bench.inbox'
  readonly events: number
}

/** Each turn begins in a process of its own, so one batch warms it up. */
async function takenIn(ground: Ground, jsm: JetStreamManager, { durable, table, events }: Taking): Promise<number> {
  const { admin, sender } = ground
  const settled = async () => {
    const isSettled = async () => {
      const { num_pending: pending, num_ack_pending: inHand } = await jsm.consumers.info('COMPLETIONS', durable)
      return pending + inHand === 0
    }
    if (!(await waitUntil(isSettled, patienceMs))) throw new Error(`${durable} does not come to an end`)
    return performance.now()
  }
  const count = async () => {
    const [row] = await admin<{ n: number }[]>`select count(*)::int as n from ${admin(table)}`
    return row?.n ?? 0
  }
  const warm = sessions(ground, batch)
  const measured = sessions(ground, events)
  await settled()
  await sender.send(warm)
  await settled()
  const before = await count()
  const began = performance.now()
  await sender.send(measured)
  const ended = await settled()
  const taken = (await count()) - before
  if (taken !== events) throw new Error(`${taken} of ${events} events are in ${table}`)
  return rate(events, began, ended)
}

let people = 0

function sessions({ sender }: Ground, events: number): Sent[] {
  return Array.from({ length: events / perCase }, () => {
    people += 1
    const at = { learner: `i${people}`, achievement: 'validering-information', offering: `intake-${people % 97}` }
    const days = Array.from({ length: perCase - 1 }, (_, index) => index + 6)
    return [...days.map((day) => attended(at, day)), f.completed('webb', at)].map((draft) => sender.prepare(draft))
  }).flat()
}

function attended(at: f.At, day: number) {
  const session = {
    activity: 'information-session',
    form: 'live',
    setting: 'online',
    where: 'Zoom, möte 4711',
    share: 0.95,
  }
  return f.attended('webb', at, session, { from: daysAgo(day, '16:00'), until: daysAgo(day, '18:00') })
}

/** What was taken in goes through the gates now, so that no later figure finds it in its way. */
async function letThemThrough(ground: Ground, say: Bench['say']): Promise<void> {
  say('  what was taken in goes through the gates …')
  for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline'] as const) await ground.start(name)
  await ground.start('intake', {})
  const { admin } = ground
  const isThrough = async () => {
    const left = await admin`
      select id from cases where state in ('received', 'judging', 'cleared')
      union all select id from outbox where done_at is null limit 1`
    return left.length === 0
  }
  if (!(await waitUntil(isThrough, 600_000))) throw new Error('what was taken in does not come to rest')
}

/** One case that intake took in before anything else touched it, as patterns; and tables like ours to write them to. */
async function ordersFrom(ground: Ground): Promise<ConsumerOrders> {
  const { admin, stack, temporalAddress } = ground
  const [found] = await admin<Found[]>`
    select c.id, c.person, c.trail::text, encode(c.event_key, 'hex') as key, r.hex as reference from cases c,
      lateral (select encode(reference, 'hex') as hex from person_reference p where p.person = c.person limit 1) r
    where c.state = 'received' order by c.opened_at desc limit 1`
  if (found === undefined) throw new Error('intake has opened no case')
  const completion = await evidenceOf(ground, found, true)
  const fact = await evidenceOf(ground, found, false)
  const learners: Names = { [found.person]: 'learner', [found.reference]: 'learner' }
  const named = (one: Fact, more: Names = {}): Names => ({
    ...learners,
    [one.key]: 'event',
    [one.id]: 'event',
    ...more,
  })
  const ofEvent = (one: Fact) => [
    ['inbox', `event_key = '\\x${one.key}'`],
    ['evidence', `event_key = '\\x${one.key}'`],
    ['emitter_sequence', `event_key = '\\x${one.key}'`],
  ]
  const ofCase = [
    ['cases', `id = '${found.id}'`],
    ...['trail', 'entry', 'pending', 'disclosure'].map((table) => [`audit.${table}`, `trail = '${found.trail}'`]),
    ['outbox', `kind = 'event' and payload::text like '%${found.id}%'`],
  ]
  const ofLearner = [
    ['subject_key', `subject = '${found.person}'`],
    ['person_reference', `person = '${found.person}'`],
  ]
  const sampled = async (which: readonly (readonly string[])[]) => {
    const samples: Sample[] = []
    for (const [table = '', where = ''] of which) samples.push(await sample(ground, table, where))
    return samples
  }
  return {
    nats: natsAdmin(ground),
    durable: 'bench',
    database: stack.adminUrl,
    temporal: temporalAddress.address,
    patterns: {
      learner: patternsOf(await sampled(ofLearner), learners),
      fact: patternsOf(await sampled(ofEvent(fact)), named(fact)),
      completion: patternsOf(
        await sampled([...ofEvent(completion), ...ofCase]),
        named(completion, { [found.id]: 'event', [found.trail]: 'event' }),
      ),
    },
  }
}

interface Fact {
  readonly id: string
  readonly key: string
}

interface Found extends Fact {
  readonly person: string
  readonly trail: string
  readonly reference: string
}

async function evidenceOf({ admin }: Ground, found: Found, isCompletion: boolean): Promise<Fact> {
  const [fact] = await admin<Fact[]>`
    select id, encode(event_key, 'hex') as key from evidence
    where person = ${found.person} and (kind = 'completion') = ${isCompletion} limit 1`
  if (fact === undefined) throw new Error(`${found.id} has no evidence`)
  return fact
}

/** Rows as they are, all that may be inserted of them, and an empty table of the same shape, indexes and checks beside ours. */
async function sample({ admin }: Ground, name: string, where: string): Promise<Sample> {
  const table = name.includes('.') ? name : `public.${name}`
  await admin.unsafe(`create table if not exists bench.${table.split('.')[1]} (like ${table} including all)`)
  const columns = await admin<Column[]>`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'pid'
    order by attnum`
  const list = columns.map((column) => `${column.name}::text`).join(', ')
  const rows = await admin.unsafe(`select ${list} from ${table} where ${where}`).values()
  if (rows.length === 0) throw new Error(`intake left nothing in ${table}`)
  return { table, columns: [...columns], rows: rows as unknown as Sample['rows'] }
}
