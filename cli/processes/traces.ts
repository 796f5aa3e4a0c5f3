/** Traces of a process, where a collector is named: what records them is loaded only then (docs/decisions/0038). */
import type { Config } from '#config/given.ts'
import { headersIn } from '#config/settings.ts'
import type { Log } from '#connectors/platform/log.ts'

type Named = 'otlpEndpoint' | 'otlpHeaders' | 'tracesSampler' | 'tracesSamplerArg'

/** Left out by what has no collector of its own, such as a program for test suites. */
export type TraceSettings = Partial<Pick<Config<'api'>, Named>>

export async function beginTracing(
  settings: TraceSettings & Pick<Config<'api'>, 'env'> & { readonly process: string },
  log: Log,
): Promise<{ stop(): Promise<void> } | undefined> {
  const { process: name, env, otlpEndpoint: endpoint, otlpHeaders } = settings
  if (endpoint === undefined) return undefined
  const { startTracing } = await import('#connectors/platform/tracing-otel.ts')
  const { tracesSampler: sampler = 'parentbased_always_on', tracesSamplerArg: samplerArg = 1 } = settings
  const headers = otlpHeaders === undefined ? undefined : headersIn(otlpHeaders)
  return startTracing({ process: name, environment: env, endpoint, headers, sampler, samplerArg, log })
}
