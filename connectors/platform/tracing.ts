/**
 * Spans, for whoever looks for what a case waited for. The one place our code speaks of them: what records them is loaded only where a
 * collector is named (`tracing-otel.ts`); without one a span is a call of its work and nothing else.
 */
import { parseTraceparent, type TraceContext } from '#domain/trace-context.ts'
import type { SafeFields } from './safe-fields.ts'

export interface SpanOptions {
  /** `server` and `consumer`: work that came from another process; `client` and `producer`: that goes to one. */
  readonly kind?: 'server' | 'client' | 'consumer' | 'producer'
  /** What caused it, in another process; left out, the span that is running, or a trace of its own. */
  readonly parent?: TraceContext | undefined
  /** What else belongs to it: at most {@link mostLinks} are kept. */
  readonly links?: readonly TraceContext[]
  readonly fields?: SafeFields
}

export interface Span {
  /** Undefined while nobody records. */
  readonly context: TraceContext | undefined
  /** Ids, codes and numbers, as in a line of the log; nothing else passes. */
  tell(fields: SafeFields): void
  rename(name: string): void
  /** It came to nothing good; `error` as in a line of the log, without its words. */
  failed(error?: unknown): void
  end(): void
}

/** What records spans. */
export interface Recorder {
  begin(name: string, options: SpanOptions): Span
  /** Runs work with this span as the one that is running. */
  within<T>(span: Span, work: () => T): T
  active(): TraceContext | undefined
}

/** A cohort at its largest (contracts §6). */
export const mostLinks = 200

let recorder: Recorder | undefined

/** From now on this records every span of the process; undefined: nobody does. */
export function recordSpans(by: Recorder | undefined): void {
  recorder = by
}

export function isTracing(): boolean {
  return recorder !== undefined
}

/** A span that its caller ends: for work on many things at once, each with a trace of its own. */
export function beginSpan(name: string, options: SpanOptions = {}): Span {
  return recorder === undefined ? unrecorded : recorder.begin(name, options)
}

/** Runs work as a span; what it throws marks the span and goes on. */
export async function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  if (recorder === undefined) return work(unrecorded)
  const span = recorder.begin(name, options)
  try {
    return await recorder.within(span, () => work(span))
  } catch (error) {
    span.failed(error)
    throw error
  } finally {
    span.end()
  }
}

/** The span that is running. */
export function activeTrace(): TraceContext | undefined {
  return recorder?.active()
}

/**
 * Where work on one of many belongs: into the trace of its own case, beside what is running for all of them.
 * @param traceparent of the case
 */
export function inTraceOf(traceparent: string | undefined): Pick<SpanOptions, 'parent' | 'links'> {
  const parent = parseTraceparent(traceparent)
  const active = activeTrace()
  if (parent === undefined || parent.traceId === active?.traceId) return {}
  return { parent, links: active === undefined ? [] : [active] }
}

const unrecorded: Span = {
  context: undefined,
  tell: () => undefined,
  rename: () => undefined,
  failed: () => undefined,
  end: () => undefined,
}
