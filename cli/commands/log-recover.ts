/** A log that stands still: why, what is missing, and the way on when somebody says so (docs/log.md#frozen). */

import type { ReadFile } from '#audit/check-log.ts'
import { type Checkpoint, parseCheckpoint } from '#audit/checkpoint.ts'
import { sameBytes } from '#audit/digest.ts'
import { parseNote } from '#audit/note.ts'
import { bundlePath, decodeBundle, tileWidth } from '#audit/tile.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { extend, leafHash, rootOf } from '#audit/tree.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { type LogNow, readCheckpoint, readLog, readTileOf } from '#db/log.ts'
import { type AdoptProblem, adoptLeaves, unfreezeLog } from '#db/log-recovery.ts'
import { notePutBack } from '#db/record.ts'
import { goOnWithout } from '#db/recovery.ts'
import { newestSuccession } from '#db/succession.ts'
import type { InstitutionId } from '#domain/words.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { openLog } from '../log-source.ts'
import { institutionIn, ownerConfig, withLock } from '../log-standing.ts'
import { type Settings, settingsOf } from '../settings.ts'
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
    const held = await withLock(settings, (lock) => lock.read(institution))
    return withDatabase({ config: ownerConfig(settings) }, async (db) => {
      // What the log before it signed last says nothing about a log that has begun and published nothing yet.
      const before = await inInstitution(db, institution, newestSuccession)
      const locked = held === undefined || held.note === before?.last ? undefined : checkpointIn(held.note)
      const now = await inInstitution(db, institution, readLog)
      const standing = { frozen: now?.frozen, size: now?.size ?? 0, locked: locked?.size ?? 0 }
      if (now?.frozen === undefined && standing.size >= standing.locked) {
        out.data(() => `Nothing to recover: the log holds ${standing.size} entries and goes on.`, standing)
        return 'ok'
      }
      if (values.reason === undefined) {
        out.data(() => tell(now, standing), standing)
        return 'conflict'
      }
      if (!/^[a-z][a-z0-9-]{1,60}$/.test(values.reason))
        throw usage('reason', '--reason is no code', 'for instance disk-lost')
      const source = values.dir === undefined && values.url === undefined ? undefined : openLog(values)
      const back = await goOn(db, { institution, locked, source })
      const newest = await inInstitution(db, institution, (tx) => readCheckpoint(tx))
      if (held === undefined && newest !== undefined) await lockAnew(settings, institution, newest.note)
      await withDatabase(settings, (own) =>
        inInstitution(own, institution, (tx) =>
          goOnWithout(tx, { mark: standing.locked, reached: standing.size, reason: values.reason ?? '' }),
        ),
      )
      const text = `Put back ${back} entries; the log goes on. ${back > 0 ? 'What they tell of is still missing: bevis recover.' : 'Now ask bevis recover whether the record as a whole is older than it was.'}`
      out.data(() => text, { ...standing, putBack: back })
      return 'ok'
    })
  },
})

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

/** @returns how many entries were put back */
function goOn(
  db: Db,
  {
    institution,
    locked,
    source,
  }: { institution: InstitutionId; locked: Checkpoint | undefined; source: ReadFile | undefined },
): Promise<number> {
  return inInstitution(db, institution, async (tx) => {
    const before = await unfreezeLog(tx)
    const from = before?.size ?? 0
    if (locked === undefined || locked.size <= from) {
      await demandSameTree(tx, locked)
      return 0
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
    const problem = await adoptLeaves(
      tx,
      leaves.map(({ leaf }) => leaf),
    )
    if (problem !== undefined) throw unfit(problem)
    await notePutBack(tx)
    return leaves.length
  })
}

/** Entries of the published log from one position to another, with their hashes. */
async function published(read: ReadFile, from: number, to: number): Promise<{ leaf: Uint8Array; hash: Uint8Array }[]> {
  const leaves: { leaf: Uint8Array; hash: Uint8Array }[] = []
  for (let index = Math.floor(from / tileWidth); index * tileWidth < to; index += 1) {
    const first = index * tileWidth
    const bytes = await bundleOf(read, index, Math.min(tileWidth, to - first))
    const wanted = decodeBundle(bytes).slice(Math.max(0, from - first), to - first)
    leaves.push(...wanted.map((leaf) => ({ leaf, hash: leafHash(leaf) })))
  }
  return leaves
}

/** A part may be gone once there is more of its bundle. */
async function bundleOf(read: ReadFile, index: number, width: number): Promise<Uint8Array> {
  for (let wide = width; wide <= tileWidth; wide += 1) {
    const bytes = await read(bundlePath(index, wide))
    if (bytes !== undefined) return bytes
  }
  const mend = 'name the folder or address where the whole log lies, up to the size that was signed'
  throw new CliError({
    exit: 'not-found',
    code: 'log/bundle-missing',
    what: `${bundlePath(index, width)} is not there`,
    mend,
  })
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

const checkpointIn = (note: string): Checkpoint => parseCheckpoint(parseNote(note).text)

/** A lock that was lost begins anew with the newest checkpoint there is. */
async function lockAnew(settings: Settings, institution: InstitutionId, note: string): Promise<void> {
  await withLock(settings, (lock) => lock.replace(institution, undefined, note))
}
