/** A revocation as officers are shown it; what they approve or refuse is exactly this. */
import type { z } from 'zod'
import { openDisclosure } from '#audit/disclosure.ts'
import { parseLeaf } from '#audit/entry.ts'
import { readDisclosures, readTrail } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { type Revocation, successorIn } from '#db/revocations.ts'
import type { revocation, revocationDetail } from './schemas/revocation.ts'

export const proposedType = 'revocation.proposed/1'

export function revocationView(found: Revocation): z.infer<typeof revocation> {
  const { id, caseId, state, reason, proposedBy, proposedAt, approvedBy, approvedAt, effectiveAt } = found
  return {
    id,
    credential: found.credentialId,
    caseId,
    state,
    reason,
    ...successorIn(found),
    proposedBy,
    proposedAt,
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...(approvedAt === undefined ? {} : { approvedAt }),
    ...(effectiveAt === undefined ? {} : { effectiveAt }),
  }
}

/** With the proposer's reasons. */
export async function shownRevocation(tx: Tx, found: Revocation): Promise<z.infer<typeof revocationDetail>> {
  const text = await proposalText(tx, found)
  return { ...revocationView(found), ...(text === undefined ? {} : { text }) }
}

/** The proposer's reasons in words, as the trail keeps them; undefined once they are erased. */
export async function proposalText(tx: Tx, proposed: Revocation): Promise<string | undefined> {
  const [row] = await caseRows(tx, [proposed.caseId])
  if (row === undefined) return undefined
  const id = revocationEntryId(proposed, proposedType)
  const entries = (await readTrail(tx, row.trail))
    .filter(({ type }) => type === proposedType)
    .map(({ leaf }) => parseLeaf(leaf))
  const digests = entries.find((entry) => entry.id === id)?._sd ?? []
  const disclosures = await readDisclosures(tx, row.trail, [row.person])
  const opened = disclosures.map(({ disclosure }) => openDisclosure(disclosure, digests))
  const text = opened.find((one) => one.kind === 'opened' && one.name === 'text')
  return text?.kind === 'opened' && typeof text.value === 'string' ? text.value : undefined
}

export function revocationEntryId(of: Revocation, type: string): string {
  return `${of.caseId}:${type.split('/')[0]}:${of.id}`
}
