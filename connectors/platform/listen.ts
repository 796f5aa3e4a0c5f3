/** Puts an app on a port, and takes it off without cutting anybody's request in half. */
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'

export interface HttpServer {
  readonly url: string
  readonly port: number
  /** Stops listening, lets running requests end (at most ten seconds), then closes what is left. */
  close(): Promise<void>
}

export interface ListenOptions {
  /** 0 takes any free port. */
  readonly port: number
  /** Default: this machine only. */
  readonly host?: string
  /** How long a request may take to arrive, in milliseconds; left out, Node's own five minutes. */
  readonly arrivalMs?: number
}

const patienceMs = 10_000

/** Resolves when the port is open; rejects when it cannot be had. */
export async function listen(
  app: { readonly fetch: Parameters<typeof serve>[0]['fetch'] },
  { port, host = '127.0.0.1', arrivalMs }: ListenOptions,
): Promise<HttpServer> {
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, port, hostname: host, ...patienceOf(arrivalMs) }, () =>
      resolve(starting),
    )
    starting.once('error', reject)
  })
  const taken = (server.address() as AddressInfo).port
  const named = host.includes(':') ? `[${host}]` : host
  return { url: `http://${named}:${taken}`, port: taken, close: () => drain(server) }
}

function patienceOf(arrivalMs: number | undefined) {
  if (arrivalMs === undefined) return {}
  return { serverOptions: { requestTimeout: arrivalMs, headersTimeout: arrivalMs, connectionsCheckingInterval: 1_000 } }
}

function drain(server: ReturnType<typeof serve>): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), patienceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
