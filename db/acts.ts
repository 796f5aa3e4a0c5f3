/**
 * What people recorded and what stands nowhere but in the log: reviews, appeals, complaints. Read from the entries themselves, so there is
 * no second place that could tell it otherwise.
 */
import { and, asc, eq, sql } from 'drizzle-orm'
import { canonicalBytes } from '#audit/canonical.ts'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import type { EntryDraft } from '#db/audit-log.ts'
import { among, type Tx } from '#db/client.ts'
import { entry } from '#db/schema/audit.ts'
import type { Instant, PersonId } from '#domain/words.ts'

/** Entries of these types, as they came; of one trail, or of all where the index `entry_rare` knows every one of the types. */
export async function entriesOf(tx: Tx, types: readonly string[], trail?: string): Promise<Entry[]> {
  // Spelled out: by a parameter Postgres cannot see that the index holds all of them.
  const spelled = sql.join(
    types.map((type) => sql.raw(`'${type}'`)),
    sql`, `,
  )
  const rows = await tx.orm
    .select({ leaf: entry.leaf })
    .from(entry)
    .where(
      and(
        eq(entry.institution, tx.institution),
        trail === undefined
          ? sql`${entry.type} in (${spelled})`
          : and(eq(entry.trail, sql`${trail}::uuid`), among(entry.type, types)),
      ),
    )
    .orderBy(asc(entry.at), asc(entry.trail), asc(entry.n))
  return rows.map(({ leaf }) => parseLeaf(leaf))
}

/** True when the entry says what the draft would: the same person, the same act. */
export function saysSame({ type, actor, act, data }: Entry, draft: EntryDraft): boolean {
  const said = (one: Pick<EntryDraft, 'act' | 'data'>) =>
    Buffer.from(canonicalBytes({ act: one.act, data: one.data ?? {} }))
  return (
    type === draft.type &&
    actor.ref === draft.actor.ref &&
    said({ act, ...(data === undefined ? {} : { data }) }).equals(said(draft))
  )
}

/** Who did it, where the register knows them, and when. */
export interface Done {
  readonly by?: PersonId
  readonly at: Instant
}

/** Persons by what the log calls them. */
export type Staff = ReadonlyMap<string, PersonId>

export function doneBy({ actor, at }: Entry, staff: Staff): Done {
  const by = staff.get(actor.ref)
  return { ...(by === undefined ? {} : { by }), at: at as Instant }
}

/** A member of an entry's data. */
export function textOf({ data }: Entry, name: string): string {
  return String(data?.[name])
}

export function listOf({ data }: Entry, name: string): readonly string[] {
  return (data?.[name] as readonly string[] | undefined) ?? []
}
