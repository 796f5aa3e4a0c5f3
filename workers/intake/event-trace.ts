/** The trace an event belongs to: without it nobody could follow a completion from where it happened to the credential. */
import { beginSpan, type Span } from '#connectors/platform/tracing.ts'
import { parseTraceparent, type TraceContext, traceparentOf } from '#domain/trace-context.ts'
import type { IncomingEvent } from '#events/catalogue.ts'
import { parseCompletionsSubject } from '#events/subjects.ts'

export const traceHeader = 'traceparent'

/** Where one message is taken in. */
export interface EventTrace {
  readonly span: Span
  /** Of the span; where nobody records spans, as the sender gave it. */
  readonly context: TraceContext | undefined
}

interface Message {
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Begins the span of a message. What the event itself says comes first: it is where the fact began, and signed with it; a header tells
 * of the last leg of its way (CloudEvents, Distributed Tracing extension). What is no trace context is as good as none.
 */
export function beginIntake({ subject, headers }: Message, event: IncomingEvent | undefined): EventTrace {
  const parent = parseTraceparent(event?.traceparent) ?? parseTraceparent(headers[traceHeader])
  const { institution, source } = parseCompletionsSubject(subject) ?? {}
  const span = beginSpan('take in event', {
    kind: 'consumer',
    parent,
    fields: { institution, source, event_id: event?.id },
  })
  return { span, context: span.context ?? parent }
}

/** As it is kept with the case. */
export function traceOf({ context }: EventTrace): { readonly traceparent?: string } {
  return context === undefined ? {} : { traceparent: traceparentOf(context) }
}
