/** An appeal, or a request for reconsideration, as it is lodged, decided, closed and shown. */
import { z } from '@hono/zod-openapi'
import { appealKinds, appealOutcomes, appealStates } from '#domain/handling.ts'
import { done, matterQuery, overdue } from './matter.ts'
import { appealId, caseId, code, day, instant, personId, registryReference } from './words.ts'

const against = z
  .string()
  .regex(/^(outcome|(deci|revo|appl)_[A-Za-z0-9_-]{1,100})$/)
  .openapi({
    description: 'Id of a decision, a revocation or a decided appeal of the case; `outcome`: how the case ended',
    example: 'outcome',
  })

export const appealRequest = z
  .strictObject({
    case: caseId,
    kind: z.enum(appealKinds).openapi({ description: 'By the institution itself, or by somebody above it' }),
    against,
    received: day.openapi({ description: 'The day it came' }),
    reference: registryReference.openapi({ description: 'Of what was sent in' }),
  })
  .openapi('AppealRequest')

export const appealDecision = z
  .strictObject({
    outcome: z.enum(appealOutcomes),
    reason: code.openapi({ description: 'A code, for it stands in the log for ever', example: 'criteria-misread' }),
    reference: registryReference.openapi({ description: 'Of the decision with its reasons' }),
  })
  .openapi('AppealDecision')

const followed = z.string().regex(/^(case|deci|revo)_[A-Za-z0-9_-]{1,100}$/)

export const appealClosing = z
  .strictObject({
    followed: z.array(followed).max(20).openapi({
      description:
        'Ids of what came of it since: a decision in the case, a revocation carried out, a new case of the same person. At least one where it was upheld, also in part',
      example: [],
    }),
    reference: registryReference.openapi({ description: 'Of what the appellant was told' }),
  })
  .openapi('AppealClosing')

export const appealQuery = matterQuery(appealStates)

export const appeal = z
  .object({
    id: appealId,
    caseId,
    kind: z.enum(appealKinds),
    against: z.string(),
    received: z.string(),
    reference: z.string(),
    state: z.enum(appealStates),
    overdue,
    lodgedBy: personId.optional(),
    lodgedAt: instant,
    acknowledged: done.optional(),
    decided: done.extend({ outcome: z.enum(appealOutcomes), reason: z.string() }).optional(),
    closed: done.extend({ followed: z.array(z.string()).readonly() }).optional(),
  })
  .openapi('Appeal')
