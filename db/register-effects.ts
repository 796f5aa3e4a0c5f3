/** Which running cases a change of the register reaches. Without it an appointment ended today would still carry tomorrow's approval. */
import { and, eq, or, sql } from 'drizzle-orm'
import { type CaseRow } from '#db/cases.ts'
import { list, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import type { RegisterChange } from '#db/register-changes.ts'
import { casesNaming, runningCases } from '#db/rejudge.ts'
import { registerItem } from '#db/schema/register.ts'
import type { PersonId } from '#domain/words.ts'

export interface RegisterNews {
  /** The revision that the changes made. */
  readonly revision: number
  readonly changed: readonly RegisterChange[]
  /** About whom references or links were new. */
  readonly people: readonly PersonId[]
}

/** Kinds on which the whole institution's cases stand: who may award what, and who belongs to whom. */
const ofEverybody: readonly string[] = ['organisation', 'accreditation', 'mandate']
/** Kinds that say something about certain persons. */
const ofPersons: readonly string[] = ['person', 'appointment', 'conflict']

/**
 * Running cases that stand on something changed: all of them where an organisation, accreditation or mandate changed; else those
 * that name a person changed, under any id; where an appointment changed, also those that stand still because nobody could be appointed.
 */
export async function touchedCases(tx: Tx, news: RegisterNews): Promise<CaseRow[]> {
  const { changed } = news
  const has = (kinds: readonly string[]) => changed.some(({ kind }) => kinds.includes(kind))
  if (has(ofEverybody)) return runningCases(tx)
  if (news.people.length === 0 && !has(ofPersons)) return []
  const rows = await runningCases(tx)
  if (rows.length === 0) return []
  const persons = [...new Set([...news.people, ...(await personsIn(tx, news))])]
  const everyId = new Set([...(await humansOf(tx, persons)).values()].flat())
  const naming = new Set(await casesNaming(tx, rows, everyId))
  const nobodyFound = (row: CaseRow) => has(['appointment']) && row.state === 'stopped' && row.step === 'approval'
  return rows.filter((row) => naming.has(row) || nobodyFound(row))
}

/** Everybody in the items that the revision began or ended. */
async function personsIn(tx: Tx, { revision, changed }: RegisterNews): Promise<PersonId[]> {
  const concerned = changed.filter(({ kind }) => ofPersons.includes(kind))
  if (concerned.length === 0) return []
  const rows = await tx.orm
    .select({ kind: registerItem.kind, id: registerItem.id, body: registerItem.body })
    .from(registerItem)
    .where(
      and(
        eq(registerItem.institution, tx.institution),
        sql`${registerItem.kind} = any(${list([...ofPersons])}::text[])`,
        or(eq(registerItem.revisionFrom, revision), eq(registerItem.revisionUntil, revision)),
      ),
    )
  return rows.flatMap(({ kind, id, body }) => {
    if (kind === 'person') return [id as PersonId]
    const { person, learner } = body as { readonly person: PersonId; readonly learner?: PersonId }
    return learner === undefined ? [person] : [person, learner]
  })
}
