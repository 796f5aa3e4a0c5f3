/** Which facts are a case's; the list and the decider's view must mean the same ones. */
import type { z } from 'zod'
import type { CaseRow } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { type EvidenceRow, evidenceAbout, samePlace } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import type { evidenceSummary } from './schemas/case.ts'

/** Facts at the case's place, by any id of the learner, those taken back too (contracts §3, join). */
export async function evidenceOf(tx: Tx, row: CaseRow): Promise<EvidenceRow[]> {
  const persons = (await humansOf(tx, [row.person])).get(row.person) ?? [row.person]
  const facts = await evidenceAbout(tx, { persons, withdrawn: true })
  return facts.filter((fact) => samePlace(fact, row))
}

/** What there is, without what it says. */
export function summaryOf(fact: EvidenceRow): z.infer<typeof evidenceSummary> {
  const { id, kind, occurredAt, offering, attempt, occasion, source, withdrawnBy } = fact
  return {
    id,
    kind,
    occurredAt,
    offering,
    attempt,
    ...(occasion === undefined ? {} : { occasion }),
    emitter: source.emitter,
    owner: source.owner.unit ?? source.owner.organisation,
    signed: source.signed,
    ...(withdrawnBy === undefined ? {} : { withdrawnBy }),
  }
}
