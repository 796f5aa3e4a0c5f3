/** A revocation as officers see it: who proposed, who approved, what came of it. */
import { z } from '@hono/zod-openapi'
import { revocationReasons, revocationTextLength } from '#domain/gates/revocation.ts'
import { caseId, credentialId, freeText, instant, personId, revocationId } from './words.ts'

const reason = z.enum(revocationReasons)
/** So long without the blanks around it. */
const textPattern = `\\S[\\s\\S]{${revocationTextLength - 2},}\\S`

export const proposal = z
  .strictObject({
    credential: credentialId,
    reason,
    successor: credentialId.optional().openapi({
      description: 'With `superseded`, and then needed where there is one: the credential that has taken its place',
    }),
    text: freeText.min(revocationTextLength).openapi({ pattern: textPattern }),
  })
  .openapi('RevocationProposal')

export const revocation = z
  .object({
    id: revocationId,
    credential: credentialId,
    caseId,
    state: z.enum(['proposed', 'approved', 'refused', 'executed', 'expired']),
    reason: z.string(),
    successor: credentialId.optional(),
    proposedBy: personId,
    proposedAt: instant,
    approvedBy: personId.optional(),
    approvedAt: instant.optional(),
    effectiveAt: instant.optional(),
  })
  .openapi('Revocation')

export const toldRevocation = revocation
  .extend({ delivery: z.enum(['delivered', 'pending']) })
  .openapi('ToldRevocation')

export const revocationDetail = revocation
  .extend({ text: z.string().optional().openapi({ description: 'The proposer’s reasons; absent once erased' }) })
  .openapi('RevocationDetail')
