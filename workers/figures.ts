/** Keeps the gauges that only the database knows. One process does it, the relay, so that scraping five costs no more than one. */
import { type Labels, setAll } from '#connectors/platform/metrics.ts'
import { type Db, listInstitutions } from '#db/client.ts'
import { endedCases, type InstitutionFigures, institutionFigures, outboxFigures } from '#db/queries/figures.ts'
import { doorbell } from './doorbell.ts'

const pauseMs = 15_000
/** Ended cases are many: counting them may take a hundredth of one connection's time. */
const share = 100
const leastPauseMs = 60_000

/** Counts until `signal` aborts. A database that is away leaves the figures old, which their timestamp shows. */
export async function runFigures(db: Db, signal: AbortSignal, onTrouble?: (error: unknown) => void): Promise<void> {
  const bell = doorbell(signal)
  let ended: Ended = { cases: [], dueAt: 0 }
  while (!signal.aborted) {
    try {
      ended = await refreshFigures(db, ended)
    } catch (error) {
      onTrouble?.(error)
    }
    await bell.wait(pauseMs)
  }
}

type Row<N extends Parameters<typeof setAll>[0]> = readonly [Labels<N>, number]

interface Ended {
  readonly cases: readonly Row<'bevis_cases'>[]
  /** On this process's monotonic clock, in milliseconds. */
  readonly dueAt: number
}

/** Counts once; ended cases only when they are due. */
export async function refreshFigures(db: Db, before: Ended = { cases: [], dueAt: 0 }): Promise<Ended> {
  const began = performance.now()
  const institutions = await listInstitutions(db)
  const found: (readonly [string, InstitutionFigures])[] = []
  for (const institution of institutions) found.push([institution, await institutionFigures(db, institution)])
  const outbox = await outboxFigures(db)
  setAll(
    'bevis_outbox_pending',
    kinds.map((kind) => [{ kind }, outbox.find((row) => row.kind === kind)?.pending ?? 0]),
  )
  setAll(
    'bevis_outbox_oldest_seconds',
    kinds.map((kind) => [{ kind }, outbox.find((row) => row.kind === kind)?.oldest ?? 0]),
  )
  const took = performance.now() - began
  const ended = began < before.dueAt ? before : await countEnded(db, institutions)
  tellInstitutions(found, ended)
  setAll('bevis_figures_duration_seconds', [[{}, took / 1_000]])
  setAll('bevis_figures_updated_timestamp_seconds', [[{}, Date.now() / 1_000]])
  return ended
}

const kinds = ['event', 'start', 'signal', 'update'] as const

async function countEnded(db: Db, institutions: readonly Parameters<typeof endedCases>[1][]): Promise<Ended> {
  const began = performance.now()
  const cases: Row<'bevis_cases'>[] = []
  for (const institution of institutions) {
    const rows = await endedCases(db, institution)
    cases.push(...rows.map((row): Row<'bevis_cases'> => [{ institution, state: row.state, step: 'end' }, row.cases]))
  }
  const now = performance.now()
  return { cases, dueAt: now + Math.max(leastPauseMs, share * (now - began)) }
}

function tellInstitutions(found: readonly (readonly [string, InstitutionFigures])[], ended: Ended): void {
  const cases: Row<'bevis_cases'>[] = [...ended.cases]
  const overdue = new Map<string, readonly [{ institution: string; step: string }, number, number]>()
  for (const [institution, { open }] of found) {
    for (const { state, step, cases: many, overdue: late, oldest } of open) {
      cases.push([{ institution, state, step }, many])
      const [, lateBefore, oldestBefore] = overdue.get(`${institution} ${step}`) ?? [undefined, 0, 0]
      overdue.set(`${institution} ${step}`, [{ institution, step }, lateBefore + late, Math.max(oldestBefore, oldest)])
    }
  }
  setAll('bevis_cases', cases)
  setAll(
    'bevis_cases_overdue',
    [...overdue.values()].map(([labels, late]) => [labels, late]),
  )
  setAll(
    'bevis_case_wait_oldest_seconds',
    [...overdue.values()].map(([labels, , oldest]) => [labels, oldest]),
  )
  setAll(
    'bevis_dead_letters_open',
    found.map(([institution, { deadLetters }]) => [{ institution }, deadLetters]),
  )
  setAll(
    'bevis_signing_key_age_seconds',
    known(found, ({ keyAge }) => keyAge),
  )
  setAll(
    'bevis_status_list_publish_age_seconds',
    known(found, ({ publishAge }) => publishAge),
  )
}

function known(
  found: readonly (readonly [string, InstitutionFigures])[],
  pick: (figures: InstitutionFigures) => number | undefined,
): (readonly [{ institution: string }, number])[] {
  return found.flatMap(([institution, figures]) => {
    const value = pick(figures)
    return value === undefined ? [] : [[{ institution }, value] as const]
  })
}
