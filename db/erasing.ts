/**
 * Carrying an erasure out: one transaction in which the rows go, every trail of the person tells so, and the order leaves for what lies
 * outside the database. Without the one transaction a kill could leave a trail that promises what did not happen (audit-log §10).
 */

import { sql } from 'drizzle-orm'
import type { Json } from '#audit/canonical.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { list, sqlState, type Tx } from '#db/client.ts'
import { blockerOf, type Erasure, readErasure } from '#db/erasures.ts'
import { humansOf } from '#db/humans.ts'
import { caseWorkflowId, revocationWorkflowId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { casesOf } from '#db/joining.ts'
import { enqueue } from '#db/outbox.ts'
import { answersNaming, lettersNaming, marksOf } from '#db/person-traces.ts'
import { personsDigest } from '#db/register-changes.ts'
import { type Blocker, blockers } from '#domain/erasure.ts'
import type { CaseId, CredentialId, PersonId } from '#domain/words.ts'

/** What intake deletes outside the database; digests and ids only, since the row stays (workers/intake/erase.ts). */
export interface OutsideTraces {
  /** Keys of events, hexadecimal: messages of COMPLETIONS with one of these go. */
  readonly events: readonly string[]
  /** Refused messages, as their dead letters named them. */
  readonly letters: readonly { readonly code: string; readonly digest: string }[]
  /** Histories of these workflows go. */
  readonly workflows: readonly string[]
}

/** The database would not: `not-approved` also for what is carried out already, else what holds it back. The transaction is void. */
export class ErasureRefused extends Error {
  readonly code = 'erasure-refused'
  readonly because: Blocker | 'not-approved'
  constructor(because: Blocker | 'not-approved') {
    super(because)
    this.because = because
  }
}

/** Carries out an approved erasure, as `bevis_pipeline`. @throws ErasureRefused */
export async function carryOut(tx: Tx, id: string): Promise<void> {
  const erasure = await readErasure(tx, id)
  if (erasure?.state !== 'approved') throw new ErasureRefused('not-approved')
  const blocker = await blockerOf(tx, erasure)
  if (blocker !== undefined) throw new ErasureRefused(blocker)
  const persons = (await humansOf(tx, [erasure.person])).get(erasure.person) ?? [erasure.person]
  const rows = (await casesOf(tx, persons)).filter((row) => erasure.caseId === undefined || row.id === erasure.caseId)
  const ids = rows.map((row) => row.id)
  const isWhole = erasure.caseId === undefined
  const marks = await marksOf(tx, isWhole ? persons : [], ids)
  const letters = isWhole && erasure.classes.includes('facts') ? await lettersNaming(tx, marks) : []
  const answers = await answersNaming(tx, marks)
  const workflows = [...ids.map((one) => caseWorkflowId(tx.institution, one)), ...(await revocationsOf(tx, ids))]
  const links = await linksAmong(tx, persons)
  const erased = await erase(tx, id, { letters: letters.map((one) => one.id), answers })
  const own = await readInstitution(tx)
  await appendEntries(tx, [
    ...rows.map((row) => entryOf(erasure, { trail: row.trail, about: row.id, counts: {} })),
    entryOf(erasure, {
      trail: own.trail,
      about: 'institution',
      counts: { ...erased.counts, links: links - (await linksAmong(tx, persons)), persons: await personsDigest(tx) },
    }),
  ])
  const outside: OutsideTraces = {
    events: erased.events,
    letters: letters.map(({ code, digest }) => ({ code, digest })),
    workflows: erasure.classes.includes('facts') ? workflows : [],
  }
  const payload = outside as unknown as Record<string, Json>
  await enqueue(tx, [{ id: outsideRow(id), kind: 'erase', target: id, payload }])
}

/** Row of the outbox that tells whether all has gone outside the database too. */
export function outsideRow(id: string): string {
  return `erase/${id}`
}

interface Gone {
  readonly counts: Readonly<Record<string, number>>
  readonly events: readonly string[]
}

async function erase(
  tx: Tx,
  id: string,
  { letters, answers }: { readonly letters: readonly string[]; readonly answers: readonly string[] },
): Promise<Gone> {
  try {
    const [row] = await tx.execute<{ done: Gone }>(
      sql`select erase(${id}, ${list(letters)}::text[], ${list(answers)}::text[]) as done`,
    )
    if (row === undefined) throw new TypeError('erase() gave no row')
    return row.done
  } catch (error) {
    if (sqlState(error) !== 'BV003') throw error
    const because = Object.keys(blockers).find((one) => one === detailOf(error)) as Blocker | undefined
    throw new ErasureRefused(because ?? 'not-approved')
  }
}

function detailOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { detail, cause } = error as { readonly detail?: unknown; readonly cause?: unknown }
  return typeof detail === 'string' ? detail : detailOf(cause)
}

/** Counted before and after: what is gone in between, the erasure took. A link that came in between was in no earlier count either. */
async function linksAmong(tx: Tx, persons: readonly PersonId[]): Promise<number> {
  const [row] = await tx.execute<{ links: number }>(sql`
    select count(*)::int as links from person_link
    where institution = ${tx.institution} and (a = any(${list(persons)}::text[]) or b = any(${list(persons)}::text[]))`)
  return row?.links ?? 0
}

async function revocationsOf(tx: Tx, cases: readonly CaseId[]): Promise<string[]> {
  if (cases.length === 0) return []
  const rows = await tx.execute<{ credential: CredentialId; n: number }>(sql`
    select credential_id as credential, ordinal as n from revocation
    where institution = ${tx.institution} and case_id = any(${list(cases)}::text[])`)
  return rows.map(({ credential, n }) => revocationWorkflowId(tx.institution, credential, n))
}

function entryOf(
  { id, classes, basis, decision }: Erasure,
  {
    trail,
    about,
    counts,
  }: { readonly trail: string; readonly about: string; readonly counts: Readonly<Record<string, number | string>> },
): EntryDraft {
  return {
    trail,
    id: `${about}:erased:${id}`,
    type: 'privacy.erased/1',
    actor: { ref: 'erasure', kind: 'workflow', role: 'conductor' },
    act: { meaning: 'erased', outcome: 'success', reason: basis },
    data: { erasure: id, classes: [...classes], decision, ...counts },
  }
}
