/** What emitters post and are told. The events themselves are described by docs/events; here only their frame. */
import { z } from '@hono/zod-openapi'
import type { InboxState } from '#db/inbox.ts'
import { families, incomingTypes } from '#events/catalogue.ts'
import { signatureAttribute } from '../event-batch.ts'
import { eventMediaTypes } from '../event-media.ts'
import { caseId, deadLetterId, evidenceId, instant } from './words.ts'

/** Event key (contracts §2) in hexadecimal. */
export const eventKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .openapi({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
export const eventStates = ['joined', 'waiting', 'unresolved'] as const satisfies readonly InboxState[]
export const eventKinds = families.map(({ kind }) => kind)

export const eventProblem = z.object({
  code: z.string(),
  pointer: z.string(),
  detail: z.string(),
  advice: z.string(),
})

const common = { id: z.string().optional(), source: z.string().optional() }

const posted = z.discriminatedUnion('outcome', [
  z.object({ ...common, outcome: z.literal('case'), caseId }),
  z.object({ ...common, outcome: z.enum(['evidence', 'duplicate', 'unresolved']) }),
  z.object({
    ...common,
    outcome: z.literal('dead-letter'),
    deadLetter: deadLetterId,
    code: z.string(),
    problems: z.array(eventProblem),
  }),
])

export const postedEvents = z.object({ events: z.array(posted) }).openapi('PostedEvents')

export const validatedEvents = z
  .object({ events: z.array(z.object({ valid: z.boolean(), problems: z.array(eventProblem) })) })
  .openapi('ValidatedEvents')

/** An event that was taken in, without what it says. */
export const takenEvent = z
  .object({
    key: eventKey,
    source: z.string(),
    kind: z.string(),
    state: z.enum(eventStates).openapi({
      description: 'joined: evidence of a case; waiting: evidence whose case has not come; unresolved: learner unknown',
    }),
    kid: z.string().optional().openapi({ description: 'Key it was signed with' }),
    repeats: z.int().openapi({ description: 'How often the same event came again' }),
    receivedAt: instant,
  })
  .openapi('TakenEvent')

export const takenEventDetail = takenEvent
  .extend({
    evidence: evidenceId.optional(),
    occurredAt: instant.optional(),
    withdrawnBy: evidenceId.optional().openapi({ description: 'The fact by which its source took it back' }),
    opened: caseId.optional().openapi({ description: 'The case it opened' }),
    cases: z.array(caseId).openapi({ description: 'Every case it concerns' }),
  })
  .openapi('TakenEventDetail')

const [one, batch] = eventMediaTypes

const frame = {
  type: 'object' as const,
  description: 'CloudEvents 1.0, structured JSON; each type’s own schema is in docs/events',
  required: ['specversion', 'id', 'source', 'type', 'institution', 'sequence', 'data'],
  properties: {
    specversion: { type: 'string' as const, enum: ['1.0'] },
    id: { type: 'string' as const, minLength: 1, maxLength: 200 },
    source: { type: 'string' as const },
    type: { type: 'string' as const, enum: [...incomingTypes] },
    institution: { type: 'string' as const },
    sequence: { type: 'integer' as const, minimum: 1 },
    data: { type: 'object' as const },
  },
}

/** Read as bytes, never through a schema: a signature holds over bytes. */
export const eventBody = {
  required: true,
  content: {
    [one ?? '']: { schema: frame },
    [batch ?? '']: {
      schema: {
        type: 'array' as const,
        minItems: 1,
        maxItems: 200,
        items: {
          ...frame,
          properties: {
            ...frame.properties,
            [signatureAttribute]: {
              type: 'string' as const,
              description: 'Detached JWS over the canonical form (RFC 8785) of this event without this attribute',
            },
          },
        },
      },
    },
  },
}
