/** The border: bytes become an event or a list of everything wrong with them. Nothing behind this file checks shapes again. */
import { z } from 'zod'
import type { Instant } from '#domain/words.ts'
import { families, type IncomingEvent, incomingSchema, incomingTypes } from './catalogue.ts'
import { incomingAttributes } from './envelope.ts'
import { type Examiner, examinerFor, futureProblem, isInFuture } from './examiner.ts'
import { currentInstant } from './instant.ts'
import { readJson } from './json.ts'
import { nearest } from './near.ts'
import { limited, type Problem } from './problems.ts'
import { schemaProblems } from './schema-problems.ts'

export type ParsedEvent =
  /** `jcsReady` is the payload as sent; its canonical bytes (finite numbers) say whether two events have the same content. */
  | { readonly kind: 'event'; readonly event: IncomingEvent; readonly jcsReady: unknown }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/** A family with its types forgotten; that schema and checks belong together is said by the family. */
interface Contract {
  readonly schema: z.ZodType
  readonly examine: (examiner: Examiner & { readonly data: never; readonly id: string | undefined }) => void
}

const contracts = new Map<string, Contract>(
  families.map((family) => [
    family.type,
    { schema: incomingSchema(family), examine: family.examine as Contract['examine'] },
  ]),
)

/** For an event whose type nobody knows: at least its frame is checked. */
const frame = z.strictObject({ ...incomingAttributes, type: z.string(), data: z.unknown() })

/**
 * Step I1: parses one event in structured CloudEvents JSON, at most 256 KiB, and tells *all* its faults at once, each with a
 * stable code, a JSON pointer and advice. Never throws for what a sender sent.
 *
 * @param now what "in the future" is measured against; the clock unless given
 */
export function parseEvent(bytes: Uint8Array, now: Instant = currentInstant()): ParsedEvent {
  const json = readJson(bytes)
  if (json.kind === 'invalid') return { kind: 'invalid', problems: limited(json.problems) }
  if (!isObject(json.value)) return { kind: 'invalid', problems: [notAnObject] }
  const { problems, parsed } = examined(json.value, now)
  if (problems.length > 0) return { kind: 'invalid', problems: limited(problems) }
  return { kind: 'event', event: parsed as IncomingEvent, jcsReady: json.value }
}

function examined(value: Record<string, unknown>, now: Instant): { problems: Problem[]; parsed?: unknown } {
  const { type } = value
  const contract = typeof type === 'string' ? contracts.get(type) : undefined
  if (contract === undefined) return { problems: [...unknownType(type), ...schemaProblems(frame, value).problems] }
  const { problems, sketch, parsed } = schemaProblems(contract.schema, value)
  const parts = isObject(sketch) ? sketch : {}
  if (isInFuture(parts['time'], now)) problems.push(futureProblem(['time']))
  if (!isObject(value['data'])) return { problems }
  const examiner = examinerFor(problems, value['data'], now)
  contract.examine({ ...examiner, data: parts['data'] as never, id: textOf(parts['id']) })
  return { problems, parsed }
}

const notAnObject: Problem = {
  code: 'not-an-object',
  pointer: '',
  detail: 'is not an object',
  advice: 'send one event per message; batches are not accepted',
}

/** A missing or non-text type is told by the frame. */
function unknownType(type: unknown): Problem[] {
  if (typeof type !== 'string') return []
  const meant = nearest(type, incomingTypes)
  const advice = meant === undefined ? `write one of ${incomingTypes.join(', ')}` : `did you mean ${meant}?`
  return [{ code: 'unknown-type', pointer: '/type', detail: 'is none of our event types', advice }]
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
