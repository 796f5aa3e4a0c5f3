/** A log that stands still: why, what is missing, and the way on when somebody says so (docs/log.md#frozen). */

import type { ReadFile } from '#audit/check-log.ts'
import type { Checkpoint } from '#audit/checkpoint.ts'
import { sameBytes } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { bundlePath, decodeBundle, tileWidth } from '#audit/tile.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { extend, leafHash, rootOf } from '#audit/tree.ts'
import { armFailpoints, inStep } from '#config/failpoints.ts'
import type { LogLock } from '#connectors/platform/nats-lock.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { type LogNow, readCheckpoint, readLog, readTileOf } from '#db/log.ts'
import { LogFault } from '#db/log-fault.ts'
import {
  type AdoptProblem,
  adoptLeaves,
  appendAsOwner,
  holdLog,
  takeBack,
  trailsBehind,
  unfreezeLog,
} from '#db/log-recovery.ts'
import { notePutBack } from '#db/record.ts'
import { giveUp } from '#db/recovery.ts'
import { newestSuccession, type RecordedSuccession } from '#db/succession.ts'
import type { InstitutionId } from '#domain/words.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { checkpointIn, openLog } from '../log-source.ts'
import { institutionIn, ownerConfig, withLock } from '../log-standing.ts'
import { settingsOf } from '../settings.ts'
import { localTime } from '../times.ts'

export const recover = command({
  takes: '<institution>',
  args: [1, 1],
  options: {
    dir: { value: '<folder>', says: 'the log as it was published, as files: <folder>/checkpoint, <folder>/tile/…' },
    url: { value: '<address>', says: 'the same at an address, for instance a mirror’s' },
    reason: { value: '<code>', says: 'why it goes on, as a code; goes into the institution’s trail' },
  },
  examples: [
    ['bevis log recover norrsken', 'does the log stand still, why, and what is missing? changes nothing'],
    [
      'bevis log recover norrsken --dir /var/lib/bevis/log/norrsken --reason disk-lost',
      'put back what was published and is missing, prove it by the lock, and go on; as the database’s owner',
    ],
  ],
  run: async ({ args: [named = ''], values, out }) => {
    const institution = institutionIn(named)
    const settings = settingsOf()
    armFailpoints(settings.config.failpointsDir, 'cli')
    const held = (await withLock(settings, (lock) => lock.read(institution)))?.note
    return withDatabase({ config: ownerConfig(settings) }, async (db) => {
      const before = await inInstitution(db, institution, newestSuccession)
      const now = await inInstitution(db, institution, readLog)
      const locked = signedIn(held, before)
      const standing = { frozen: now?.frozen, size: now?.size ?? 0, locked: locked?.size ?? 0 }
      if (isWell(now, locked)) {
        out.data(() => nothing(standing.size), standing)
        return 'ok'
      }
      if (values.reason === undefined) {
        out.data(() => tell(now, standing), standing)
        return 'conflict'
      }
      if (!/^[a-z][a-z0-9-]{1,60}$/.test(values.reason))
        throw usage('reason', '--reason is no code', 'for instance disk-lost')
      const source = values.dir === undefined && values.url === undefined ? undefined : openLog(values)
      const note = held ?? (await withLock(settings, (lock) => inStep('relock', () => relock(lock, db, institution))))
      const asked = { institution, locked: signedIn(note, before), source, reason: values.reason }
      const back = await inStep('put-back', () => goOn(db, asked))
      const text =
        back === undefined
          ? nothing(standing.size)
          : `Put back ${back} entries; the log goes on. ${back > 0 ? 'What they tell of is still missing: bevis recover.' : 'Now ask bevis recover whether the record as a whole is older than it was.'}`
      out.data(() => text, { ...standing, putBack: back ?? 0 })
      return 'ok'
    })
  },
})

const nothing = (size: number): string => `Nothing to recover: the log holds ${size} entries and goes on.`

const isWell = (now: LogNow | undefined, locked: Checkpoint | undefined): boolean =>
  now?.frozen === undefined && (now?.size ?? 0) >= (locked?.size ?? 0)

/** What the log before it signed last says nothing about a log that has begun and published nothing yet. */
function signedIn(note: string | undefined, before: RecordedSuccession | undefined): Checkpoint | undefined {
  return note === undefined || note === before?.last ? undefined : checkpointIn(note, 'what the log’s lock holds')
}

/**
 * A lock that was lost begins anew with the newest checkpoint there is; of a log that has begun and published nothing yet with what
 * its succession put there. Before the log goes on: it would only be found without a lock again.
 */
async function relock(lock: LogLock, db: Db, institution: InstitutionId): Promise<string | undefined> {
  const note = await inInstitution(db, institution, async (tx) => {
    const [newest, before] = [await readCheckpoint(tx), await newestSuccession(tx)]
    return before !== undefined && (newest?.size ?? 0) <= before.size ? before.last : newest?.note
  })
  if (note !== undefined) await lock.replace(institution, undefined, note)
  return (await lock.read(institution))?.note
}

interface Standing {
  readonly size: number
  readonly locked: number
}

function tell(now: LogNow | undefined, { size, locked }: Standing): string {
  const because =
    now?.frozen === undefined ? 'it has not been compared yet' : `${now.frozen}, since ${localTime(now.frozenAt ?? '')}`
  const behind =
    locked > size ? [`Signed and seen by others: ${locked} entries; here: ${size}. ${locked - size} are missing.`] : []
  return [
    `The log stands still: ${because}.`,
    ...behind,
    'Nothing is signed until this is settled.',
    '',
    'Best: restore a newer copy of the database, up to the last archived WAL, and ask again.',
    'Else: bevis log recover <institution> --dir <published files> --reason <code> puts back what was published. What each reason means: docs/log.md#frozen.',
  ].join('\n')
}

interface Asked {
  readonly institution: InstitutionId
  readonly locked: Checkpoint | undefined
  readonly source: ReadFile | undefined
  readonly reason: string
}

/**
 * All of it or nothing: what was put back, what is given up for it, the entry that says so, and that the log goes on. Interrupted, the
 * log stands still as it did.
 *
 * @returns how many entries were put back; undefined where somebody else was faster
 */
async function goOn(db: Db, { institution, locked, source, reason }: Asked): Promise<number | undefined> {
  try {
    return await inInstitution(db, institution, async (tx) => {
      const now = await holdLog(tx)
      if (isWell(now, locked)) return undefined
      await unfreezeLog(tx)
      const reached = now?.size ?? 0
      const { count, behind } = await putBack(tx, { from: reached, locked, source })
      const { draft } = await giveUp(tx, { mark: locked?.size ?? 0, reached, reason })
      const told = [draft, ...(await takeBack(tx, behind, reason))]
      const problem = await appendAsOwner(tx, draft.trail, async () => told)
      if (problem !== undefined) throw unfit(problem)
      return count
    })
  } catch (error) {
    if (error instanceof LogFault) throw changed(error)
    throw error instanceof AuditError ? unreadable(error) : error
  }
}

async function putBack(
  tx: Tx,
  { from, locked, source }: { from: number; locked: Checkpoint | undefined; source: ReadFile | undefined },
): Promise<{ readonly count: number; readonly behind: readonly string[] }> {
  if (locked === undefined || locked.size <= from) {
    await demandSameTree(tx, locked)
    return { count: 0, behind: [] }
  }
  if (source === undefined)
    throw usage(
      'source',
      `${locked.size - from} published entries are missing here`,
      'give --dir or --url of the published log',
    )
  const leaves = await published(source, from, locked.size)
  const edge = await tileTree(readTileOf(tx)).edge(from)
  const root = rootOf(
    extend(
      edge,
      leaves.map(({ hash }) => hash),
    ),
  )
  if (!sameBytes(root, locked.root))
    throw otherHistory('what is here and what was published do not make the root that was signed')
  const bytes = leaves.map(({ leaf }) => leaf)
  const behind = await trailsBehind(tx, bytes)
  const problem = await adoptLeaves(tx, bytes)
  if (problem !== undefined) throw unfit(problem)
  await notePutBack(tx)
  return { count: leaves.length, behind }
}

/** Entries of the published log from one position to another, with their hashes. */
async function published(read: ReadFile, from: number, to: number): Promise<{ leaf: Uint8Array; hash: Uint8Array }[]> {
  const leaves: { leaf: Uint8Array; hash: Uint8Array }[] = []
  for (let index = Math.floor(from / tileWidth); index * tileWidth < to; index += 1) {
    const first = index * tileWidth
    const entries = await bundleOf(read, index, Math.min(tileWidth, to - first))
    const wanted = entries.slice(Math.max(0, from - first), to - first)
    leaves.push(...wanted.map((leaf) => ({ leaf, hash: leafHash(leaf) })))
  }
  return leaves
}

/** A part may be gone once there is more of its bundle. */
async function bundleOf(read: ReadFile, index: number, width: number): Promise<Uint8Array[]> {
  for (let wide = width; wide <= tileWidth; wide += 1) {
    const path = bundlePath(index, wide)
    const bytes = await read(path)
    if (bytes !== undefined) return entriesIn(bytes, { path, wide })
  }
  const mend = 'name the folder or address where the whole log lies, up to the size that was signed'
  throw new CliError({
    exit: 'not-found',
    code: 'log/bundle-missing',
    what: `${bundlePath(index, width)} is not there`,
    mend,
  })
}

/** @throws CliError `log/bundle-malformed` */
function entriesIn(bytes: Uint8Array, { path, wide }: { readonly path: string; readonly wide: number }): Uint8Array[] {
  const refused = (why: string) => {
    const mend = 'take it from another copy of the published log; bevis log fsck tells whether a copy is whole'
    const what = `${path} is no bundle of ${wide} entries: ${why}`
    return new CliError({ exit: 'verification-failed', code: 'log/bundle-malformed', what, mend })
  }
  try {
    const entries = decodeBundle(bytes)
    if (entries.length !== wide) throw refused(`it holds ${entries.length}`)
    return entries
  } catch (error) {
    throw error instanceof AuditError ? refused(error.where) : error
  }
}

/** What is here must be what was signed, and may be more. */
async function demandSameTree(tx: Tx, locked: Checkpoint | undefined): Promise<void> {
  if (locked === undefined) return
  const root = await tileTree(readTileOf(tx)).root(locked.size)
  if (!sameBytes(root, locked.root))
    throw otherHistory('the database holds another history than the one that was signed')
}

function otherHistory(what: string): CliError {
  const mend =
    'restore the database from before it was changed; bevis log fsck on the published files tells whether those are whole'
  return new CliError({ exit: 'verification-failed', code: 'log/other-history', what, mend })
}

function unfit({ kind, trail, n }: AdoptProblem): CliError {
  const what =
    kind === 'conflict'
      ? `entry ${n} of trail ${trail} was written anew here after the restore`
      : `entry ${n} of trail ${trail} is missing here and was not published`
  const mend = 'restore the backup once more, and recover the log before any process works on it'
  return new CliError({ exit: 'conflict', code: `log/${kind}`, what, mend })
}

/** Tiles or entries of the database itself. */
function unreadable({ code, where }: AuditError): CliError {
  const what = `what the database holds of the log cannot be read (${where})`
  const mend = 'somebody changed the database: restore it from before; the log stands still as it did'
  return new CliError({ exit: 'verification-failed', code: `log/${code}`, what, mend })
}

function changed({ because }: LogFault): CliError {
  const mend = 'somebody changed the database: restore it from before; the log stands still as it did'
  return new CliError({
    exit: 'verification-failed',
    code: `log/${because}`,
    what: 'an entry that waits is not what was queued',
    mend,
  })
}
