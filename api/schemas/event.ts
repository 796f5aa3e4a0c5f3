/** What emitters post and are told. The events themselves are described by docs/events; here only their frame. */
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { InboxState } from '#db/inbox.ts'
import { families } from '#events/catalogue.ts'
import { incomingAttributes } from '#events/envelope.ts'
import { signatureAttribute } from '../event-batch.ts'
import { eventMediaTypes } from '../event-media.ts'
import { caseId, deadLetterId, evidenceId, instant } from './words.ts'

/** Event key (contracts §2) in hexadecimal. */
export const eventKey = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .openapi({ example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' })
export const eventStates = ['joined', 'waiting', 'unresolved', 'erased'] as const satisfies readonly InboxState[]
export const eventKinds = families.map(({ kind }) => kind)

export const eventProblem = z.object({
  code: z.string(),
  // A name that is no text Postgres keeps is told like any other.
  pointer: z.string().openapi({ description: 'RFC 6901, inside the event', pattern: '^' }),
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
      description:
        'joined: evidence of a case; waiting: evidence whose case has not come; unresolved: learner unknown; erased: only the key is left',
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

type Family = (typeof families)[number]
type Schema = Parameters<OpenAPIHono['openAPIRegistry']['registerComponent']>[2]

/** `identity` → `Identity` */
function nameOf({ kind }: Family): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1)
}

const signedInBatch = {
  [signatureAttribute]: z
    .string()
    .optional()
    .describe('Detached JWS over the canonical form (RFC 8785) of this event without this attribute'),
}

function frameOf(family: Family, more: Readonly<Record<string, z.ZodType>> = {}): Schema {
  const frame = { ...incomingAttributes, ...more, type: z.literal(family.type), data: z.unknown() }
  const { properties = {}, ...rest } = schemaOf(z.strictObject(frame).meta({ title: family.title }))
  return { ...rest, properties: { ...properties, data: refTo(`${nameOf(family)}Data`) } } as Schema
}

function schemaOf(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...said } = z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' })
  return said
}

function refTo(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

/** Schemas of events for the document: what an event says, by its type, and its frame alone and in a batch. */
export const eventSchemas = (): readonly (readonly [name: string, schema: Schema])[] => [
  ['PlainJson', plainJson] as const,
  ...families.flatMap((family) => [
    [`${nameOf(family)}Data`, schemaOf(family.data)] as const,
    [`${nameOf(family)}Event`, frameOf(family)] as const,
    [`${nameOf(family)}EventInBatch`, frameOf(family, signedInBatch)] as const,
  ]),
]

const anyEvent = (end: 'Event' | 'EventInBatch') => ({
  oneOf: families.map((family) => refTo(`${nameOf(family)}${end}`)),
})

/** Read as bytes, never through a schema: a signature holds over bytes. */
export const eventBody = {
  required: true,
  content: {
    [one ?? '']: { schema: anyEvent('Event') },
    [batch ?? '']: { schema: { type: 'array' as const, minItems: 1, maxItems: 200, items: anyEvent('EventInBatch') } },
  },
}

/** Also with NUL: it is found and told. */
const anyText = { type: 'string' as const, pattern: '^' }
const largest = Number.MAX_SAFE_INTEGER

/** Of any text but two, which JSON's own parser reads as something else. */
const plainNames = { not: { enum: ['__proto__', 'toJSON'] } }

/** JSON that has one canonical form, so that a batch can be taken apart (docs/decisions/0026). */
const plainJson = {
  anyOf: [
    { type: ['null', 'boolean'] },
    anyText,
    { type: 'number', minimum: -largest, maximum: largest },
    { type: 'array', items: refTo('PlainJson') },
    {
      type: 'object',
      additionalProperties: refTo('PlainJson'),
      propertyNames: plainNames,
    },
  ],
} as Schema

/** To have events looked at, they need not be any: whatever is wrong is what the answer tells. */
export const bodyToCheck = {
  required: true,
  content: {
    [one ?? '']: { schema: { description: 'What shall become an event; the schemas are those of POST /v1/events' } },
    [batch ?? '']: {
      schema: {
        type: 'array' as const,
        minItems: 1,
        maxItems: 200,
        items: {
          type: 'object' as const,
          properties: { [signatureAttribute]: anyText },
          additionalProperties: refTo('PlainJson'),
          propertyNames: plainNames,
        },
      },
    },
  },
}
