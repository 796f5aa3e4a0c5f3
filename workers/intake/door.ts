/**
 * Where the API hands over what emitters posted. It stands in intake's own process, because nobody else may write evidence
 * (contracts §4), and believes nothing of whoever calls: every event carries its sender's signature.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import { inSpan } from '#connectors/platform/tracing.ts'
import type { Db } from '#db/client.ts'
import { parseTraceparent } from '#domain/trace-context.ts'
import { traceHeader } from './event-trace.ts'
import { type PostAnswer, takeInPosted } from './post.ts'
import type { OnTaken } from './told.ts'

export interface DoorDependencies {
  readonly db: Db
  readonly temporal: TemporalClient
  readonly onTrouble?: (error: unknown) => void
  readonly onTaken?: OnTaken
}

/** A batch of the API's largest size, in base64. */
const largestBody = 8 * 1024 * 1024

const order = z.strictObject({
  events: z
    .array(z.strictObject({ payload: z.base64(), signature: z.string().max(5_000).optional() }))
    .min(1)
    .max(200),
})

/** Listens until closed. `POST /events` with `{events: [{payload: base64, signature?}]}`; answers with a `PostAnswer`. */
export async function openDoor(
  dependencies: DoorDependencies,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    handle(dependencies, request, response).catch((error: unknown) => {
      dependencies.onTrouble?.(error)
      if (response.headersSent) response.destroy()
      else say(response, 500, {})
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => closing(server) }
}

async function handle(
  dependencies: DoorDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/events') return say(response, 404, {})
  const bytes = await bodyOf(request)
  if (bytes === undefined) return say(response, 413, {})
  const read = order.safeParse(jsonIn(bytes))
  if (!read.success) return say(response, 400, {})
  const posted = read.data.events.map(({ payload, signature }) => ({
    payload: Buffer.from(payload, 'base64'),
    ...(signature === undefined ? {} : { signature }),
  }))
  const parent = parseTraceparent(request.headers[traceHeader])
  const answer = await inSpan(
    'take in posted events',
    { kind: 'server', parent, fields: { count: posted.length } },
    () => answerTo(dependencies, posted),
  )
  say(response, 200, answer)
}

async function answerTo(
  dependencies: DoorDependencies,
  posted: Parameters<typeof takeInPosted>[1],
): Promise<PostAnswer> {
  try {
    return await takeInPosted(dependencies, posted)
  } catch (error) {
    dependencies.onTrouble?.(error)
    return { kind: 'not-now' }
  }
}

/** Undefined when it is larger than any order may be; the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.byteLength
    if (size > largestBody) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}

function say(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content))
}

/** Running orders end; idle lines are cut. */
async function closing(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
}
