/** Going on with an older copy of the record: what must not be reused, what must be asked again, and the entry that says so. */
import { and, eq, sql } from 'drizzle-orm'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { among, list, type Tx } from '#db/client.ts'
import { caseWorkflowId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { enqueue } from '#db/outbox.ts'
import { entry } from '#db/schema/audit.ts'
import { cases } from '#db/schema/cases.ts'
import { credential, statusList } from '#db/schema/credentials.ts'
import { evidenceSignal, startOfWorkflow } from '#db/wake-ups.ts'
import { endStates } from '#domain/issuance/state.ts'
import type { CaseId, Instant } from '#domain/words.ts'

export interface Loss {
  /** Entries that were there when the mark was made and are not here. */
  readonly mark: number
  readonly reached: number
  /** Why, as a code. */
  readonly reason: string
}

/** When the last entry of this institution was written; undefined where there is none. */
export async function lastEntryAt(tx: Tx): Promise<Instant | undefined> {
  const [row] = await tx.orm
    .select({ at: sql<Instant | null>`max(${entry.at})`.mapWith(entry.at) })
    .from(entry)
    .where(eq(entry.institution, tx.institution))
  return row?.at ?? undefined
}

/** Those of the given credentials that are not stored here. */
export async function unknownCredentials(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.orm
    .selectDistinct({ id: credential.id })
    .from(credential)
    .where(and(eq(credential.institution, tx.institution), sql`${credential.id} = any(${list([...ids])}::text[])`))
  const known = new Set(rows.map((row) => row.id))
  return [...new Set(ids)].filter((id) => !known.has(id))
}

/**
 * Goes on without what is missing: closes every status list, since slots given away after the copy was made are not known here; wakes
 * or starts the workflow of every case that has not ended; writes the entry. For the role `bevis_api`. Safe to repeat.
 */
export async function goOnWithout(tx: Tx, loss: Loss): Promise<GivenUp> {
  const { draft, ...done } = await giveUp(tx, loss)
  await appendEntries(tx, [draft])
  return done
}

/** How many status lists were closed, and cases woken. */
export interface GivenUp {
  readonly lists: number
  readonly cases: number
}

/** The same but for the entry, which is the caller's to write. */
export async function giveUp(
  tx: Tx,
  { mark, reached, reason }: Loss,
): Promise<GivenUp & { readonly draft: EntryDraft }> {
  const closed = await tx.orm
    .update(statusList)
    .set({ open: false })
    .where(and(eq(statusList.institution, tx.institution), eq(statusList.open, true)))
    .returning({ id: statusList.id })
  const running = await tx.orm
    .select({ id: cases.id })
    .from(cases)
    .where(and(eq(cases.institution, tx.institution), sql`not ${among(cases.state, [...endStates])}`))
  await enqueue(
    tx,
    running.flatMap(({ id }) => {
      const target = caseWorkflowId(tx.institution, id as CaseId)
      const payload = startOfWorkflow(tx.institution, [id as CaseId])
      return [
        { id: `start/${id}/without/${mark}`, kind: 'start', target, payload },
        { id: `signal/${id}/without/${mark}`, kind: 'signal', target, payload: { signal: evidenceSignal } },
      ] as const
    }),
  )
  const { trail } = await readInstitution(tx)
  const done = { lists: closed.length, cases: running.length }
  const draft: EntryDraft = {
    trail,
    id: `record:${mark}:${reached}`,
    type: 'record.gone-on-without/1',
    actor: { ref: 'operator', kind: 'service', role: 'operator' },
    act: { meaning: 'recover', outcome: 'success', reason },
    data: { mark, reached, ...done },
  }
  return { ...done, draft }
}
