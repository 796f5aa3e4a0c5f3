/** Who events are about. Without it the same learner under two references would be two learners (contracts §3, person). */
import type { Tx } from '#db/client.ts'
import { evidenceId } from '#db/ids.ts'
import type { KeyedEvent } from '#db/inbox.ts'
import { introducePerson, introducePersons, linkReference, referenceKey, resolveReferences } from '#db/people.ts'
import type { PersonId } from '#domain/words.ts'

/**
 * The learner of each event, where known. Assertions that carry several references of one person come first: they may name the
 * others. `linked` is true when a reference or a link was added, so that what waited for it can be taken up.
 */
export async function learnersOf(
  tx: Tx,
  events: readonly KeyedEvent[],
): Promise<{ persons: Map<KeyedEvent, PersonId>; linked: boolean }> {
  const known = await resolveReferences(
    tx,
    events.flatMap(({ item }) => [item.learner, ...item.alsoKnownAs]),
  )
  const before = known.size
  let personsLinked = false
  const inOrder = events.toSorted((a, b) => (referenceKey(a.item.learner) < referenceKey(b.item.learner) ? -1 : 1))
  for (const { item, key } of inOrder.filter(({ item: { alsoKnownAs } }) => alsoKnownAs.length > 0)) {
    const refs = [item.learner, ...item.alsoKnownAs]
    const origin = `assertion:${evidenceId(key)}` as const
    const anchor = refs.map((ref) => known.get(referenceKey(ref))).find((person) => person !== undefined)
    const person = anchor ?? (item.introducesLearners ? await introducePerson(tx, item.learner, origin) : undefined)
    if (person === undefined) continue
    for (const ref of refs) {
      if (known.get(referenceKey(ref)) === person) continue
      const outcome = await linkReference(tx, ref, { person, origin })
      personsLinked ||= outcome.kind === 'persons-linked'
      known.set(referenceKey(ref), outcome.kind === 'persons-linked' ? outcome.other : person)
    }
  }
  const newcomers = inOrder.filter(({ item }) => item.introducesLearners && !known.has(referenceKey(item.learner)))
  const introduced = await introducePersons(
    tx,
    newcomers.map(({ item, key }) => ({ ref: item.learner, origin: `assertion:${evidenceId(key)}` as const })),
  )
  for (const [ref, person] of introduced) known.set(ref, person)
  const persons = new Map<KeyedEvent, PersonId>()
  for (const event of events) {
    const person = known.get(referenceKey(event.item.learner))
    if (person !== undefined) persons.set(event, person)
  }
  return { persons, linked: personsLinked || known.size > before }
}
