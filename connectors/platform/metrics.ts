/**
 * Every figure a process tells Prometheus, on one page; docs/metrics.md is generated from it. Base units, `bevis_`, `_total`.
 * Labels are codes of ours: no case, learner or event ever becomes one (contracts §10), or series would also grow for ever.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const slow = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200]

export const metricSpecs = {
  bevis_events_total: {
    kind: 'counter',
    help: 'Events taken from the stream or posted, by what became of them: case, evidence, unresolved, duplicate, refused, quarantined, not-now',
    labels: ['institution', 'source', 'outcome'],
  },
  bevis_dead_letters_total: {
    kind: 'counter',
    help: 'Events that became dead letters, by reason',
    labels: ['institution', 'source', 'code'],
  },
  bevis_event_lag_seconds: {
    kind: 'histogram',
    help: 'From an event stored in the stream to taken in',
    labels: [],
    buckets: slow,
  },
  bevis_step_duration_seconds: {
    kind: 'histogram',
    help: 'One activity for a list of cases, by step and whether it failed',
    labels: ['step', 'outcome'],
    buckets: quick,
  },
  bevis_step_cases_total: {
    kind: 'counter',
    help: 'Cases that took a step, by what it came to: pass, wait, stop, again, ended, signed, refused',
    labels: ['step', 'outcome'],
  },
  bevis_signatures_total: {
    kind: 'counter',
    help: 'Cases signed or refused by the signing worker, by its code',
    labels: ['institution', 'outcome', 'code'],
  },
  bevis_reconciliation_found_total: {
    kind: 'counter',
    help: 'Overdue gaps in what sources sent, and discrepancies in the record, found by the nightly reconciliation',
    labels: ['institution'],
  },
  bevis_relay_messages_total: {
    kind: 'counter',
    help: 'Outbox rows sent (sent) or to be sent again (failed)',
    labels: ['kind', 'outcome'],
  },
  bevis_log_entries_total: {
    kind: 'counter',
    help: 'Entries given their position in the log',
    labels: ['institution'],
  },
  bevis_log_merge_delay_seconds: {
    kind: 'histogram',
    help: 'From the oldest entry appended that no checkpoint covers to the checkpoint over it published, cosigned by its quorum, however many rounds that takes; aim 1',
    labels: [],
    buckets: quick,
  },
  bevis_log_size: { kind: 'gauge', help: 'Entries under the newest checkpoint', labels: ['institution'] },
  bevis_log_frozen: {
    kind: 'gauge',
    help: '1 while a log stands still because it contradicts its lock or a witness: nothing is signed until somebody has looked',
    labels: ['institution'],
  },
  bevis_log_unpublished_seconds: {
    kind: 'gauge',
    help: 'Since the log was last published or found to be published whole; beyond 15 nothing is signed',
    labels: ['institution'],
  },
  bevis_http_request_duration_seconds: {
    kind: 'histogram',
    help: 'Answers of the API by route template',
    labels: ['method', 'route', 'status'],
    buckets: quick,
  },
  bevis_db_transaction_duration_seconds: {
    kind: 'histogram',
    help: 'Transactions in the database, with the wait for a connection of the pool',
    labels: ['outcome'],
    buckets: quick,
  },
  bevis_db_transactions_open: {
    kind: 'gauge',
    help: 'Transactions running or waiting for a connection of the pool',
    labels: [],
  },
  bevis_db_pool_connections: { kind: 'gauge', help: 'Most connections this process opens to the database', labels: [] },
  bevis_cases: {
    kind: 'gauge',
    help: 'Cases by state and step; for states a case never leaves the step is end, and the count is renewed more seldom',
    labels: ['institution', 'state', 'step'],
  },
  bevis_cases_overdue: {
    kind: 'gauge',
    help: 'Waiting cases whose deadline has passed',
    labels: ['institution', 'step'],
  },
  bevis_case_wait_oldest_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest wait per step',
    labels: ['institution', 'step'],
  },
  bevis_outbox_pending: { kind: 'gauge', help: 'Outbox rows not yet sent', labels: ['kind'] },
  bevis_outbox_oldest_seconds: { kind: 'gauge', help: 'Age of the oldest outbox row not yet sent', labels: ['kind'] },
  bevis_dead_letters_open: { kind: 'gauge', help: 'Dead letters nobody has dealt with', labels: ['institution'] },
  bevis_signing_key_age_seconds: {
    kind: 'gauge',
    help: 'Age of the newest active signing key',
    labels: ['institution'],
  },
  bevis_status_list_publish_age_seconds: {
    kind: 'gauge',
    help: 'Since the status list published longest ago was last published',
    labels: ['institution'],
  },
  bevis_log_witness_answers_total: {
    kind: 'counter',
    help: 'Answers of witnesses to our checkpoints: cosigned, ahead, refused, not-its-own, unreachable',
    labels: ['witness', 'outcome'],
  },
  bevis_log_witness_clock_ahead_seconds: {
    kind: 'gauge',
    help: 'How far the clock of a witness is ahead of the database’s, which dates all entries, at the newest checkpoint; whole seconds',
    labels: ['institution', 'witness'],
  },
  bevis_log_anchor_age_seconds: {
    kind: 'gauge',
    help: 'Since the newest time-stamp (RFC 3161) on a checkpoint of the log; none while there is none',
    labels: ['institution'],
  },
  bevis_witness_requests_total: {
    kind: 'counter',
    help: 'Checkpoints this witness was asked to cosign, by its answer: 200 cosigned, 409 another size, 422 another history',
    labels: ['status'],
  },
  bevis_figures_updated_timestamp_seconds: {
    kind: 'gauge',
    help: 'When the relay last counted in the database; the gauges above are as old as this',
    labels: [],
  },
  bevis_figures_duration_seconds: { kind: 'gauge', help: 'How long that counting took', labels: [] },
} as const satisfies Record<string, MetricSpec>

type Specs = typeof metricSpecs
type Named<K extends MetricSpec['kind']> = { [N in keyof Specs]: Specs[N]['kind'] extends K ? N : never }[keyof Specs]
export type Labels<N extends keyof Specs> = { readonly [L in Specs[N]['labels'][number]]: string }

const registry = new Registry()
collectDefaultMetrics({ register: registry })
const known = new Map<string, Counter | Gauge | Histogram>(
  Object.entries<MetricSpec>(metricSpecs).map(([name, spec]) => [name, made(name, spec)]),
)

function made(name: string, { kind, help, labels, buckets }: MetricSpec): Counter | Gauge | Histogram {
  const common = { name, help, labelNames: [...labels], registers: [registry] }
  switch (kind) {
    case 'counter':
      return new Counter(common)
    case 'gauge':
      return new Gauge(common)
    case 'histogram':
      return new Histogram({ ...common, buckets: [...(buckets ?? quick)] })
  }
}

export function count<N extends Named<'counter'>>(name: N, labels: Labels<N>, by = 1): void {
  const metric = known.get(name)
  if (metric instanceof Counter) metric.inc(safe(labels), by)
}

export function observe<N extends Named<'histogram'>>(name: N, labels: Labels<N>, value: number): void {
  const metric = known.get(name)
  if (metric instanceof Histogram) metric.observe(safe(labels), value)
}

/** Replaces all series of a gauge, so that what no longer is does not stay. */
export function setAll<N extends Named<'gauge'>>(name: N, values: readonly (readonly [Labels<N>, number])[]): void {
  const metric = known.get(name)
  if (!(metric instanceof Gauge)) return
  metric.reset()
  for (const [labels, value] of values) metric.set(safe(labels), value)
}

/** Changes a gauge that this process keeps by itself. */
export function add<N extends Named<'gauge'>>(name: N, labels: Labels<N>, by: number): void {
  const metric = known.get(name)
  if (metric instanceof Gauge) metric.inc(safe(labels), by)
}

/** Whoever sends events chooses some values: only codes pass, and not without end. */
const mostValues = 1_000
const seen = new Set<string>()

function safe(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, safeValue(value)]))
}

function safeValue(value: string): string {
  if (seen.has(value)) return value
  if (seen.size >= mostValues || !/^[\w/{}:.*-]{0,100}$/.test(value) || /\d{6}|^(case|cred|dead)_/.test(value))
    return 'other'
  seen.add(value)
  return value
}

/**
 * Everything in Prometheus' text format. `beside`: where the Temporal SDK tells its own figures, on this machine; they are
 * added, and left out while they cannot be had.
 */
export async function metricsPage(beside?: string): Promise<{ readonly type: string; readonly text: string }> {
  const own = await registry.metrics()
  const theirs = beside === undefined ? '' : await fetched(`http://${beside}/metrics`)
  return { type: registry.contentType, text: `${own}\n${theirs}` }
}

async function fetched(url: string): Promise<string> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).text()
  } catch {
    return ''
  }
}
