/** What operators see of the logs; without it one that stands still would be noticed by whoever waits for a credential. */
import { setAll } from '#connectors/platform/metrics.ts'
import type { Published } from './publish.ts'

interface Told {
  readonly frozen: boolean
  readonly size: number
  /** When it was last published, or found to be published whole; milliseconds since 1970. */
  readonly at: number
}

const told = new Map<string, Told>()

/** Notes how a round ended. The age of what was published grows until the next one that succeeds. */
export function tellLog(institution: string, published: Published): void {
  const before = told.get(institution)
  const isWell = published.kind === 'published' || published.kind === 'confirmed'
  told.set(institution, {
    frozen: published.kind === 'frozen',
    size: isWell ? published.size : (before?.size ?? 0),
    at: isWell || before === undefined ? Date.now() : before.at,
  })
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
    'bevis_log_unpublished_seconds',
    each(({ at }) => (Date.now() - at) / 1_000),
  )
}
