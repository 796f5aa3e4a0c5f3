/** From the outside world's references to our persons. Without it a personal number would have to be stored to be recognised. */
import { randomBytes } from 'node:crypto'
import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { base32, hex } from '#audit/digest.ts'
import { among, list, type Tx } from '#db/client.ts'
import { existingCipher, referenceDigest } from '#db/crypto.ts'
import { personLink, personReference, registerItem } from '#db/schema/register.ts'
import { as, type PersonId } from '#domain/words.ts'
import type { PersonRef } from '#events/fields.ts'

/** `register` from an applied register, `officer:<decision>`, `assertion:<evidence>`; intake may only use the last. */
export type ReferenceOrigin = 'register' | `officer:${string}` | `assertion:${string}`

export type LinkOutcome =
  | { readonly kind: 'linked' }
  | { readonly kind: 'known' }
  /** The reference already meant somebody else: both ids are one human being from now on. */
  | { readonly kind: 'persons-linked'; readonly other: PersonId }

export interface Personal {
  readonly name?: string
  /** `YYYY-MM-DD` */
  readonly birthDate?: string
}

/** Purpose under which a person's register data is sealed. */
export const personalPurpose = 'register-personal'

/** Key of a reference in the maps of this file. */
export function referenceKey(ref: PersonRef): string {
  return `${ref.scheme}\u0000${ref.value}`
}

/** Persons behind references, by `referenceKey`; who is unknown is not in the map. One statement. */
export async function resolveReferences(tx: Tx, refs: readonly PersonRef[]): Promise<Map<string, PersonId>> {
  if (refs.length === 0) return new Map()
  const byKey = new Map(refs.map((ref) => [referenceKey(ref), ref]))
  const digests = new Map([...byKey].map(([key, ref]) => [hex(referenceDigest(tx.keys, tx.institution, ref)), key]))
  // Looked up one by one: a plan made while the institution knew few would read all it knows.
  const rows = await tx.execute<{ reference: string; person: PersonId }>(sql`
    select u.reference, r.person from unnest(${list([...digests.keys()])}::text[]) as u(reference), lateral (
      select person from person_reference where institution = ${tx.institution} and reference = decode(u.reference, 'hex') offset 0
    ) as r`)
  return new Map(rows.map(({ reference, person }) => [digests.get(reference) ?? '', person]))
}

/**
 * Says that a reference means this person. Never called because two names or addresses look alike (contracts §3): only from
 * the register, from an assertion that carries both references, or by an officer.
 */
export async function linkReference(
  tx: Tx,
  ref: PersonRef,
  link: { readonly person: PersonId; readonly origin: ReferenceOrigin },
): Promise<LinkOutcome> {
  const holder = await claimReference(tx, ref, link)
  if (holder.isNew) return { kind: 'linked' }
  if (holder.person === link.person) return { kind: 'known' }
  await linkPersons(tx, [[holder.person, link.person]], link.origin)
  return { kind: 'persons-linked', other: holder.person }
}

export interface Newcomer {
  readonly ref: PersonRef
  readonly origin: ReferenceOrigin
}

/**
 * Persons the register does not know, each under a random id, by `referenceKey`; the known person where a reference already means one.
 * One statement for all: a course brings hundreds.
 */
export async function introducePersons(tx: Tx, newcomers: readonly Newcomer[]): Promise<Map<string, PersonId>> {
  const byKey = new Map(newcomers.map((one) => [referenceKey(one.ref), one]))
  if (byKey.size === 0) return new Map()
  // In one order everywhere, so that two batches never wait for each other in a circle.
  const rows = [...byKey]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { ref, origin }]) => {
      const person = as<PersonId>(`pers_${base32(randomBytes(16))}`)
      const reference = hex(referenceDigest(tx.keys, tx.institution, ref))
      return { key, ref, row: { reference, scheme: ref.scheme, person, origin } }
    })
  const column = (pick: (row: (typeof rows)[number]['row']) => string) => list(rows.map(({ row }) => pick(row)))
  const inserted = await tx.execute<{ person: PersonId }>(sql`
    insert into person_reference (institution, reference, scheme, person, origin)
    select ${tx.institution}, decode(u.reference, 'hex'), u.scheme, u.person, u.origin
    from unnest(${column((row) => row.reference)}::text[], ${column((row) => row.scheme)}::text[], ${column((row) => row.person)}::text[],
      ${column((row) => row.origin)}::text[]) with ordinality as u(reference, scheme, person, origin, place)
    order by u.place
    on conflict do nothing
    returning person`)
  const introduced = new Set(inserted.map(({ person }) => person))
  const met = rows.filter(({ row }) => !introduced.has(row.person))
  const known = await resolveReferences(
    tx,
    met.map(({ ref }) => ref),
  )
  return new Map([
    ...known,
    ...rows.flatMap(({ key, row }) => (introduced.has(row.person) ? [[key, row.person] as const] : [])),
  ])
}

/** The same for one. */
export async function introducePerson(tx: Tx, ref: PersonRef, origin: ReferenceOrigin): Promise<PersonId> {
  const person = (await introducePersons(tx, [{ ref, origin }])).get(referenceKey(ref))
  if (person === undefined) throw new Error('a reference was taken and then gone')
  return person
}

/** Records that the ids of each pair are one human being, and answers whom that was news about. Pairs known already are left as they are. */
export async function linkPersons(
  tx: Tx,
  pairs: readonly (readonly [PersonId, PersonId])[],
  origin: ReferenceOrigin,
): Promise<PersonId[]> {
  const rows = pairs.flatMap(([one, other]) => {
    const [a, b] = [one, other].toSorted()
    return a === undefined || b === undefined || a === b ? [] : { institution: tx.institution, a, b, origin }
  })
  if (rows.length === 0) return []
  const stored = await tx.orm
    .insert(personLink)
    .values(rows)
    .onConflictDoNothing()
    .returning({ a: personLink.a, b: personLink.b })
  return stored.flatMap(({ a, b }) => [as<PersonId>(a), as<PersonId>(b)])
}

/** Whether the id means somebody here: by a reference, in the register, or as the learner of a case. */
export async function isKnownPerson(tx: Tx, person: PersonId): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 where exists (select from person_reference where institution = ${tx.institution} and person = ${person})
      or exists (select from register_item where institution = ${tx.institution} and kind = 'person' and id = ${person})
      or exists (select from cases where institution = ${tx.institution} and person = ${person})`)
  return rows.length > 0
}

/** Names and birth dates as the register in force has them, decrypted; erased and unknown persons are not in the map. */
export async function personalOf(tx: Tx, persons: readonly PersonId[]): Promise<Map<PersonId, Personal>> {
  if (persons.length === 0) return new Map()
  const rows = await tx.orm
    .select({ id: registerItem.id, personal: registerItem.personal })
    .from(registerItem)
    .where(
      and(
        eq(registerItem.institution, tx.institution),
        eq(registerItem.kind, 'person'),
        among(registerItem.id, [...persons]),
        isNull(registerItem.revisionUntil),
        isNotNull(registerItem.personal),
      ),
    )
  const cipher = await existingCipher(tx, persons)
  return new Map(
    rows.flatMap(({ id, personal }) => {
      const person = as<PersonId>(id)
      if (personal === null || !cipher.knows(person)) return []
      return [[person, JSON.parse(Buffer.from(cipher.open(person, personalPurpose, personal)).toString()) as Personal]]
    }),
  )
}

/** Takes the reference for the person, or finds who has it; whoever commits first wins. */
async function claimReference(
  tx: Tx,
  ref: PersonRef,
  { person, origin }: { readonly person: PersonId; readonly origin: ReferenceOrigin },
): Promise<{ person: PersonId; isNew: boolean }> {
  const reference = referenceDigest(tx.keys, tx.institution, ref)
  const inserted = await tx.orm
    .insert(personReference)
    .values({ institution: tx.institution, reference, scheme: ref.scheme, person, origin })
    .onConflictDoNothing()
    .returning({ person: personReference.person })
  if (inserted.length > 0) return { person, isNew: true }
  const known = (await resolveReferences(tx, [ref])).get(referenceKey(ref))
  if (known === undefined) throw new Error('a reference was taken and then gone')
  return { person: known, isNew: false }
}
