/** Time-stamps on the checkpoints of an institution's log; without them all its times would be its own word (audit-log §6.3). */
import { sql } from 'drizzle-orm'
import { b64url, sha256 } from '#audit/digest.ts'
import { appendEntries } from '#db/audit-log.ts'
import type { Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { anchor } from '#db/schema/audit.ts'
import { toInstant } from '#db/schema/columns.ts'

export const anchorType = 'anchor.received/1'

export interface CheckpointToStamp {
  readonly size: number
  /** What is to be stamped: these bytes, as they were published. */
  readonly note: string
}

/**
 * The newest checkpoint, where it is time for a time-stamp: none is younger than `everySeconds` by the database's clock, and it has
 * none itself. Never of a log that stands still.
 */
export async function checkpointToStamp(tx: Tx, everySeconds: number): Promise<CheckpointToStamp | undefined> {
  const [row] = await tx.execute<{ size: string; note: string }>(sql`
    select c.size, c.note from audit.checkpoint c
    join audit.log l on l.institution = c.institution and l.frozen_because is null
    where c.institution = ${tx.institution} and not exists (
      select from audit.anchor a where a.institution = c.institution
      and (a.size >= c.size or a.gen_time > clock_timestamp() - make_interval(secs => ${everySeconds})))
    order by c.size desc limit 1`)
  return row === undefined ? undefined : { size: Number(row.size), note: row.note }
}

export interface NewAnchor {
  /** Of the checkpoint that was stamped. */
  readonly size: number
  /** The authority's whole answer, verified. */
  readonly token: Uint8Array
  /** RFC 3339 in UTC with milliseconds. */
  readonly genTime: string
  /** Decimal. */
  readonly serial: string
}

/**
 * Keeps a time-stamp and tells of it in the institution's trail, in this transaction. A second one for the same checkpoint, of
 * another worker, is let go.
 */
export async function storeAnchor(tx: Tx, { size, token, genTime, serial }: NewAnchor): Promise<void> {
  const { trail } = await readInstitution(tx)
  const [told] = await appendEntries(tx, [
    {
      trail,
      id: `anchor:${size}`,
      type: anchorType,
      actor: { ref: 'log', kind: 'service', role: 'publisher' },
      act: { meaning: 'time-stamped', outcome: 'success' },
      data: { size, digest: b64url(sha256(token)), serial, genTime },
    },
  ])
  const n = told?.n ?? 0
  const row = { institution: tx.institution, size, token, genTime: toInstant(genTime), trail, n }
  await tx.orm.insert(anchor).values(row).onConflictDoNothing()
}

/** Seconds since the newest time-stamp, by the database's clock; undefined where there is none. */
export async function anchorAge(tx: Tx): Promise<number | undefined> {
  const [row] = await tx.execute<{ age: number | null }>(sql`
    select extract(epoch from clock_timestamp() - max(gen_time))::float8 as age from audit.anchor
    where institution = ${tx.institution}`)
  return row?.age ?? undefined
}
