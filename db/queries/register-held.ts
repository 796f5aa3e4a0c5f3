/** The register in force held against what was told when it was applied: without it a key or a mandate planted in a table would be as good as a declared one. */
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { existingCipher } from '#db/crypto.ts'
import { areSealed } from '#db/emitters.ts'
import { personalPurpose } from '#db/people.ts'
import { dated, personsDigest, registerDigest } from '#db/register-changes.ts'
import type { RegisterItem } from '#db/register-items.ts'
import { registerItem } from '#db/schema/register.ts'
import { as, type PersonId } from '#domain/words.ts'

/** What differs: `revision`, `items`, `emitters` (their seal) or `persons` (references and links) where the whole is not what its entry says, `<kind>/<id>` of an item whose keyed digest is not its own. */
export async function registerDifferences(tx: Tx): Promise<string[]> {
  const emitters = (await areSealed(tx)) ? [] : ['emitters']
  return [...(await ofEntry(tx)), ...emitters, ...(await ofPersons(tx)), ...(await ofItems(tx))]
}

/** Entries written before this was told have no digest to compare with. */
async function ofEntry(tx: Tx): Promise<string[]> {
  const [row] = await tx.execute<{ revision: number; version: number | null; digest: string | null }>(sql`
    select i.revision, (said -> 'version')::int as version, said ->> 'register' as digest
    from institution i left join lateral (
      select convert_from(e.leaf, 'UTF8')::jsonb -> 'data' as said from audit.entry e
      where e.institution = i.institution and e.trail = i.trail and e.type = 'register.applied/1' order by e.n desc limit 1) as told on true
    where i.institution = ${tx.institution}`)
  if (row === undefined || (row.revision === 0 && row.version === null)) return []
  const differs = row.digest !== null && row.digest !== (await registerDigest(tx))
  return [...(row.version === row.revision ? [] : ['revision']), ...(differs ? ['items'] : [])]
}

/** An erasure takes some of them away and tells what is left. */
async function ofPersons(tx: Tx): Promise<string[]> {
  const [row] = await tx.execute<{ digest: string | null }>(sql`
    select convert_from(e.leaf, 'UTF8')::jsonb -> 'data' ->> 'persons' as digest from audit.entry e join institution i using (institution)
    where e.institution = ${tx.institution} and e.trail = i.trail and e.type in ('register.applied/1', 'privacy.erased/1')
    order by e.n desc limit 1`)
  const told = row?.digest ?? undefined
  return told === undefined || told === (await personsDigest(tx)) ? [] : ['persons']
}

/** The digest of an item is keyed: nobody makes one who has the database alone. */
async function ofItems(tx: Tx): Promise<string[]> {
  const rows = await tx.orm
    .select()
    .from(registerItem)
    .where(and(eq(registerItem.institution, tx.institution), isNull(registerItem.revisionUntil)))
  const sealed = rows.filter(({ personal }) => personal !== null).map(({ id }) => as<PersonId>(id))
  const cipher = await existingCipher(tx, sealed)
  return rows.flatMap(({ kind, id, body, personal, digest }) => {
    const person = as<PersonId>(id)
    const opened =
      personal === null || !cipher.knows(person) ? undefined : cipher.open(person, personalPurpose, personal)
    const item = {
      kind,
      id,
      body,
      ...(opened === undefined ? {} : { personal: JSON.parse(Buffer.from(opened).toString()) }),
    } as RegisterItem
    return dated(tx, item).digest === digest ? [] : [`${kind}/${id}`]
  })
}
