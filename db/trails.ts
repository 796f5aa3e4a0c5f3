/** Whole trails of a list of cases at once, with the heads they must end in; the signer recomputes them (contracts §8). */
import { and, asc, eq } from 'drizzle-orm'
import { b64url } from '#audit/digest.ts'
import type { TrailExpectation } from '#audit/verify-trail.ts'
import { among, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { entry, trail } from '#db/schema/audit.ts'

export interface WholeTrail {
  readonly leaves: readonly Uint8Array[]
  /** What the head row says the trail must be. */
  readonly expected: TrailExpectation
}

/** By trail id. A trail without a head row is left out: nothing can be said about its end. */
export async function wholeTrails(tx: Tx, trails: readonly string[]): Promise<Map<string, WholeTrail>> {
  if (trails.length === 0) return new Map()
  const { origin } = await readInstitution(tx)
  const mine = among(trail.trail, [...trails])
  const heads = await tx.orm
    .select()
    .from(trail)
    .where(and(eq(trail.institution, tx.institution), mine))
  const rows = await tx.orm
    .select({ trail: entry.trail, leaf: entry.leaf })
    .from(entry)
    .where(and(eq(entry.institution, tx.institution), among(entry.trail, [...trails])))
    .orderBy(asc(entry.trail), asc(entry.n))
  const leaves = new Map<string, Uint8Array[]>()
  for (const row of rows) {
    const known = leaves.get(row.trail)
    if (known === undefined) leaves.set(row.trail, [row.leaf])
    else known.push(row.leaf)
  }
  return new Map(
    heads.map((head) => [
      head.trail,
      {
        leaves: leaves.get(head.trail) ?? [],
        expected: { log: origin, trail: head.trail, head: { n: head.n, hash: b64url(head.head) } },
      },
    ]),
  )
}
