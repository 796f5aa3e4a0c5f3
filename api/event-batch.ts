/** A batch of events taken apart: each has its own sender and its own signature, so that each can be kept and replayed alone. */
import { canonicalBytes } from '#audit/canonical.ts'
import type { Problem as EventProblem } from '#db/dead-letters.ts'
import { readJson } from '#events/json.ts'
import type { PostedEvent } from './dependencies.ts'
import { Problem, type ProblemError } from './problem.ts'

export const largestBatch = 4 * 1024 * 1024
const mostEvents = 200

/** Attribute of an event in a batch that carries its detached JWS, which a single event has in the header `Bevis-Signature`. */
export const signatureAttribute = 'bevissignature'

/**
 * The events of a CloudEvents JSON batch. The bytes that were signed are the canonical form (RFC 8785) of the event without the
 * attribute `bevissignature`: inside an array an event has no bytes of its own (docs/decisions/0026).
 *
 * @throws Problem `invalid_request` telling everything that keeps it from being taken apart, `batch_too_large`
 */
export function readBatch(bytes: Uint8Array): PostedEvent[] {
  const read = readJson(bytes, largestBatch)
  if (read.kind === 'invalid') throw new Problem('invalid_request', { errors: read.problems.map(asError) })
  const { value } = read
  if (!Array.isArray(value) || value.length === 0) throw invalid([['', 'not-a-batch', 'is not a list of events']])
  if (value.length > mostEvents) throw new Problem('batch_too_large')
  const faults = value.flatMap((event, index): Fault[] => {
    const pointer = `/${index}`
    if (typeof event !== 'object' || event === null || Array.isArray(event))
      return [[pointer, 'not-an-object', 'is not an object']]
    const signature: unknown = event[signatureAttribute]
    const isText = signature === undefined || typeof signature === 'string'
    return isText ? [] : [[`${pointer}/${signatureAttribute}`, 'wrong-type', 'is not a text']]
  })
  if (faults.length > 0) throw invalid(faults)
  return value.map(postedEvent)
}

function postedEvent({ [signatureAttribute]: signature, ...event }: Record<string, unknown>): PostedEvent {
  const payload = canonicalBytes(event, { numbers: 'finite', nulls: 'allowed' })
  return { payload, ...(typeof signature === 'string' ? { signature } : {}) }
}

type Fault = readonly [pointer: string, code: string, detail: string]

function invalid(faults: readonly Fault[]): Problem {
  return new Problem('invalid_request', {
    errors: faults.map(([pointer, code, detail]) => ({ in: 'body', pointer, code, detail })),
  })
}

/** What is wrong with an event, as an error of the request it came in. */
export function asError({ pointer, code, detail, advice }: EventProblem): ProblemError {
  return { in: 'body', pointer, code, detail, hint: advice }
}
