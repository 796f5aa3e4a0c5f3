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

/**
 * By trail id. A trail without a head row is left out: nothing can be said about its end. Heads and entries in one statement, which sees one
 * moment: between two, an entry that anybody appends would make a sound trail end elsewhere than in its head.
 */
export async function wholeTrails(tx: Tx, trails: readonly string[]): Promise<Map<string, WholeTrail>> {
  if (trails.length === 0) return new Map()
  const { origin } = await readInstitution(tx)
  const rows = await tx.orm
    .select({ trail: trail.trail, n: trail.n, head: trail.head, leaf: entry.leaf })
    .from(trail)
    .leftJoin(entry, and(eq(entry.institution, trail.institution), eq(entry.trail, trail.trail)))
    .where(and(eq(trail.institution, tx.institution), among(trail.trail, [...trails])))
    .orderBy(asc(trail.trail), asc(entry.n))
  const whole = new Map<string, WholeTrail & { readonly leaves: Uint8Array[] }>()
  for (const { trail: id, n, head, leaf } of rows) {
    const known = whole.get(id) ?? { leaves: [], expected: { log: origin, trail: id, head: { n, hash: b64url(head) } } }
    if (leaf !== null) known.leaves.push(leaf)
    whole.set(id, known)
  }
  return whole
}
