/** Where in a trace something happened (W3C Trace Context Level 1): without it an event and the credential it led to are strangers in every tool. */

export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  /** Whoever begins a trace says whether its spans are kept. */
  readonly sampled: boolean
}

/** A later version may go on after a dash; what it says there is not ours to read (§4). */
const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/
const longest = 512

/**
 * Reads a `traceparent` from outside. Undefined where it is none: the trace begins anew, and nothing else comes of it (§3.2.2). An id of
 * decimal digits alone is none either: chance gives one in three million, a padded personal number is one, and ids are told in logs.
 */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  if (typeof text !== 'string' || text.length > longest) return undefined
  const [all, version, traceId = '', spanId = '', flags = ''] = shape.exec(text) ?? []
  if (all === undefined || version === 'ff' || (version === '00' && text.length > all.length)) return undefined
  if (version === '00' && all.endsWith('-')) return undefined
  if (/^\d+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** As it travels on, in the version we speak. */
export function traceparentOf({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}
