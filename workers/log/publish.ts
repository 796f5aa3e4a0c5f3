/** From a grown tree to a checkpoint that others have seen: compare with the lock, sign, collect cosignatures, publish (audit-log §6.1, §6.4). */
import type { Policy } from '#audit/policy.ts'
import { type ReadTile, type TileTree, tileTree } from '#audit/tile-tree.ts'
import { emptyRoot, type Hash } from '#audit/tree.ts'
import { inStep } from '#config/failpoints.ts'
import type { HeldLock, LogLock } from '#connectors/platform/nats-lock.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import {
  confirmLog,
  freezeNow,
  type LogNow,
  leavesBetween,
  readCheckpoint,
  readLog,
  readTileOf,
  storeCheckpoint,
} from '#db/log.ts'
import type { FreezeReason } from '#db/log-fault.ts'
import type { Instant, InstitutionId } from '#domain/words.ts'
import type { LogFiles } from './files.ts'
import { type LogKey, type Signing, signNext } from './signer.ts'

/** What the witnesses of the log's policy answered. */
export type Cosigned =
  /** The note with the cosignatures that make the quorum; `seen`: when, by each witness's clock, in seconds since 1970. */
  | { readonly kind: 'quorum'; readonly note: string; readonly seen: ReadonlyMap<string, number> }
  /** A witness has seen a longer log, or another one. */
  | { readonly kind: 'ahead'; readonly size: number }
  | { readonly kind: 'refused' }
  /** Too few answered; asked again at the next round. */
  | { readonly kind: 'missed' }

export interface Witnesses {
  cosign(ask: {
    readonly policy: Policy
    readonly note: string
    readonly size: number
    readonly proofFrom: (size: number) => Promise<readonly Hash[]>
  }): Promise<Cosigned>
}

/** An institution and all that publishing its log stands on. */
export interface Publisher {
  readonly db: Db
  readonly institution: InstitutionId
  readonly lock: LogLock
  readonly witnesses: Witnesses
  /** Its log as it is in this transaction; another may follow it at any time. @throws while that cannot be told, for instance for want of a policy */
  readonly standing: (tx: Tx) => Promise<Standing>
}

export interface Standing {
  readonly key: LogKey
  /** What the log before this one signed last. */
  readonly follows: string | undefined
  readonly policy: Policy
  readonly files: LogFiles
}

export type Published =
  | {
      readonly kind: 'published'
      readonly size: number
      /** How many seconds each witness's clock is ahead of the database's, which dates all entries; told in whole seconds, cut off. */
      readonly clocks: ReadonlyMap<string, number>
    }
  /** Nothing new; the log was found no older than the lock. */
  | { readonly kind: 'confirmed'; readonly size: number }
  /** Somebody else was faster, or too few witnesses answered: to be tried again. */
  | { readonly kind: 'again'; readonly because: 'overtaken' | 'no-quorum' }
  | { readonly kind: 'frozen'; readonly because: FreezeReason }
  | { readonly kind: 'empty' }

/**
 * Publishes the log as it stands, once. A crash at any point leaves either nothing or a note in the lock, which the next call
 * brings to its end; two at once differ by one refused swap. Whatever contradicts the lock or a witness freezes the log.
 */
export async function publish(publisher: Publisher): Promise<Published> {
  const { db, institution, lock } = publisher
  // The lock first: it never knows more than the database did when it was asked.
  const held = await lock.read(institution)
  const tiles = tilesOf(publisher)
  const found = await inInstitution(db, institution, (tx) =>
    tiles.within(tx, () => look(publisher, tx, held, tiles.tree)),
  )
  if (found === undefined) return { kind: 'empty' }
  const { log, published, signing, policy } = found
  if (log.frozen !== undefined) return { kind: 'frozen', because: log.frozen }
  if (held === undefined && published > 0 && policy.quorum === undefined) return freeze(publisher, 'lock-lost')
  if (signing.kind === 'contradicts') return freeze(publisher, signing.because)
  return goOn(publisher, { ...found, signing, held, tree: tiles.tree })
}

interface Found extends Standing {
  readonly log: LogNow
  /** Size of the newest checkpoint; 0 where there is none. */
  readonly published: number
  readonly signing: Signing
}

async function look(
  { standing }: Publisher,
  tx: Tx,
  held: HeldLock | undefined,
  tree: TileTree,
): Promise<Found | undefined> {
  // Before all else: where it is seen to go on after another log has followed it, that other is seen too, and nothing is signed for the old one.
  const log = await readLog(tx)
  const [stands, newest] = await Promise.all([standing(tx), readCheckpoint(tx)])
  const isEmpty = (log?.size ?? 0) === 0
  if (isEmpty && held === undefined) return undefined
  const now = log ?? nothing
  // A log that follows another begins with what that one signed last in the lock; it goes on from nothing of its own.
  const begunFrom = held?.note === stands.follows ? undefined : held?.note
  const signing = await signNext(stands.key, begunFrom, { ...now, tree })
  return { ...stands, log: now, published: newest?.size ?? 0, signing }
}

const nothing: LogNow = { size: 0, root: emptyRoot, frozen: undefined, frozenAt: undefined, confirmedAt: undefined }

interface Round extends Found {
  readonly signing: Exclude<Signing, { kind: 'contradicts' }>
  readonly held: HeldLock | undefined
  readonly tree: TileTree
}

async function goOn(publisher: Publisher, round: Round): Promise<Published> {
  const { log, published, signing, policy, files, held, tree } = round
  const { db, institution, lock } = publisher
  const { note, size } = signing
  if (signing.kind === 'held' && published >= size) {
    await inInstitution(db, institution, confirmLog)
    return { kind: 'confirmed', size }
  }
  // The note is in the lock before anybody sees it: what was signed once can never be unsaid.
  if (signing.kind === 'signed') {
    const swapped = await inStep('lock', () => lock.replace(institution, held, note))
    if (swapped === undefined) return { kind: 'again', because: 'overtaken' }
  }
  const [cosigned] = await Promise.all([
    publisher.witnesses.cosign({
      policy,
      note,
      size,
      proofFrom: (from) => tree.consistency(from, size),
    }),
    inStep('files', () => grownFiles(publisher, files, size)),
  ])
  return conclude(publisher, { cosigned, log, files, size })
}

async function conclude(
  publisher: Publisher,
  { cosigned, log, files, size }: Pick<Round, 'log' | 'files'> & { readonly cosigned: Cosigned; readonly size: number },
): Promise<Published> {
  const { db, institution } = publisher
  switch (cosigned.kind) {
    case 'quorum': {
      const { note, seen } = cosigned
      const at = await inStep('checkpoint', () =>
        inInstitution(db, institution, async (tx) => {
          const [publishedAt] = await Promise.all([storeCheckpoint(tx, { size, root: log.root, note }), confirmLog(tx)])
          return publishedAt
        }),
      )
      await inStep('announce', () => files.putCheckpoint(note))
      return { kind: 'published', size, clocks: at === undefined ? new Map() : clocksAt(at, seen) }
    }
    case 'ahead':
      return isOvertaken(publisher, cosigned.size)
    case 'refused':
      return freeze(publisher, 'witness-refuses')
    case 'missed':
      return { kind: 'again', because: 'no-quorum' }
  }
}

function clocksAt(at: Instant, seen: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...seen].map(([witness, time]) => [witness, time - Math.floor(Date.parse(at) / 1_000)]))
}

/** A twin of this worker may have published more meanwhile; then the database holds as much as the witness has seen. */
async function isOvertaken(publisher: Publisher, seen: number): Promise<Published> {
  const now = await inInstitution(publisher.db, publisher.institution, readLog)
  if (now !== undefined && now.size >= seen) return { kind: 'again', because: 'overtaken' }
  return freeze(publisher, 'witness-ahead')
}

async function freeze({ db, institution }: Publisher, because: FreezeReason): Promise<Published> {
  await freezeNow(db, institution, because)
  return { kind: 'frozen', because }
}

/** Tiles only ever grow to the right, so each may be read by itself; those that one transaction has read are kept. */
function tilesOf({ db, institution }: Publisher) {
  let open: Tx | undefined
  const read: ReadTile = (id) =>
    open === undefined ? inInstitution(db, institution, (tx) => readTileOf(tx)(id)) : readTileOf(open)(id)
  const within = async <T>(tx: Tx, work: () => Promise<T>): Promise<T> => {
    open = tx
    try {
      return await work()
    } finally {
      open = undefined
    }
  }
  return { tree: tileTree(read), within }
}

async function grownFiles({ db, institution }: Publisher, files: LogFiles, size: number): Promise<void> {
  const from = Math.min(await files.size(), size)
  await inInstitution(db, institution, (tx) =>
    files.grow(from, size, {
      tile: readTileOf(tx),
      leaves: async (first, end) => (await leavesBetween(tx, first, end)).map(({ leaf }) => leaf),
    }),
  )
}
