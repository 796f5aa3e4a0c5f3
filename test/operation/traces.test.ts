import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openLog } from '#connectors/platform/log.ts'
import { startTracing } from '#connectors/platform/tracing-otel.ts'
import type { CaseId } from '#domain/words.ts'
import { startBevis } from '../cli/run-bevis.ts'
import { joining, seats, withAudience } from '../e2e/audience.ts'
import { type Change, caseOpenedBy } from '../e2e/emitters.ts'
import { type System, startSystem } from '../e2e/system.ts'
import { type CollectedSpan, type Collector, startCollector } from '../support/collector.ts'

vi.setConfig({ testTimeout: 120_000 })

let system: System
let collector: Collector
/** What intake wrote about a refused event, among others. */
const lines: string[] = []
const log = openLog({ process: 'test', level: 'trace', write: (line) => lines.push(line) })

const hex = (digit: string, length: number) => digit.repeat(length)
const traced = (trace: string, span = hex('b', 16)) => `00-${trace}-${span}-01`
const own = hex('a1', 16)
const together = seats.slice(1, 5).map((_, index) => hex(`c${index}`, 16))
/** Neither may keep an event from its case, nor be found anywhere. */
const hostile = [
  '00-199001011234000000000000000000aa-not-a-span-01',
  `00-${'0'.repeat(20)}199001011234-${hex('b', 16)}-01`,
]

let alone: CaseId
let cohort: CaseId[]
let strangers: CaseId[]

/** One case by itself, four that arrive together, and two whose sender writes nonsense; all to their credentials. */
beforeAll(async () => {
  collector = await startCollector()
  const tracing = startTracing({ ...settings, endpoint: collector.endpoint })
  system = await startSystem({ register: withAudience })
  alone = await tell(seats[0], { traceparent: traced(own), traceHeader: traced(hex('d', 32)) })
  await until([alone])
  await system.without('intake', async () => {
    cohort = await Promise.all(together.map((trace, index) => tell(seats[index + 1], { traceHeader: traced(trace) })))
  })
  await until(cohort)
  strangers = await Promise.all(hostile.map((traceparent, index) => tell(seats[index + 6], { traceparent })))
  await until(strangers)
  await published(alone)
  await tracing.stop()
})
afterAll(async () => {
  await system.dispose()
  await collector.close()
})

const settings = { process: 'test', environment: 'test', sampler: 'parentbased_always_on', samplerArg: 1, log } as const

async function tell(seat: string | undefined, change: Change): Promise<CaseId> {
  const { completion, attendance } = joining(seat ?? '', 'spar')
  await system.emitters.send(attendance)
  const id = `${completion.type}/199001011234/${seat}`
  return caseOpenedBy(await system.emitters.send({ ...completion, id }, change))
}

async function until(ids: readonly CaseId[]): Promise<void> {
  for (const id of ids) await system.until(id, ({ state }) => state === 'issued')
}

/** Until the relay has sent all that is to be told of the case. */
async function published(id: CaseId): Promise<void> {
  await vi.waitFor(
    async () => {
      const due = await system.admin`
        select 1 from outbox where payload -> 'data' ->> 'caseId' = ${id} and done_at is null`
      expect(due).toHaveLength(0)
    },
    { timeout: 30_000, interval: 100 },
  )
}

const gates = ['open', 'automatic', 'clearance']
const inTrace = (trace: string) => collector.spans.filter(({ traceId }) => traceId === trace)
const named = (spans: readonly CollectedSpan[], name: string) => spans.filter((span) => span.name === name)

async function traceparentOf(id: CaseId): Promise<string> {
  const [row] = await system.admin<{ traceparent: string }[]>`select traceparent from cases where id = ${id}`
  return row?.traceparent ?? ''
}

describe('a case that is traced by its emitter', () => {
  test('has every step from event to credential in the trace of its event', () => {
    const [intake] = named(inTrace(own), 'take in event')
    expect(intake).toMatchObject({
      parentSpanId: hex('b', 16),
      fields: { 'bevis.institution': 'norrsken', 'cloudevents.event_source': 'webb', 'bevis.outcome': 'case' },
    })
    const steps = inTrace(own).filter(({ parentSpanId }) => parentSpanId === intake?.spanId)
    expect(new Set(steps.map(({ name }) => name))).toEqual(new Set([...gates, 'sign', 'delivery', 'publish event']))
    for (const name of ['open', 'sign', 'delivery'])
      expect(named(steps, name)[0]?.fields).toMatchObject({ 'bevis.case_id': alone, 'bevis.count': 1 })
  })

  test('ends in its signed credential', async () => {
    const [signing] = named(inTrace(own), 'sign credential')
    const [stored] = await system.admin`select id from credential where case_id = ${alone}`
    expect(signing).toMatchObject({
      parentSpanId: named(inTrace(own), 'sign')[0]?.spanId,
      fields: { 'bevis.case_id': alone, 'bevis.credential': stored?.['id'] },
      failed: false,
    })
  })

  test('is told of with its place in the trace, which the event’s own word decides', async () => {
    const place = await traceparentOf(alone)
    expect(place).toBe(`00-${own}-${named(inTrace(own), 'take in event')[0]?.spanId}-01`)
    const told = await system.admin<{ traceparent: string }[]>`
      select payload ->> 'traceparent' as traceparent from outbox where kind = 'event' and payload -> 'data' ->> 'caseId' = ${alone}`
    expect(told.length).toBeGreaterThan(8)
    expect(new Set(told.map(({ traceparent }) => traceparent))).toEqual(new Set([place]))
    expect(inTrace(hex('d', 32))).toEqual([])
    expect((await system.people.view(alone)).view.traceId).toBe(own)
  })
})

describe('cases that go through the gates together', () => {
  test('share their steps by links, and each has its own intake and its own signature in its own trace', () => {
    const opens = named(collector.spans, 'open').filter(({ fields }) => fields['bevis.count'] === cohort.length)
    expect(opens.length).toBeGreaterThan(0)
    for (const span of opens)
      expect(new Set([span, ...span.links].map(({ traceId }) => traceId))).toEqual(new Set(together))
    for (const [index, trace] of together.entries()) {
      const [signing] = named(inTrace(trace), 'sign credential')
      expect(signing?.fields['bevis.case_id']).toBe(cohort[index])
      expect(named(inTrace(trace), 'take in event')).toHaveLength(1)
      const acts = named(collector.spans, 'sign').map(({ spanId }) => spanId)
      expect(acts.some((act) => act === signing?.parentSpanId || act === signing?.links[0]?.spanId)).toBe(true)
    }
  })
})

describe('what an emitter writes', () => {
  test('begins a new trace where it is no trace context, and the case is issued all the same', async () => {
    for (const id of strangers) expect(await traceparentOf(id)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(collector.said()).not.toContain('199001011234')
    expect(collector.said()).toContain('[withheld]')
  })

  test('names nobody in a span, whatever the events say', () => {
    expect(collector.said()).not.toMatch(/Publik|w-00p/)
    const names = new Set(collector.spans.flatMap(({ fields }) => Object.keys(fields)))
    for (const name of names) expect(name).toMatch(/^(bevis|cloudevents|http|error|exception)\.|^temporal/)
  })
})

describe('a request to the API', () => {
  test('goes on with the trace of its caller, by the template of its route', async () => {
    const other = await startCollector()
    const tracing = startTracing({ ...settings, endpoint: other.endpoint })
    const answer = await fetch(`${system.publicUrl}/institutions/norrsken?name=Planta`, {
      headers: { traceparent: traced(own) },
    })
    await tracing.stop()
    await other.close()
    expect(answer.headers.get('x-trace-id')).toBe(own)
    expect(other.spans).toMatchObject([
      {
        name: 'GET /institutions/:institution',
        traceId: own,
        parentSpanId: hex('b', 16),
        fields: {
          'http.response.status_code': 200,
          'http.route': '/institutions/:institution',
          'bevis.institution': 'norrsken',
        },
      },
    ])
    expect(other.said()).not.toContain('Planta')
  })
})

describe('a process', () => {
  test('sends what is left when it ends, and its lines name the trace', async () => {
    const other = await startCollector()
    const ended = await asked({
      OTEL_EXPORTER_OTLP_ENDPOINT: other.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'key=Nq3v81xk',
    })
    await other.close()
    expect(other.spans).toMatchObject([
      { service: 'bevis-api', traceId: own, failed: true, name: 'GET /v1/institutions/:institution/me' },
    ])
    expect(other.headers()).toMatchObject({ key: 'Nq3v81xk' })
    expect(ended.stderr).toContain(`"trace_id":"${own}"`)
    expect(ended.telemetry).not.toEqual([])
  })

  test('loads nothing that records spans where no collector is named', async () => {
    const { telemetry, stderr } = await asked({})
    expect(telemetry).toEqual([])
    expect(stderr).toContain(`"trace_id":"${own}"`)
  })
})

/** Starts the API, has it fail once for a request that is traced, and ends it; answers with what it has loaded of OpenTelemetry. */
async function asked(more: Readonly<Record<string, string>>) {
  const coverage = mkdtempSync(join(tmpdir(), 'bevis-loaded-'))
  const env = {
    BEVIS_DATABASE_URL: system.world.url('bevis_api'),
    BEVIS_TEMPORAL_ADDRESS: system.world.temporal.address,
    BEVIS_SECRETS_FILE: system.world.secretsFile,
    BEVIS_PUBLIC_URL: system.publicUrl,
    BEVIS_OIDC_ISSUER: await nobodyThere(),
    BEVIS_PORT: new URL(await nobodyThere()).port,
    BEVIS_LOG_DIR: system.log.dir,
    BEVIS_LOG_POLICY_DIR: system.log.policyDir,
    // Node's own list of every script that was loaded, written at the end.
    NODE_V8_COVERAGE: coverage,
  }
  const process = startBevis(['serve'], { env: { ...env, ...more } })
  await process.says('listening on')
  const headers = { traceparent: traced(own), authorization: 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln' }
  const { status } = await fetch(`http://127.0.0.1:${env.BEVIS_PORT}/v1/institutions/norrsken/me`, { headers })
  expect(status).toBeGreaterThanOrEqual(500)
  process.kill('SIGTERM')
  const { stderr } = await process.ended
  const loaded = readdirSync(coverage).flatMap((file) => scriptsIn(readFileSync(join(coverage, file), 'utf8')))
  rmSync(coverage, { recursive: true })
  expect(loaded.some((url) => url.endsWith('/connectors/platform/tracing.ts'))).toBe(true)
  // Its API alone records nothing; the library of our metrics has it.
  const telemetry = loaded.filter((url) => url.includes('/@opentelemetry/') && !url.includes('/@opentelemetry/api/'))
  return { stderr, telemetry }
}

function scriptsIn(text: string): string[] {
  return (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url)
}

describe('a collector that is away', () => {
  test('delays no case and loses none', async () => {
    const tracing = startTracing({ ...settings, endpoint: await nobodyThere() })
    const id = await tell(seats[10], { traceparent: traced(own) })
    await until([id])
    await tracing.stop()
    expect(lines.join('')).toContain('the collector does not take traces')
  })
})

async function nobodyThere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
