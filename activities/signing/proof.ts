/**
 * Nothing is signed that is not in the log: the proof that a case's clearance stands under a checkpoint which the policy's witnesses have
 * seen, verified here as any stranger would verify it (audit-log §7.3). What the database says of itself is not enough.
 */
import { ApplicationFailure } from '@temporalio/activity'
import { AuditError } from '#audit/errors.ts'
import { type JudgedCheckpoint, judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import type { Policy } from '#audit/policy.ts'
import { inclusionProblem } from '#audit/proof.ts'
import { type TileTree, tileTree } from '#audit/tile-tree.ts'
import { printProof } from '#audit/tlog-proof.ts'
import { type Hash, leafHash } from '#audit/tree.ts'
import type { LogProof } from '#credentials/formats/evidence.ts'
import { lastUsed } from '#credentials/last-used.ts'
import { databaseNow, type Tx } from '#db/client.ts'
import { type LogNow, type PublishedCheckpoint, positionsOf, readCheckpoint, readLog, readTileOf } from '#db/log.ts'
import type { Instant } from '#domain/words.ts'

/** A clearance as it stands in its trail. */
export interface Clearance {
  readonly id: string
  readonly trail: string
  readonly n: number
  readonly leaf: Uint8Array
}

/** What is to be proved: by the newest checkpoint, or by the one a signature was begun with. */
export interface ToProve {
  readonly clearance: Clearance
  readonly provedBy: number | undefined
}

export interface Proved extends LogProof {
  /** Size of the checkpoint. */
  readonly size: number
}

/** How long ago the log worker may have found the log no older than its lock; a restored database has nobody who says so. */
const confirmedWithinMs = 15_000

/**
 * A proof for each clearance, in the order given; undefined where the log has no such leaf under the checkpoint: a database that says
 * otherwise is not believed.
 *
 * @throws ApplicationFailure, retryable, while the log is frozen, unconfirmed, or its checkpoint not one the policy believes
 */
export async function proveClearances(
  tx: Tx,
  policy: Policy,
  wanted: readonly ToProve[],
): Promise<(Proved | undefined)[]> {
  if (wanted.length === 0) return []
  const [log, newest, now, positions] = await Promise.all([
    readLog(tx),
    readCheckpoint(tx),
    databaseNow(tx),
    positionsOf(
      tx,
      wanted.map(({ clearance }) => clearance),
    ),
  ])
  demandOpen(log, now)
  const indexOf = new Map(positions.map(({ trail, n, index }) => [`${trail} ${n}`, index]))
  const tree = tileTree(readTileOf(tx))
  const checkpoints = new Map<number | undefined, PublishedCheckpoint | undefined>([[undefined, newest]])
  const proofs: (Proved | undefined)[] = []
  for (const { clearance, provedBy } of wanted) {
    if (!checkpoints.has(provedBy)) checkpoints.set(provedBy, await readCheckpoint(tx, provedBy))
    const checkpoint = checkpoints.get(provedBy)
    const index = indexOf.get(`${clearance.trail} ${clearance.n}`)
    if (checkpoint === undefined || index === undefined || index >= checkpoint.size) throw closed('LogBehind')
    proofs.push(await prove(tree, { policy, checkpoint, clearance, index }))
  }
  return proofs
}

interface Question {
  readonly policy: Policy
  readonly checkpoint: PublishedCheckpoint
  readonly clearance: Clearance
  readonly index: number
}

async function prove(tree: TileTree, { policy, checkpoint, clearance, index }: Question): Promise<Proved | undefined> {
  const judged = judgedBy(policy)(checkpoint.note)
  if (!judged.ok) throw closed('CheckpointNotBelieved')
  const { origin, size, root } = judged.checkpoint
  const path = await pathTo(tree, index, size)
  const hash = leafHash(clearance.leaf)
  if (path === undefined) return undefined
  if (inclusionProblem({ leafIndex: index, treeSize: size, leafHash: hash, root, proof: path }) !== undefined)
    return undefined
  const text = printProof({ index, extra: clearance.leaf, path, checkpoint: checkpoint.note })
  return { origin, index, text, size }
}

/** Tiles that do not fit lead nowhere. */
async function pathTo(tree: TileTree, index: number, size: number): Promise<Hash[] | undefined> {
  try {
    return await tree.inclusion(index, size)
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

type Judge = (note: string) => JudgedCheckpoint
const judges = new WeakMap<Policy, Judge>()

/** All cases that waited together are proved by one checkpoint; its signatures are verified once. */
function judgedBy(policy: Policy): Judge {
  const judge = judges.get(policy) ?? lastUsed(16, (note) => judgeCheckpoint(policy, note))
  judges.set(policy, judge)
  return judge
}

function demandOpen(log: LogNow | undefined, now: Instant): void {
  if (log?.frozen !== undefined) throw closed('LogFrozen')
  const confirmed = log?.confirmedAt === undefined ? 0 : Date.parse(log.confirmedAt)
  if (Date.parse(now) - confirmed > confirmedWithinMs) throw closed('LogUnconfirmed')
}

/** Waits, and is tried again: what is wrong with the log is no fault of the case. */
function closed(type: 'LogFrozen' | 'LogUnconfirmed' | 'LogBehind' | 'CheckpointNotBelieved'): ApplicationFailure {
  return ApplicationFailure.retryable('nothing is signed before the log proves it', type)
}
