/**
 * What operators and their machines ask a process, on a port of its own: `/livez`, `/readyz`, `/metrics`. Nothing here is for the
 * world, so the port is never the API's.
 */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Report } from './readiness.ts'

export interface OperatorQuestions {
  readonly ready: () => Promise<Report>
  /** Prometheus text, and its content type. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>
}

export interface OperatorPort {
  readonly url: string
  close(): Promise<void>
}

/** Opens the port; 0 takes any free one. Rejects when it cannot be had. */
export async function openOperatorPort(
  questions: OperatorQuestions,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<OperatorPort> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://operator')
    answer(questions, url, response).catch(() => plain(response, 500, 'could not answer\n'))
  })
  server.listen(port, host)
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  const named = host.includes(':') ? `[${host}]` : host
  return { url: `http://${named}:${taken}`, close: () => close(server) }
}

async function answer(questions: OperatorQuestions, url: URL, response: ServerResponse): Promise<void> {
  switch (url.pathname) {
    case '/livez':
      return plain(response, 200, 'ok\n')
    case '/readyz': {
      const { ready, text } = await questions.ready()
      return plain(response, ready ? 200 : 503, ready && !url.searchParams.has('verbose') ? 'ok\n' : text)
    }
    case '/metrics': {
      const { type, text } = await questions.metrics()
      response.writeHead(200, { 'content-type': type }).end(text)
      return
    }
    default:
      return plain(response, 404, 'ask /livez, /readyz, /readyz?verbose or /metrics\n')
  }
}

function plain(response: ServerResponse, status: number, text: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(text)
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
