/** A sample for an auditor: announced in the log before anybody can know what it will be, and drawn by the log's own next root (audit-log §12, J4). */
import { setTimeout as sleep } from 'node:timers/promises'
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, hex, sha256 } from '#audit/digest.ts'
import type { SampleLine, TreeHead } from '#audit/package/manifest.ts'
import type { PackageProfile } from '#audit/package/profiles.ts'
import { databaseNow, inInstitution, type Tx } from '#db/client.ts'
import { askForCheckpoint, checkpointsAfter, type PublishedCheckpoint, positionsOf, readCheckpoint } from '#db/log.ts'
import { type EndedCase, endedCases } from '#db/queries/audit-package.ts'
import { drawFrom, type Member } from '#domain/sample.ts'
import { as, type CaseId, type Instant } from '#domain/words.ts'
import { Problem } from '../problem.ts'
import { notInLog } from '../stored-log.ts'
import { recordAnnouncement, type Why } from './record.ts'
import { type Place, trailsPackage } from './trails-package.ts'

export const strata = ['level', 'achievement'] as const
export type StratumName = (typeof strata)[number]

export interface SampleOrder extends Why {
  readonly profile: PackageProfile
  readonly from: Instant
  /** Exclusive; absent: now. */
  readonly until?: Instant
  readonly achievement?: string
  readonly level?: string
  readonly size: number
  readonly strata: readonly StratumName[]
  /** The auditor's own, 32 hexadecimal digits. */
  readonly seed?: string
  /** Size of a checkpoint whose root begins with the seed; with neither it is the first one after the announcement. */
  readonly seedFrom?: number
}

/** How long a request waits for the checkpoint that gives the seed. */
const patienceMs = 20_000
const betweenLooksMs = 200

/** @throws Problem `empty_population`, `no_such_checkpoint`, `not_in_log_yet`, `log_frozen`, `record_damaged` */
export async function samplePackage(place: Place, order: SampleOrder): Promise<AsyncGenerator<Uint8Array>> {
  const { db, institution } = place
  const announced = await inInstitution(db, institution, (tx) => announce(tx, place, order))
  const { seed, seedFrom, checkpoint } = await seedOf(place, order, announced)
  const { members, until, entry, population } = announced
  const { ids, counts } = drawFrom(members, { size: order.size, seed })
  const line: SampleLine = {
    method: order.strata.length === 0 ? 'random' : 'stratified',
    strata: order.strata,
    from: order.from,
    until,
    ...filtersOf(order),
    size: order.size,
    seed,
    ...(seedFrom === undefined ? {} : { seedFrom }),
    announced: entry,
    population,
    counts: counts.map((one) => ({ ...one })),
    drawn: ids,
  }
  return trailsPackage(place, {
    purpose: order.purpose,
    ...(order.reason === undefined ? {} : { reason: order.reason }),
    cases: ids.map((id) => as<CaseId>(id)),
    scope: { profile: order.profile, checkpoint },
    sample: { line, population: populationOf(members) },
  })
}

interface Announced {
  readonly members: readonly Member[]
  readonly until: Instant
  readonly entry: { readonly trail: string; readonly n: number; readonly id: string }
  readonly population: { readonly count: number; readonly digest: string }
}

async function announce(tx: Tx, { caller }: Place, order: SampleOrder): Promise<Announced> {
  const now = await databaseNow(tx)
  const until = order.until === undefined || order.until > now ? now : order.until
  const filters = filtersOf(order)
  const members = (await endedCases(tx, { from: order.from, until, ...filters })).map((one) =>
    memberOf(one, order.strata),
  )
  if (members.length === 0) throw new Problem('empty_population')
  const digest = b64url(sha256(canonicalBytes(populationOf(members))))
  const method = order.strata.length === 0 ? 'random' : 'stratified'
  const [entry] = await recordAnnouncement(tx, caller, {
    why: order,
    data: {
      method,
      strata: order.strata,
      from: order.from,
      until,
      ...filters,
      size: order.size,
      population: digest,
      count: members.length,
      seed: order.seed ?? (order.seedFrom === undefined ? 'next' : `checkpoint-${order.seedFrom}`),
    },
  })
  if (entry === undefined) throw new Error('an entry was appended and then gone')
  const { trail, n, id } = entry
  return { members, until, entry: { trail, n, id }, population: { count: members.length, digest } }
}

function filtersOf({ achievement, level }: SampleOrder) {
  return { ...(achievement === undefined ? {} : { achievement }), ...(level === undefined ? {} : { level }) }
}

function memberOf(one: EndedCase, names: readonly StratumName[]): Member {
  return { id: one.id, stratum: names.map((name) => one[name]) }
}

function populationOf(members: readonly Member[]) {
  return members
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, stratum }) => ({ case: id, stratum: [...stratum] }))
}

interface Seeded {
  readonly seed: string
  readonly seedFrom?: TreeHead
  /** Against which the package is proved: it covers the announcement too. */
  readonly checkpoint: PublishedCheckpoint
}

async function seedOf(place: Place, { seed, seedFrom }: SampleOrder, { entry }: Announced): Promise<Seeded> {
  const checkpoint = await firstCovering(place, entry)
  if (seed !== undefined) return { seed, checkpoint }
  const read = (size: number) => inInstitution(place.db, place.institution, (tx) => readCheckpoint(tx, size))
  const named = seedFrom === undefined ? checkpoint : await read(seedFrom)
  if (named === undefined) throw new Problem('no_such_checkpoint')
  return {
    seed: hex(named.root.subarray(0, 16)),
    seedFrom: { size: named.size, root: b64url(named.root) },
    checkpoint,
  }
}

/** The first checkpoint that covers the announcement: which one it is, whoever announces can neither choose nor foresee. */
async function firstCovering(
  { db, institution }: Place,
  entry: { readonly trail: string; readonly n: number },
): Promise<PublishedCheckpoint> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(betweenLooksMs)) {
    const found = await inInstitution(db, institution, async (tx) => {
      const [position] = await positionsOf(tx, [entry])
      const covering = position === undefined ? [] : await checkpointsAfter(tx, position.index, 1)
      if (covering.length === 0) await askForCheckpoint(tx)
      return covering
    })
    if (found[0] !== undefined) return found[0]
  }
  throw await inInstitution(db, institution, notInLog)
}
