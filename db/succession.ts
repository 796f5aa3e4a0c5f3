/** Ends a log and begins the one that follows it, over the same entries and under an origin of its own; without that a lost key would end issuing for ever (docs/decisions/0073). */
import { asc, desc, eq } from 'drizzle-orm'
import { type Checkpoint, parseCheckpoint } from '#audit/checkpoint.ts'
import { sameBytes } from '#audit/digest.ts'
import { parseNote } from '#audit/note.ts'
import { inGeneration, type Succession, succeededType, successionData } from '#audit/succession.ts'
import { type TileTree, tileTree } from '#audit/tile-tree.ts'
import type { EntryDraft } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { checkpointsAfter, freezeLog, type PublishedCheckpoint, readCheckpoint, readTileOf } from '#db/log.ts'
import { type AdoptProblem, appendAsOwner, holdLog, unfreezeLog } from '#db/log-recovery.ts'
import { succession } from '#db/schema/audit.ts'

/** What the database keeps of it; the rest stands in its entry. */
export type RecordedSuccession = Omit<Succession, 'checkpoint'>

const columns = {
  generation: succession.generation,
  size: succession.size,
  kept: succession.kept,
  last: succession.last,
}

/** Successions of this institution's log, oldest first. */
export function successionsOf(tx: Tx): Promise<RecordedSuccession[]> {
  return tx.orm
    .select(columns)
    .from(succession)
    .where(eq(succession.institution, tx.institution))
    .orderBy(asc(succession.generation))
}

/** The last of them; undefined for the first log of an institution. */
export async function newestSuccession(tx: Tx): Promise<RecordedSuccession | undefined> {
  const [row] = await tx.orm
    .select(columns)
    .from(succession)
    .where(eq(succession.institution, tx.institution))
    .orderBy(desc(succession.generation))
    .limit(1)
  return row
}

export interface CurrentLog {
  readonly origin: string
  readonly generation: number
  /** What the log before it signed last; undefined for the first of an institution. */
  readonly follows: string | undefined
}

/** The log as it is signed now. */
export async function currentLog(tx: Tx): Promise<CurrentLog> {
  const [{ origin }, newest] = await Promise.all([readInstitution(tx), newestSuccession(tx)])
  const generation = newest?.generation ?? 1
  return { origin: inGeneration(origin, generation), generation, follows: newest?.last }
}

/** Whether a checkpoint of that size is one the log that followed could not take over, and said so. */
export function isGivenUp(size: number, all: readonly RecordedSuccession[]): boolean {
  return all.some((one) => one.kept < size && size <= one.size)
}

export type SuccessionProblem =
  /** A checkpoint is larger than the log that is here. */
  | { readonly kind: 'checkpoint-ahead'; readonly size: number }
  /** Somebody else ended this log and began the next. */
  | { readonly kind: 'begun' }
  /** Somebody let the log go on after it was stopped: its last note may not be the one that was read. */
  | { readonly kind: 'goes-on' }
  | AdoptProblem

/** The log of this generation signs no more. @returns false where another has followed it; then the transaction must be rolled back */
export async function endLog(tx: Tx, generation: number): Promise<boolean> {
  await freezeLog(tx, 'ended')
  return ((await newestSuccession(tx))?.generation ?? 1) === generation
}

/**
 * Begins the next log over the entries of this one, in their places, with the entry that says so behind them. As the database's owner,
 * once nobody signs for the old log any more and its tables were found sound.
 *
 * @param generation of the log that ends @param last what it signed last
 * @returns what does not fit; then the transaction must be rolled back
 */
export async function succeedLog(
  tx: Tx,
  { generation, last, reason }: { readonly generation: number; readonly last: string; readonly reason: string },
): Promise<Succession | SuccessionProblem> {
  const [log, newest, published] = [await holdLog(tx), await newestSuccession(tx), await readCheckpoint(tx)]
  if ((newest?.generation ?? 1) !== generation) return { kind: 'begun' }
  if (log?.frozen === undefined) return { kind: 'goes-on' }
  if (published !== undefined && published.size > log.size) return { kind: 'checkpoint-ahead', size: published.size }
  await unfreezeLog(tx)
  const { trail } = await readInstitution(tx)
  let next: Succession = { generation: generation + 1, size: log.size, last, kept: 0, checkpoint: '' }
  const problem = await appendAsOwner(tx, trail, async (size) => {
    next = { ...next, size, ...(await keptOf(tx, size, last)) }
    return [draftOf(trail, next, reason)]
  })
  return problem ?? next
}

function draftOf(trail: string, next: Succession, reason: string): EntryDraft {
  return {
    trail,
    id: `log:succeeded:${next.generation}`,
    type: succeededType,
    actor: { ref: 'operator', kind: 'service', role: 'operator' },
    act: { meaning: 'succeed', outcome: 'success', reason },
    data: successionData(next),
  }
}

const checkpointsAtOnce = 500

/** The largest checkpoint of before that is a beginning of what is here. */
async function keptOf(tx: Tx, size: number, last: string): Promise<Pick<Succession, 'kept' | 'checkpoint'>> {
  const tree = tileTree(readTileOf(tx))
  const signed = parseCheckpoint(parseNote(last).text)
  if (await isBeginning(tree, size, signed)) {
    const published = await readCheckpoint(tx, signed.size)
    return { kept: signed.size, checkpoint: published?.note ?? last }
  }
  let kept: PublishedCheckpoint | undefined
  for (let after = 0; ; ) {
    const some = await checkpointsAfter(tx, after, checkpointsAtOnce)
    for (const one of some) if (await isBeginning(tree, size, one)) kept = one
    const end = some.at(-1)
    if (end === undefined || some.length < checkpointsAtOnce) break
    after = end.size
  }
  return { kept: kept?.size ?? 0, checkpoint: kept?.note ?? '' }
}

async function isBeginning(tree: TileTree, size: number, one: Pick<Checkpoint, 'size' | 'root'>): Promise<boolean> {
  return one.size <= size && sameBytes(await tree.root(one.size), one.root)
}
