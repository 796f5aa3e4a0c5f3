/** A case's facts as they are listed, for the list and for whoever decides. */
import type { z } from 'zod'
import type { ClosedEvidence } from '#db/evidence.ts'
import { maskedPlace } from './masking.ts'
import type { evidenceSummary } from './schemas/case.ts'

/** What there is, without what it says; of somebody protected without where it was. */
export function summaryOf(fact: ClosedEvidence, isHidden: boolean): z.infer<typeof evidenceSummary> {
  return isHidden ? maskedPlace(openSummary(fact)) : openSummary(fact)
}

function openSummary(fact: ClosedEvidence): z.infer<typeof evidenceSummary> {
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
