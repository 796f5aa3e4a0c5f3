/** The part of the register a case is judged by. Whole it would carry other learners' persons into every stored verdict. */
import { sql } from 'drizzle-orm'
import { shareText } from '#audit/canonical.ts'
import { list, type Tx } from '#db/client.ts'
import { readItemsById, readKinds } from '#db/register-read.ts'
import type {
  Accreditation,
  Appointment,
  Conflict,
  Mandate,
  Organisation,
  Person,
  RegisterView,
} from '#domain/register.ts'
import { as, type PersonId } from '#domain/words.ts'

/** Views over one reading of the register, for a list of cases: each sees its own persons and achievements only. */
export interface RegisterViews {
  view(persons: readonly PersonId[], achievements: readonly string[]): RegisterView
}

interface Reading {
  readonly organisations: readonly Organisation[]
  readonly appointments: readonly Appointment[]
  readonly accreditations: readonly Accreditation[]
  readonly mandates: readonly Mandate[]
  readonly conflicts: readonly Conflict[]
  readonly persons: ReadonlyMap<string, Person>
  readonly linked: readonly (readonly [PersonId, PersonId])[]
}

type Pair = readonly [PersonId, PersonId]

/**
 * The register in force for everybody asked for, everybody known to be the same human being, and everybody appointed for the
 * achievements. Sorted throughout: the same facts give the same bytes.
 */
export async function registerView(
  tx: Tx,
  persons: readonly PersonId[],
  achievements: readonly string[],
): Promise<RegisterView> {
  return (await registerViews(tx, await readDeclared(tx), persons)).view(persons, achievements)
}

/** What of the register concerns everybody; can be read before anybody is known. */
export function readDeclared(tx: Tx) {
  return readKinds(tx, ['appointment', 'organisation', 'accreditation', 'mandate', 'conflict'])
}

/** The same for many cases: `persons` is everybody in any of them. */
export async function registerViews(
  tx: Tx,
  items: Awaited<ReturnType<typeof readDeclared>>,
  persons: readonly PersonId[],
): Promise<RegisterViews> {
  const appointments = items.appointment.map(shareText)
  const asked = [...new Set([...persons, ...appointments.map((one) => one.person)])]
  const linked = await linksAround(tx, asked)
  const reading: Reading = {
    appointments,
    linked,
    persons: await readItemsById(tx, 'person', [...new Set([...asked, ...linked.flat()])]),
    organisations: shareText(items.organisation),
    accreditations: items.accreditation.map(shareText),
    mandates: items.mandate.map(shareText),
    conflicts: items.conflict,
  }
  return { view: (of, achievements) => narrow(tx, reading, { of, achievements }) }
}

function narrow(
  tx: Tx,
  all: Reading,
  { of, achievements }: { readonly of: readonly PersonId[]; readonly achievements: readonly string[] },
): RegisterView {
  const covers = (grant: { readonly achievements?: readonly string[] }) =>
    grant.achievements === undefined || grant.achievements.some((id) => achievements.includes(id))
  const named = new Set<PersonId>(of)
  const appointments = all.appointments.filter((one) => covers(one) || named.has(one.person))
  const { persons, linked } = reach([...named, ...appointments.map((one) => one.person)], all.linked)
  return {
    institution: tx.institution,
    organisations: all.organisations,
    persons: [...persons].toSorted().flatMap((id) => all.persons.get(id) ?? []),
    linked,
    appointments,
    accreditations: all.accreditations.filter(covers),
    mandates: all.mandates.filter(covers),
    conflicts: all.conflicts.filter(
      (one) => persons.has(one.person) && (one.learner === undefined || persons.has(one.learner)),
    ),
  }
}

/** Follows links from some persons as far as they go: a is b, b is c, so a is c. */
function reach(from: readonly PersonId[], links: readonly Pair[]): { persons: Set<PersonId>; linked: Pair[] } {
  const persons = new Set(from)
  let size = -1
  while (size !== persons.size) {
    size = persons.size
    for (const [a, b] of links) {
      if (persons.has(a)) persons.add(b)
      if (persons.has(b)) persons.add(a)
    }
  }
  return { persons, linked: links.filter(([a]) => persons.has(a)) }
}

/** Every pair that touches the persons, or touches somebody such a pair leads to. */
async function linksAround(tx: Tx, persons: readonly PersonId[]): Promise<Pair[]> {
  const rows = await tx.execute<{ a: string; b: string }>(sql`
    with recursive human(id) as (
      select unnest(${list(persons)}::text[])
      union
      select case when l.a = h.id then l.b else l.a end
      from human h join person_link l on l.institution = ${tx.institution} and (l.a = h.id or l.b = h.id)
    )
    select l.a, l.b from person_link l
    where l.institution = ${tx.institution} and l.a in (select id from human) order by l.a, l.b`)
  return rows.map(({ a, b }) => [as<PersonId>(a), as<PersonId>(b)] as const)
}
