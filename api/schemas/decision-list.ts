/** A list of cases to be approved in one act, and what became of each (docs/levels.md, approvers). */
import { z } from '@hono/zod-openapi'
import { caseId, code, decisionId, instant, listId } from './words.ts'

export const listOrder = z.strictObject({
  cases: z.array(caseId).min(1).max(200).openapi({ description: 'Cases that wait for the caller' }),
})

export const decisionList = z
  .object({
    id: listId,
    seed: z.string().openapi({ description: 'With the ids of the cases anybody can draw the sample again' }),
    cases: z.array(
      z.object({
        id: caseId,
        seen: z.object({ evidenceVersion: z.int(), digest: z.string() }),
        sampled: z.boolean().openapi({ description: 'Must be opened before the list is approved' }),
        opened: z.boolean(),
      }),
    ),
    drawnAt: instant,
  })
  .openapi('DecisionList')

export const listApproval = z.strictObject({
  reason: code.openapi({ description: 'Stands in the log of every case for ever', example: 'outcomes-shown' }),
})

export const listResult = z
  .object({
    id: listId,
    results: z.array(
      z.object({
        caseId,
        outcome: z.enum(['approved', 'refused']),
        decision: decisionId.optional(),
        delivery: z.enum(['delivered', 'pending']).optional(),
        because: z.string().optional().openapi({ description: 'Why this case alone was not approved: a code' }),
      }),
    ),
  })
  .openapi('DecisionListResult')
