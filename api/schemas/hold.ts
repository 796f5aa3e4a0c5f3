/** A legal hold as it is placed and shown. */
import { z } from '@hono/zod-openapi'
import { about } from './erasure.ts'
import { caseId, code, holdId, instant, personId, registryReference } from './words.ts'

export const holdRequest = z
  .strictObject({
    ...about,
    only: z.literal('case').optional().openapi({ description: 'This case alone; absent, everything about the person' }),
    reason: code.openapi({ example: 'appeal' }),
    decision: registryReference,
  })
  .openapi('HoldRequest')

export const lifting = z.strictObject({ decision: registryReference }).openapi('HoldLift')

export const hold = z
  .object({
    id: holdId,
    person: personId,
    caseId: caseId.optional(),
    reason: z.string(),
    decision: z.string(),
    placedBy: personId,
    placedAt: instant,
    liftedBy: personId.optional(),
    liftedAt: instant.optional(),
    liftDecision: z.string().optional(),
  })
  .openapi('Hold')
