/** From any name somebody may hold in their hand to cases. Without it an officer would have to know which kind of id was sent to them. */
import { sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { intentions } from '#db/credentials.ts'
import { type ClosedEvidence, closedEvidence } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import { eventKey } from '#db/ids.ts'
import { casesOf, concerned } from '#db/joining.ts'
import { resolveReferences } from '#db/people.ts'
import type { Called } from '#db/queries/case-list.ts'
import { readItems } from '#db/register-read.ts'
import { cases } from '#db/schema/cases.ts'
import { as, type CaseId, type CredentialId, type EvidenceId, type PersonId } from '#domain/words.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * What a name may mean, tried by its form: case, credential, evidence, trail, event key; anything else is an achievement,
 * offering, occasion or group, an event id of any registered emitter, or a learner's reference (found by its HMAC) in one of
 * `schemes`. Nothing is guessed: every comparison is exact.
 */
export async function searchCases(tx: Tx, text: string, schemes: readonly string[]): Promise<Called> {
  const found = (ids: readonly CaseId[]): Called => ({ ids, persons: [], columns: [], text })
  if (text.startsWith('case_')) return found([as<CaseId>(text)])
  if (text.startsWith('cred_')) return found(await casesOfCredential(tx, as<CredentialId>(text)))
  if (text.startsWith('evid_')) return found(await casesOfFacts(tx, { ids: [as<EvidenceId>(text)] }))
  if (uuid.test(text)) return found(await casesOfTrail(tx, text))
  if (/^[0-9a-f]{64}$/.test(text)) return found(await casesOfFacts(tx, { keys: [Buffer.from(text, 'hex')] }))
  const emitters = await readItems(tx, 'emitter')
  return {
    ids: await casesOfFacts(tx, { keys: emitters.map(({ id }) => eventKey(tx.institution, id, text)) }),
    persons: await personsReferredToAs(tx, text, schemes),
    columns: await columnsHolding(tx, text),
    text,
  }
}

/** Cases that an event of this emitter concerns. */
export function casesOfEvent(tx: Tx, source: string, id: string): Promise<CaseId[]> {
  return casesOfFacts(tx, { keys: [eventKey(tx.institution, source, id)] })
}

async function casesOfCredential(tx: Tx, id: CredentialId): Promise<CaseId[]> {
  const intention = (await intentions(tx, [id])).get(id)
  return intention === undefined ? [] : [intention.caseId]
}

async function casesOfTrail(tx: Tx, trail: string): Promise<CaseId[]> {
  const rows = await tx.orm
    .select({ id: cases.id })
    .from(cases)
    .where(sql`${cases.institution} = ${tx.institution} and ${cases.trail} = ${trail}`)
  return rows.map(({ id }) => as<CaseId>(id))
}

async function casesOfFacts(tx: Tx, which: Parameters<typeof closedEvidence>[1]): Promise<CaseId[]> {
  const facts = await closedEvidence(tx, which)
  const humans = await humansOf(
    tx,
    facts.map(({ person }) => person),
  )
  const rows = await casesOf(tx, [...new Set([...humans.values()].flat())])
  return [...new Set(facts.flatMap((fact: ClosedEvidence) => concerned(fact, rows, humans).map(({ id }) => id)))]
}

async function personsReferredToAs(tx: Tx, value: string, schemes: readonly string[]): Promise<PersonId[]> {
  const known = await resolveReferences(
    tx,
    schemes.map((scheme) => ({ scheme, value })),
  )
  return [...new Set([...(await humansOf(tx, [...known.values()])).values()].flat())]
}

/** Asked one by one, so that the list itself need compare only the columns that do hold the name. */
async function columnsHolding(tx: Tx, text: string): Promise<Called['columns']> {
  const names = ['achievement', 'offering', 'occasion', 'groupId'] as const
  const held = await Promise.all(
    names.map((name) =>
      tx.orm
        .select({ is: sql<number>`1` })
        .from(cases)
        .where(sql`${cases.institution} = ${tx.institution} and ${cases[name]} = ${text}`)
        .limit(1),
    ),
  )
  return names.filter((_, index) => (held[index]?.length ?? 0) > 0)
}
