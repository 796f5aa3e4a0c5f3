/** A collector of traces: takes OTLP over HTTP in JSON, as an OpenTelemetry collector does, and keeps what it is sent. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const id = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
const value = z.object({ stringValue: z.string().optional(), intValue: z.coerce.number().optional() })
const attributes = z.array(z.object({ key: z.string(), value }).loose()).default([])

const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: id(16),
              spanId: id(8),
              parentSpanId: z.union([id(8), z.literal('')]).optional(),
              name: z.string(),
              kind: z.int(),
              attributes,
              links: z.array(z.object({ traceId: id(16), spanId: id(8) })).default([]),
              status: z.object({ code: z.int().optional() }).default({}),
            }),
          ),
        }),
      ),
    }),
  ),
})

/** A span as it was sent; attributes as text or numbers. */
export interface CollectedSpan {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly fields: Readonly<Record<string, string | number | undefined>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly failed: boolean
}

export interface Collector {
  readonly endpoint: string
  readonly spans: readonly CollectedSpan[]
  /** Every body, word by word. */
  readonly said: () => string
  /** Of the last request. */
  readonly headers: () => IncomingHttpHeaders
  close(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  let headers: IncomingHttpHeaders = {}
  const server = createServer((request, response) => {
    headers = request.headers
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const isTraces = request.method === 'POST' && request.url === '/v1/traces'
      const body = Buffer.concat(parts).toString()
      bodies.push(body)
      if (isTraces) spans.push(...spansIn(body))
      response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    said: () => bodies.join('\n'),
    headers: () => headers,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function spansIn(body: string): CollectedSpan[] {
  return exported.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map(({ traceId, spanId, parentSpanId, name, links, status, attributes: said }) => ({
        service: String(fieldsOf(resource.attributes)['service.name']),
        name,
        traceId,
        spanId,
        parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
        fields: fieldsOf(said),
        links,
        failed: status.code === 2,
      })),
    ),
  )
}

function fieldsOf(said: z.output<typeof attributes>) {
  return Object.fromEntries(said.map(({ key, value: { stringValue, intValue } }) => [key, stringValue ?? intValue]))
}
