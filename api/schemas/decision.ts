/** What a person may decide on a case, and what each decision must carry (contracts §7). */
import { z } from '@hono/zod-openapi'
import type { DecisionOutcome } from '#db/decisions.ts'
import { caseStates } from '#domain/issuance/state.ts'
import { caseId, code, decisionId, freeText, largestInteger, personId } from './words.ts'

/** Taken by whoever is appointed to the case. */
export const approverOutcomes = ['approve', 'return', 'reject'] as const
/** Taken by officers: what may be done with a case that stands still. No human act raises a level. */
const officerOutcomes = ['appoint', 'order-reassessment', 'choose-achievement', 'refuse', 'withdraw'] as const
export const outcomes = [...approverOutcomes, ...officerOutcomes] as const satisfies readonly DecisionOutcome[]
export type Outcome = (typeof outcomes)[number]

const neededBy = {
  approve: [],
  return: ['text', 'markedItems'],
  reject: ['text'],
  refuse: ['text'],
  withdraw: ['text'],
  appoint: ['appoint'],
  'choose-achievement': ['achievement', 'text'],
  'order-reassessment': ['text'],
} as const satisfies Record<Outcome, readonly ('text' | 'markedItems' | 'appoint' | 'achievement')[]>

/** The same in the words of JSON Schema. */
function needs() {
  return Object.entries(neededBy)
    .filter(([, members]) => members.length > 0)
    .map(([outcome, members]) => ({
      anyOf: [{ properties: { outcome: { not: { const: outcome } } } }, { required: [...members] }],
    }))
}

export const decision = z
  .strictObject({
    outcome: z.enum(outcomes),
    reason: code.openapi({ description: 'Stands in the log for ever, so it is a code', example: 'outcomes-shown' }),
    text: freeText.optional().openapi({ description: 'Reasons in words; needed for all but approve and appoint' }),
    markedItems: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: 'What is asked for; needed to return' }),
    seen: z
      .strictObject({ evidenceVersion: z.int().min(1).max(largestInteger), digest: z.string().min(1).max(200) })
      .openapi({ description: 'As shown in the case' }),
    appoint: z
      .strictObject({ role: z.enum(['external-reviewer', 'decision-maker', 'examiner']), person: personId })
      .optional()
      .openapi({ description: 'Needed to appoint' }),
    achievement: z
      .strictObject({ id: z.string().min(1).max(200), version: z.int().min(1).max(largestInteger) })
      .optional()
      .openapi({ description: 'Needed for choose-achievement' }),
  })
  .superRefine((value, context) => {
    for (const member of neededBy[value.outcome]) {
      if (value[member] === undefined) {
        context.addIssue({ code: 'custom', path: [member], message: `needed for ${value.outcome}` })
      }
    }
  })
  .openapi('Decision', { allOf: needs() })

export const decided = z
  .object({
    decision: decisionId,
    caseId,
    outcome: z.enum(outcomes),
    delivery: z
      .enum(['delivered', 'pending'])
      .openapi({ description: 'Pending: recorded, the workflow is told as soon as it can be' }),
    state: z.enum(caseStates).openapi({ description: 'Of the case when the decision was recorded' }),
  })
  .openapi('RecordedDecision')
