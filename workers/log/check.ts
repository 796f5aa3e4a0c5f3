/**
 * Reads a log back from the database, every byte of it, and computes it anew (audit-log §9.3): what the tables say of entries, positions,
 * tiles, heads and checkpoints must be one story. A bit that fell over, or a row somebody bent, is found here and not years later.
 */
import { checkLog, type LogFinding } from '#audit/check-log.ts'
import { base64 } from '#audit/digest.ts'
import { encodeBundle, parseTilePath, tileWidth } from '#audit/tile.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { inStep } from '#config/failpoints.ts'
import { appendEntries } from '#db/audit-log.ts'
import { type Db, inInstitution, listInstitutions, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { checkpointsAfter, freezeNow, lastReadBack, leavesBetween, readLog, readTileOf } from '#db/log.ts'
import { type StrayCode, strayRows } from '#db/queries/strays.ts'
import { isGivenUp, successionsOf } from '#db/succession.ts'
import type { InstitutionId } from '#domain/words.ts'
import { doorbell } from '../doorbell.ts'
import { takeAside } from './keeper.ts'

export interface TableFinding {
  readonly code:
    | LogFinding['code']
    | StrayCode
    /** A published checkpoint is not of this tree. */
    | 'checkpoint-differs'
  readonly at: string
}

export interface LogReading {
  readonly size: number
  readonly trails: number
  readonly findings: readonly TableFinding[]
}

/** Told one by one up to here; their number is told whole. */
const mostTold = 100

/** Reads one log whole, beside whatever is appended meanwhile. For a role that may read schema audit. */
export async function checkTables(db: Db, institution: InstitutionId): Promise<LogReading> {
  const within = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(db, institution, work)
  const { log, origin } = await within(async (tx) => ({
    log: await readLog(tx),
    origin: (await readInstitution(tx)).origin,
  }))
  const found: TableFinding[] = []
  if (log === undefined) return { size: 0, trails: 0, findings: await within(strayRows) }
  const chains = trailChains(origin)
  await checkLog({
    read: (path) => within((tx) => fileOf(tx, path, log.size)),
    size: log.size,
    root: log.root,
    tell: ({ code, path, at }) => found.push({ code, at: at === undefined ? path : `${path} ${at}` }),
    onEntry: chains.next,
  })
  found.push(...(await within(strayRows)), ...(await checkpointsOf(db, institution)))
  return { size: log.size, trails: chains.counts().trails, findings: found }
}

/** The tables as the files they are published as. */
async function fileOf(tx: Tx, path: string, size: number): Promise<Uint8Array | undefined> {
  const named = parseTilePath(path)
  if (named === undefined) return undefined
  if (named.kind === 'tile') return readTileOf(tx)(named.id)
  const first = named.id.index * tileWidth
  const leaves = await leavesBetween(tx, first, Math.min(first + named.id.width, size))
  return leaves.length === 0 ? undefined : encodeBundle(leaves.map(({ leaf }) => leaf))
}

const checkpointsAtOnce = 500

/** Of this tree as it is now: it grows while it is read, and what is published meanwhile is larger than what was read. */
async function checkpointsOf(db: Db, institution: InstitutionId): Promise<TableFinding[]> {
  const found: TableFinding[] = []
  const given = await inInstitution(db, institution, successionsOf)
  const tree = tileTree((id) => inInstitution(db, institution, (tx) => readTileOf(tx)(id)))
  for (let after = 0; ; ) {
    const { some, grown } = await inInstitution(db, institution, async (tx) => {
      // In this order: no checkpoint is larger than the log is after it.
      const some = await checkpointsAfter(tx, after, checkpointsAtOnce)
      return { some, grown: (await readLog(tx))?.size ?? 0 }
    })
    for (const { size, root } of some) {
      const isOurs = size <= grown && base64(await tree.root(size)) === base64(root)
      if (!isOurs && !isGivenUp(size, given)) found.push({ code: 'checkpoint-differs', at: String(size) })
    }
    const last = some.at(-1)
    if (last === undefined || some.length < checkpointsAtOnce) return found
    after = last.size
  }
}

/**
 * The daily reading: what was found stands in the institution's own trail, and a log that is not whole stands still. For the role
 * `bevis_sequencer`.
 */
export async function readBack(db: Db, institution: InstitutionId): Promise<LogReading> {
  const reading = await checkTables(db, institution)
  const { size, trails, findings } = reading
  const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
  await inInstitution(db, institution, async (tx) => {
    const { trail } = await readInstitution(tx)
    await appendEntries(tx, [
      {
        trail,
        id: `log:checked:${size}:${new Date().toISOString().slice(0, 10)}`,
        type: 'log.checked/1',
        actor: { ref: 'log', kind: 'service', role: 'log' },
        act: { meaning: 'checked', outcome: findings.length === 0 ? 'success' : 'failure' },
        data: { size, trails, findings: findings.length, codes },
      },
    ])
  })
  if (findings.length > 0) await freezeNow(db, institution, 'check-failed')
  return { ...reading, findings: findings.slice(0, mostTold) }
}

export interface Readings {
  /** Open as `bevis_sequencer`. */
  readonly db: Db
  /** How old the last reading of a log may be. */
  readonly everySeconds: number
  readonly onReading?: (institution: InstitutionId, reading: LogReading) => void
  /** Told of what keeps a log from being read, as a code. */
  readonly onTrouble?: (institution: string, what: string, error?: unknown) => void
}

/** How soon it is seen that a reading is due; sooner where one is due more often. */
const lookMs = 60_000

/** Runs until `signal` aborts; beside the rounds, since a reading of a large log takes minutes. A frozen log waits for people. */
export async function runReadings(readings: Readings, signal: AbortSignal): Promise<void> {
  const { db, everySeconds, onReading, onTrouble } = readings
  const bell = doorbell(signal)
  while (!signal.aborted) {
    try {
      for (const institution of await listInstitutions(db)) {
        const due = await inInstitution(db, institution, async (tx) => {
          const log = await readLog(tx)
          return log !== undefined && log.frozen === undefined && !(await lastReadBack(tx, everySeconds))
        })
        if (!due || signal.aborted) continue
        // What waits no more is taken first, however old: the reading would find it to be outside the log.
        await takeAside(readings, institution)
        onReading?.(institution, await inStep('read-back', () => readBack(db, institution)))
      }
    } catch (error) {
      onTrouble?.('', 'reading', error)
    }
    await bell.wait(Math.min(lookMs, everySeconds * 1_000))
  }
}
