/** What operators see of the logs; without it one that stands still would be noticed by whoever waits for a credential. */
import { observe, setAll } from '#connectors/platform/metrics.ts'
import type { Published } from './publish.ts'

interface Told {
  readonly frozen: boolean
  readonly size: number
  /** When it was last published, or found to be published whole; milliseconds since 1970. */
  readonly at: number
}

const told = new Map<string, Told>()

/** Of each log's witnesses, as its newest checkpoint showed them. */
const clocks = new Map<string, ReadonlyMap<string, number>>()

/** When the oldest entry was appended that has its place and stands under no checkpoint yet; `performance.now()`. */
const waiting = new Map<string, number>()

/** Notes what a round took in: it waits until a checkpoint over it is published, by this round or, where that fails, by a later one. */
export function tellTaken(institution: string, oldestSeconds: number): void {
  if (!waiting.has(institution)) waiting.set(institution, performance.now() - oldestSeconds * 1_000)
}

function tellMerged(institution: string, published: Published): void {
  const since = waiting.get(institution)
  if (published.kind !== 'published' && published.kind !== 'confirmed') return
  waiting.delete(institution)
  if (since !== undefined) observe('bevis_log_merge_delay_seconds', {}, (performance.now() - since) / 1_000)
}

/** Notes how a round ended. The age of what was published grows until the next one that succeeds. */
export function tellLog(institution: string, published: Published): void {
  tellMerged(institution, published)
  if (published.kind === 'published') clocks.set(institution, published.clocks)
  const before = told.get(institution)
  const isWell = published.kind === 'published' || published.kind === 'confirmed'
  told.set(institution, {
    frozen: published.kind === 'frozen',
    size: isWell ? published.size : (before?.size ?? 0),
    at: isWell || before === undefined ? Date.now() : before.at,
  })
  tellAll()
}

/** Notes a round that ended in an error: nothing is known of the log but that time goes by. */
export function tellFailed(institution: string): void {
  if (!told.has(institution)) told.set(institution, { frozen: false, size: 0, at: Date.now() })
  tellAll()
}

function tellAll(): void {
  const each = (value: (one: Told) => number) =>
    [...told].map(([name, one]) => [{ institution: name }, value(one)] as const)
  setAll(
    'bevis_log_frozen',
    each(({ frozen }) => Number(frozen)),
  )
  setAll(
    'bevis_log_size',
    each(({ size }) => size),
  )
  setAll(
    'bevis_log_witness_clock_ahead_seconds',
    [...clocks].flatMap(([institution, ahead]) =>
      [...ahead].map(([witness, seconds]) => [{ institution, witness }, seconds] as const),
    ),
  )
  setAll(
    'bevis_log_unpublished_seconds',
    each(({ at }) => (Date.now() - at) / 1_000),
  )
}
