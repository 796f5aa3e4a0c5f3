/**
 * The floor under intake: takes events off the stream and inserts, in one transaction for each two hundred, the rows intake would
 * insert; starts one workflow for the cases among them; acknowledges. It checks, seals and chains nothing.
 */
import { readFileSync } from 'node:fs'
import { jetstream } from '@nats-io/jetstream'
import { Client, Connection } from '@temporalio/client'
import postgres from 'postgres'
import { connectNats } from '#connectors/platform/nats.ts'
import { type Pattern, rowsOf } from './patterns.ts'

/** What the harness has it insert. */
export interface ConsumerOrders {
  readonly nats: { readonly url: string; readonly seed: string; readonly name: string }
  readonly durable: string
  readonly database: string
  readonly temporal: string
  /** For every learner seen for the first time, for every fact, for every completion. */
  readonly patterns: Readonly<Record<'learner' | 'fact' | 'completion', readonly Pattern[]>>
}

interface Told {
  readonly id: string
  readonly type: string
  readonly sequence: number
  readonly data: { readonly learner: { readonly value: string } }
}

/** As intake's, so that as many share a transaction. */
const batchSize = 200

const orders = JSON.parse(readFileSync(process.env['BENCH_ORDERS'] ?? '', 'utf8')) as ConsumerOrders
const sql = postgres(orders.database, { max: 1, connection: { TimeZone: 'UTC' }, onnotice: () => undefined })
const connection = await Connection.connect({ address: orders.temporal })
const client = new Client({ connection })
const nats = await connectNats(orders.nats)
const consumer = await jetstream(nats).consumers.get('COMPLETIONS', orders.durable)
const known = new Set<string>()

function gather(events: readonly Told[]): Map<Pattern, (string | null)[][]> {
  const rows = new Map<Pattern, (string | null)[][]>()
  const add = (patterns: readonly Pattern[], event: Told) => {
    const seeds = { event: event.id, learner: event.data.learner.value, sequence: event.sequence }
    for (const pattern of patterns) rows.set(pattern, [...(rows.get(pattern) ?? []), ...rowsOf(pattern, seeds)])
  }
  for (const event of events) {
    const { value } = event.data.learner
    if (!known.has(value)) add(orders.patterns.learner, event)
    known.add(value)
    add(event.type.includes('.completion.') ? orders.patterns.completion : orders.patterns.fact, event)
  }
  return rows
}

function insert(tx: postgres.TransactionSql, { table, columns }: Pattern, rows: readonly (string | null)[][]) {
  const names = columns.map(({ name }) => name).join(', ')
  const values = columns.map(({ name, type }) => `u.${name}::${type}`).join(', ')
  const lists = columns.map((_, index) => `$${index + 1}::text[]`).join(', ')
  const given = columns.map((_, index) => rows.map((row) => row[index] ?? null))
  return tx.unsafe(
    `insert into bench.${table.split('.')[1]} (${names}) select ${values} from unnest(${lists}) as u(${names})`,
    given,
    { prepare: true },
  )
}

let started = 0
console.log(JSON.stringify({ msg: 'working' }))
process.once('SIGTERM', () => process.exit(0))
for (;;) {
  const batch = []
  for await (const message of await consumer.fetch({ max_messages: batchSize, expires: 5_000 })) batch.push(message)
  if (batch.length === 0) continue
  const events = batch.map((message) => message.json<Told>())
  await sql.begin((tx) => Promise.all([...gather(events)].map(([pattern, rows]) => insert(tx, pattern, rows))))
  const cases = events.filter(({ type }) => type.includes('.completion.')).map(({ id }) => id)
  if (cases.length > 0) {
    started += 1
    const workflowId = `bench-consumer/${process.pid}/${started}`
    await client.workflow.start('nobody', { taskQueue: 'bench-nobody', workflowId, args: [{ cases }] })
  }
  for (const message of batch) message.ack()
}
