/** A complaint as it is received, handled, closed and shown. */
import { z } from '@hono/zod-openapi'
import { complaintOutcomes, complaintStates } from '#domain/handling.ts'
import { done, matterQuery, overdue } from './matter.ts'
import { caseId, code, complaintId, day, instant, personId, registryReference } from './words.ts'

const reference = registryReference.openapi({ description: 'Of the paper that shows it' })

export const complaintRequest = z
  .strictObject({
    case: caseId.optional().openapi({ description: 'The case it is about' }),
    persons: z.array(personId).max(10).default([]).openapi({
      description: 'Whom of the institution’s it is about; they will not handle it. About neither: the service',
      example: [],
    }),
    category: code.openapi({ description: 'A code, for it stands in the log for ever', example: 'late-answer' }),
    received: day.openapi({ description: 'The day it came' }),
    reference: registryReference.openapi({ description: 'Of the complaint' }),
  })
  .openapi('ComplaintRequest')

export const complaintProgress = z
  .strictObject({ step: code.openapi({ description: 'What was done', example: 'statement-asked-for' }), reference })
  .openapi('ComplaintProgress')

export const complaintClosing = z
  .strictObject({
    outcome: z.enum(complaintOutcomes).openapi({ example: 'unjustified' }),
    measures: z.array(code).max(20).openapi({
      description: 'What is done about it, as codes; at least one where it was justified, also in part',
      example: [],
    }),
    reference: registryReference.openapi({ description: 'Of the answer to whoever complained' }),
  })
  .openapi('ComplaintClosing')

export const complaintQuery = matterQuery(complaintStates)

export const complaint = z
  .object({
    id: complaintId,
    category: z.string(),
    caseId: caseId.optional(),
    persons: z.array(z.string()).readonly(),
    received: z.string(),
    reference: z.string(),
    state: z.enum(complaintStates),
    overdue,
    receivedBy: personId.optional(),
    receivedAt: instant,
    acknowledged: done.optional(),
    progress: z.array(done.extend({ step: z.string() })).readonly(),
    closed: done.extend({ outcome: z.enum(complaintOutcomes), measures: z.array(z.string()).readonly() }).optional(),
  })
  .openapi('Complaint')
