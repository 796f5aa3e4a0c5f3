/** References out of an applied register, as digests. Without the check a slip in a file could turn one person into another. */
import { hex } from '#audit/digest.ts'
import { amongBytes, type Tx } from '#db/client.ts'
import { referenceDigest } from '#db/crypto.ts'
import { linkPersons } from '#db/people.ts'
import { RegisterError } from '#db/register-error.ts'
import { personReference } from '#db/schema/register.ts'
import { as, type PersonId } from '#domain/words.ts'
import type { PersonRef } from '#events/fields.ts'

type Declared = PersonRef & { readonly person: PersonId }

/**
 * Stores what is new and answers about whom that was. A reference that intake or an officer gave to a person unknown then now
 * names both as one human being; one the register itself gave to somebody else is refused.
 *
 * @throws RegisterError `reference-taken`, naming persons and schemes, never values
 */
export async function applyReferences(tx: Tx, declared: readonly Declared[]): Promise<PersonId[]> {
  const rows = declared.map((ref) => ({ ref, digest: referenceDigest(tx.keys, tx.institution, ref) }))
  const known = await holders(
    tx,
    rows.map(({ digest }) => digest),
  )
  const fresh = new Map<string, (typeof rows)[number]>()
  const pairs: [PersonId, PersonId][] = []
  for (const row of rows) {
    const key = hex(row.digest)
    const holder = known.get(key) ?? asRegistered(fresh.get(key)?.ref.person)
    if (holder === undefined) fresh.set(key, row)
    else if (holder.person === row.ref.person) continue
    else if (holder.origin === 'register') throw taken(holder.person, row.ref)
    else pairs.push([holder.person, row.ref.person])
  }
  await store(tx, [...fresh.values()])
  const linked = await linkPersons(tx, pairs, 'register')
  return [...new Set([...[...fresh.values()].map(({ ref }) => ref.person), ...linked])]
}

async function holders(
  tx: Tx,
  digests: readonly Uint8Array[],
): Promise<Map<string, { person: PersonId; origin: string }>> {
  if (digests.length === 0) return new Map()
  const rows = await tx.orm
    .select({
      reference: personReference.reference,
      person: personReference.person,
      origin: personReference.origin,
    })
    .from(personReference)
    .where(amongBytes(personReference.reference, [...digests].map(hex)))
  return new Map(rows.map((row) => [hex(row.reference), { person: as<PersonId>(row.person), origin: row.origin }]))
}

async function store(tx: Tx, fresh: readonly { ref: Declared; digest: Uint8Array }[]): Promise<void> {
  if (fresh.length === 0) return
  const rows = fresh.map(({ ref, digest }) => ({
    institution: tx.institution,
    reference: digest,
    scheme: ref.scheme,
    person: ref.person,
    origin: 'register',
  }))
  await tx.orm.insert(personReference).values(rows)
}

function asRegistered(person: PersonId | undefined): { person: PersonId; origin: string } | undefined {
  return person === undefined ? undefined : { person, origin: 'register' }
}

function taken(holder: PersonId, ref: Declared): RegisterError {
  return new RegisterError('reference-taken', [holder, ref.person, ref.scheme])
}
