/** Lists that somebody means to approve in one act: what each case showed, which had to be opened, and which were (docs/levels.md). */
import { and, eq, sql } from 'drizzle-orm'
import { base32 } from '#audit/digest.ts'
import { currentAppointments } from '#db/appointments.ts'
import { collectInputs } from '#db/case-input.ts'
import { caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { contentDigest } from '#db/crypto.ts'
import { seenDigest } from '#db/decisions.ts'
import { decisionList } from '#db/schema/cases.ts'
import { latestVerdicts } from '#db/verdicts.ts'
import { drawSample, type ListAct, mayBeListed } from '#domain/list-approval.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'

/** A case as it stood when the list was drawn; an approval stands on exactly this. */
export interface ListedCase {
  readonly id: CaseId
  readonly evidenceVersion: number
  readonly seen: string
  readonly sampled: boolean
}

export interface DecisionList {
  readonly id: string
  readonly person: PersonId
  readonly seed: string
  /** In ascending order of id. */
  readonly cases: readonly ListedCase[]
  readonly opened: readonly CaseId[]
  readonly drawnAt: Instant
}

/** Why a case cannot stand in the list: not the person's to decide (or not there at all), not now, or never in a list. */
export interface Unfit {
  readonly id: CaseId
  readonly because: 'not-yours' | 'not-deciding' | 'not-in-lists'
}

export type Drawing =
  | { readonly kind: 'drawn'; readonly list: DecisionList; readonly isNew: boolean }
  | { readonly kind: 'unfit'; readonly cases: readonly Unfit[] }

/**
 * Draws the list of these cases for one of their approvers. The seed is derived from person, cases and what they show, under a key
 * of the institution: nobody can foresee it, and asking again gives the same sample.
 */
export async function drawList(
  tx: Tx,
  { person, humans, ids }: { person: PersonId; humans: readonly PersonId[]; ids: readonly CaseId[] },
): Promise<Drawing> {
  const wanted = [...new Set(ids)].toSorted()
  const unfit = await unfitOf(tx, wanted, humans)
  if (unfit.length > 0) return { kind: 'unfit', cases: unfit }
  const verdicts = await latestVerdicts(tx, wanted)
  const shown = (await collectInputs(tx, wanted)).map((input) => ({
    id: input.case.id,
    evidenceVersion: input.case.evidenceVersion,
    seen: seenDigest(input, verdicts.get(input.case.id) ?? []),
  }))
  const digest = contentDigest(tx.keys, tx.institution, Buffer.from(JSON.stringify(['decision-list', person, shown])))
  const seed = Buffer.from(digest.subarray(0, 16)).toString('hex')
  const id = `list_${base32(digest.subarray(16, 32))}`
  const sample = drawSample(wanted, seed)
  const cases = shown.map((one) => ({ ...one, sampled: sample.includes(one.id) }))
  const inserted = await tx.orm
    .insert(decisionList)
    .values({ id, institution: tx.institution, person, seed, cases, drawnAt: sql`clock_timestamp()` })
    .onConflictDoNothing()
    .returning({ id: decisionList.id })
  const list = await readList(tx, id)
  if (list === undefined) throw new TypeError('a list was not stored')
  return { kind: 'drawn', list, isNew: inserted.length > 0 }
}

async function unfitOf(tx: Tx, ids: readonly CaseId[], humans: readonly PersonId[]): Promise<Unfit[]> {
  const rows = new Map((await caseRows(tx, ids)).map((row) => [row.id, row]))
  const held = (await currentAppointments(tx, ids)).filter(({ person }) => humans.includes(person))
  return ids.flatMap((id): Unfit[] => {
    const row = rows.get(id)
    if (row === undefined || !held.some(({ caseId }) => caseId === id)) return [{ id, because: 'not-yours' }]
    if (row.state !== 'deciding' || row.frozen === undefined) return [{ id, because: 'not-deciding' }]
    return mayBeListed(row.promised, row.frozen.achievement) ? [] : [{ id, because: 'not-in-lists' }]
  })
}

export async function readList(tx: Tx, id: string): Promise<DecisionList | undefined> {
  const [row] = await tx.orm
    .select()
    .from(decisionList)
    .where(and(eq(decisionList.institution, tx.institution), eq(decisionList.id, id)))
  if (row === undefined) return undefined
  return {
    id: row.id,
    person: row.person as PersonId,
    seed: row.seed,
    cases: row.cases as readonly ListedCase[],
    opened: row.opened as CaseId[],
    drawnAt: row.drawnAt,
  }
}

/** Remembers that a case of the list was looked into. */
export async function markOpened(tx: Tx, id: string, caseId: CaseId): Promise<void> {
  await tx.orm
    .update(decisionList)
    .set({ opened: sql`array_append(${decisionList.opened}, ${caseId})` })
    .where(
      and(
        eq(decisionList.institution, tx.institution),
        eq(decisionList.id, id),
        sql`not ${caseId} = any(${decisionList.opened})`,
      ),
    )
}

/** Cases of the sample that nobody has looked into yet. */
export function unopened({ cases, opened }: DecisionList): CaseId[] {
  return cases.filter((one) => one.sampled && !opened.includes(one.id)).map(({ id }) => id)
}

/** What each decision keeps of the act. */
export function actOf(list: DecisionList): ListAct {
  const { id, seed, cases, opened } = list
  const sample = cases.filter(({ sampled }) => sampled)
  return { id, seed, size: cases.length, opened: sample.filter((one) => opened.includes(one.id)).length }
}
