/** Events as they travel: CloudEvents 1.0 in structured JSON, bytes that are signed once and never built again. */
import { createHash } from 'node:crypto'
import { EmitterError } from './emitter-error.ts'
import type { EventData } from './event-types.ts'

export type EventType = keyof EventData

/** What a system wants to tell; the compiler knows the members of `data` by `type`. */
export type EventDraft = {
  readonly [Type in EventType]: {
    readonly type: Type
    readonly data: EventData[Type]
    /** Unique per source, 1–200 visible ASCII characters. Make it from your own record with {@link stableId}. */
    readonly id: string
    /** When the event was made, RFC 3339 with seconds and offset. */
    readonly time?: string
    /** W3C Trace Context. */
    readonly traceparent?: string
  }
}[EventType]

export interface Origin {
  readonly institution: string
  /** The emitter's id in the institution's register. */
  readonly source: string
}

/** What Beviskedja takes at most, in bytes. */
const largest = 256 * 1024

/** The bytes of an event. @throws EmitterError `too-large` */
export function eventBytes({ institution, source }: Origin, sequence: number, draft: EventDraft): Uint8Array {
  const { id, type, time, traceparent, data } = draft
  const event = {
    specversion: '1.0',
    id,
    source,
    institution,
    sequence,
    type,
    ...(time === undefined ? {} : { time }),
    ...(traceparent === undefined ? {} : { traceparent }),
    datacontenttype: 'application/json',
    data,
  }
  const bytes = new TextEncoder().encode(JSON.stringify(event))
  if (bytes.byteLength > largest)
    throw new EmitterError('too-large', `the event has ${bytes.byteLength} bytes, at most ${largest} are taken`)
  return bytes
}

/**
 * The same id for the same record, whoever computes it and however often: 43 characters, SHA-256 over the parts. Name what makes
 * the fact unique in your system, for instance `stableId('completion', enrolmentId)`; add a version where a fact may be told anew.
 */
export function stableId(...parts: readonly (string | number)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(parts.map(String)))
    .digest('base64url')
}
