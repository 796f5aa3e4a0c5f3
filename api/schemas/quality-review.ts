/** A review of the quality assurance as it is recorded and shown. */
import { z } from '@hono/zod-openapi'
import { code, day, instant, personId, qualityReviewId, registryReference } from './words.ts'

const looked = z
  .string()
  .regex(/^(export|report):[A-Za-z0-9_-]{43}$/)
  .openapi({
    description:
      '`export:` and the content digest of an audit package or a sample, which must have left the house; `report:` and the SHA-256 of a report, base64url',
    example: 'report:0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
  })
const action = z.strictObject({ action: code.openapi({ example: 'train-scorers' }), due: day })

const most = 50

export const qualityReviewRequest = z
  .strictObject({
    from: day,
    until: day.openapi({ description: 'Exclusive' }),
    looked: z.array(looked).min(1).max(most).openapi({ description: 'What was looked at' }),
    findings: z
      .array(code)
      .max(most)
      .openapi({
        description: 'Codes, for they stand in the log for ever; none: nothing was found',
        example: ['late-decisions'],
      }),
    actions: z.array(action).max(most).openapi({ description: 'What is to be done about it, each once' }),
    reference: registryReference.openapi({ description: 'Of the minutes in the institution’s registry' }),
  })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'must be later than from' })
  .refine(({ actions }) => new Set(actions.map((one) => one.action)).size === actions.length, {
    path: ['actions'],
    message: 'must name each action once',
  })
  .openapi('QualityReviewRequest')

export const actionClosing = z
  .strictObject({
    action: code.openapi({ example: 'train-scorers' }),
    outcome: z.enum(['done', 'dropped']),
    reference: registryReference.openapi({ description: 'Of what shows it, or of the decision to drop it' }),
  })
  .openapi('QualityActionClosing')

export const qualityReview = z
  .object({
    id: qualityReviewId,
    from: z.string(),
    until: z.string(),
    looked: z.array(z.string()).readonly(),
    findings: z.array(z.string()).readonly(),
    actions: z
      .array(
        z.object({
          action: z.string(),
          due: z.string(),
          closed: z
            .object({ outcome: z.string(), reference: z.string(), by: personId.optional(), at: instant })
            .optional(),
        }),
      )
      .readonly(),
    reference: z.string(),
    recordedBy: personId.optional(),
    recordedAt: instant,
  })
  .openapi('QualityReview')
