/**
 * OpenTelemetry behind `tracing.ts`: spans as OTLP over HTTP to a collector. Loaded only where one is named. A collector that is away
 * costs its spans and nothing else: they wait in a queue of fixed size, and nobody waits for them.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { TraceContext } from '#domain/trace-context.ts'
import type { Log } from './log.ts'
import { errorFields, kept, type SafeFields } from './safe-fields.ts'
import { mostLinks, type Recorder, recordSpans, type Span, type SpanOptions } from './tracing.ts'

/** Which traces are kept, in the words of the OpenTelemetry specification (`OTEL_TRACES_SAMPLER`). */
export type SamplerName = `${'' | 'parentbased_'}${'always_on' | 'always_off' | 'traceidratio'}`

export interface TracingSettings {
  /** Name of the process. */
  readonly process: string
  /** `development` or `production`. */
  readonly environment: string
  /** Base of the collector's OTLP/HTTP address; `/v1/traces` is added. */
  readonly endpoint: string
  /** Sent with every export. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly sampler: SamplerName
  /** Share of the traces that a `traceidratio` keeps, 0 to 1. */
  readonly samplerArg: number
  /** Told, at most once a minute, that the collector does not take what it is sent. */
  readonly log?: Log | undefined
}

const exportTimeoutMs = 5_000

/** Records from now on. `stop` sends what is left, within five seconds, and records no more. */
export function startTracing(settings: TracingSettings): { stop(): Promise<void> } {
  const exporter = new OTLPTraceExporter({
    url: `${settings.endpoint}/v1/traces`,
    ...(settings.headers === undefined ? {} : { headers: { ...settings.headers } }),
    timeoutMillis: exportTimeoutMs,
  })
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.namespace': 'beviskedja',
        'service.name': `bevis-${settings.process}`,
        'deployment.environment.name': settings.environment,
      }),
    ),
    sampler: samplerOf(settings.sampler, settings.samplerArg),
    spanLimits: { linkCountLimit: mostLinks },
    spanProcessors: [
      new BatchSpanProcessor({ exporter: telling(exporter, settings.log), exportTimeoutMillis: exportTimeoutMs }),
    ],
  })
  recordSpans(recorderOf(provider))
  return {
    stop: async () => {
      recordSpans(undefined)
      await provider.shutdown().catch(() => undefined)
    },
  }
}

function samplerOf(name: SamplerName, share: number): Sampler {
  const [, follows, root = ''] = /^(parentbased_)?(.*)$/.exec(name) ?? []
  const own = ownSampler(root, share)
  return follows === undefined ? own : new ParentBasedSampler({ root: own })
}

function ownSampler(name: string, share: number): Sampler {
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(share)
  return name === 'always_off' ? new AlwaysOffSampler() : new AlwaysOnSampler()
}

const tellAgainMs = 60_000

/** What the SDK says of a collector that is away goes to nobody by default; its words can quote what was sent. */
function telling(exporter: SpanExporter, log: Log | undefined): SpanExporter {
  let told = Number.NEGATIVE_INFINITY
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined && performance.now() - told > tellAgainMs) {
          told = performance.now()
          log?.('warn', 'the collector does not take traces', { count: spans.length, error: result.error })
        }
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
} as const

function recorderOf(provider: TracerProvider): Recorder {
  const tracer = provider.getTracer('beviskedja')
  const running = new AsyncLocalStorage<OtelSpan>()
  const spans = new WeakMap<Span, OtelSpan>()
  return {
    begin: (name, { kind, parent, links = [], fields = {} }) => {
      const span = tracer.startSpan(
        name,
        {
          ...(kind === undefined ? {} : { kind: kinds[kind] }),
          attributes: attributesOf(fields),
          links: links.slice(0, mostLinks).map((one) => ({ context: remote(one) })),
        },
        under(parent, running.getStore()),
      )
      const ours = spanOf(span)
      spans.set(ours, span)
      return ours
    },
    within: (span, work) => {
      const recorded = spans.get(span)
      return recorded === undefined ? work() : running.run(recorded, work)
    },
    active: () => {
      const span = running.getStore()
      return span === undefined ? undefined : contextOf(span)
    },
  }
}

function under(parent: SpanOptions['parent'], running: OtelSpan | undefined) {
  if (parent !== undefined) return trace.setSpanContext(ROOT_CONTEXT, remote(parent))
  return running === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, running)
}

function remote({ traceId, spanId, sampled }: TraceContext) {
  return { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true }
}

function contextOf(span: OtelSpan): TraceContext {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return { traceId, spanId, sampled: (traceFlags & 1) === 1 }
}

function spanOf(span: OtelSpan): Span {
  return {
    context: contextOf(span),
    tell: (fields) => {
      span.setAttributes(attributesOf(fields))
    },
    rename: (name) => {
      span.updateName(name)
    },
    failed: (error) => {
      span.setStatus({ code: SpanStatusCode.ERROR })
      if (error === undefined) return
      const { error: type, error_code: code } = errorFields(error)
      span.setAttributes({ 'error.type': code ?? type, 'exception.type': type })
    },
    end: () => span.end(),
  }
}

/** Names that tools know from OpenTelemetry's and Temporal's conventions; everything else is `bevis.…`. */
const known: Readonly<Record<string, string>> = {
  event_id: 'cloudevents.event_id',
  source: 'cloudevents.event_source',
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  workflow_id: 'temporalWorkflowID',
  run_id: 'temporalRunID',
}

function attributesOf(fields: SafeFields): Attributes {
  return Object.fromEntries(
    Object.entries(kept({ ...fields })).map(([name, value]) => [
      known[name] ?? `bevis.${name}`,
      value as string | number,
    ]),
  )
}
