/** What may go by now, and what must still stay, by the retention rules of the register. A machine only suggests (docs/erasure.md). */
import { randomBytes } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { base32 } from '#audit/digest.ts'
import { appendEntries } from '#db/audit-log.ts'
import { databaseNow, list, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { toInstant } from '#db/schema/columns.ts'
import type { ErasureClass } from '#domain/erasure.ts'
import { isEarly, type RetentionRule } from '#domain/retention.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

/** As the institution declares them; none where it declares none. */
export async function retentionRules(tx: Tx): Promise<readonly RetentionRule[]> {
  const { body } = await readInstitution(tx)
  return (body as { readonly retention?: readonly RetentionRule[] }).retention ?? []
}

/** A case has ended when it changed last; its credentials expire with the last of them, `infinity` where one never does. */
const endedAt = sql`c.changed_at`
const expiresAt = sql`(select max(coalesce(k.valid_until, 'infinity')) from credential k where k.case_id = c.id)`

/** Whether a rule keeps some of these classes of the person, or of the one case, beyond this moment. */
export async function mustBeKept(
  tx: Tx,
  {
    persons,
    caseId,
    classes,
  }: { readonly persons: readonly PersonId[]; readonly caseId?: CaseId; readonly classes: readonly ErasureClass[] },
): Promise<boolean> {
  const rules = await retentionRules(tx)
  if (rules.length === 0) return false
  const now = await databaseNow(tx)
  const rows = await tx.execute<{ ended: string; expires: string | null }>(sql`
    select ${endedAt}::text as ended, ${expiresAt}::text as expires from cases c
    where c.institution = ${tx.institution} and c.person = any(${list(persons)}::text[])
      and (${caseId ?? null}::text is null or c.id = ${caseId ?? null})`)
  return rows.some(({ ended, expires }) => {
    const expiry =
      expires === null ? {} : { expiresAt: expires === 'infinity' ? ('never' as const) : toInstant(expires) }
    return isEarly(rules, classes, { kept: { endedAt: toInstant(ended), ...expiry }, now })
  })
}

/** At most so many for each rule; those left out are suggested the next night. */
const mostSuggested = 500
/** Somebody who turned one down is not asked again for so long. */
const restDays = 365

/**
 * Suggests to dispose of what each rule lets go: one suggestion for each case, as `bevis_pipeline`, each with its entry. Left out is
 * what is held, waits, has gone, or was turned down in the last year.
 * @returns how many
 */
export async function suggestDisposals(tx: Tx): Promise<number> {
  let suggested = 0
  for (const rule of (await retentionRules(tx)).filter(({ keep }) => keep !== 'forever')) {
    const due = await dueCases(tx, rule)
    const rows = due.map(({ id, person }) => ({ caseId: id, person, id: `eras_${base32(randomBytes(16))}` }))
    suggested += (await store(tx, rule, rows)).length
  }
  return suggested
}

function dueCases(tx: Tx, { id, classes, keep, days }: RetentionRule): Promise<{ id: CaseId; person: PersonId }[]> {
  const from = keep === 'until-expiry' ? sql`coalesce(${expiresAt}, ${endedAt})` : endedAt
  const about = sql`e.institution = c.institution and e.person = c.person and coalesce(e.case_id, c.id) = c.id`
  return tx.execute(sql`
    select c.id, c.person from cases c
    where c.institution = ${tx.institution} and c.state in ('issued', 'recorded', 'refused', 'withdrawn')
      and ${from} + make_interval(days => ${days}) < clock_timestamp()
      and not exists (select from legal_hold h where h.institution = c.institution and h.person = c.person and h.lifted_at is null
        and coalesce(h.case_id, c.id) = c.id)
      and not exists (select from erasure e where ${about} and (e.state in ('suggested', 'proposed', 'approved')
        or (e.state = 'executed' and e.classes @> string_to_array(${classes.join(',')}, ','))
        or (e.state = 'refused' and e.rule = ${id} and e.decided_at > clock_timestamp() - make_interval(days => ${restDays}))))
    order by c.changed_at, c.id limit ${mostSuggested}`)
}

interface Suggestion {
  readonly id: string
  readonly caseId: CaseId
  readonly person: PersonId
}

async function store(tx: Tx, rule: RetentionRule, rows: readonly Suggestion[]): Promise<string[]> {
  if (rows.length === 0) return []
  const { basis, archive, decision, classes } = rule
  const column = (pick: (row: Suggestion) => string) => list(rows.map(pick))
  const stored = await tx.execute<{ id: string }>(sql`
    insert into erasure (id, institution, person, case_id, classes, basis, archive, decision, detail, rule, state)
    select u.id, ${tx.institution}, u.person, u.case_id, string_to_array(${classes.join(',')}, ','), ${basis}, ${archive ?? null}::text,
      ${decision}, ''::bytea, ${rule.id}, 'suggested'
    from unnest(${column(({ id }) => id)}::text[], ${column(({ person }) => person)}::text[], ${column(({ caseId }) => caseId)}::text[])
      as u(id, person, case_id)
    on conflict do nothing returning id`)
  const { trail } = await readInstitution(tx)
  await appendEntries(
    tx,
    stored.map(({ id }) => ({
      trail,
      id: `${id}:suggested`,
      type: 'disposal.proposed/1',
      actor: { ref: 'disposal', kind: 'workflow', role: 'conductor' },
      act: { meaning: 'disposal', outcome: 'suggested', reason: basis },
      data: { erasure: id, rule: rule.id, classes: [...classes], decision },
    })),
  )
  return stored.map(({ id }) => id)
}
