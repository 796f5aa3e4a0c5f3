/** A server that takes events as Beviskedja answers, or as told: without one, no test could see what really came over the line. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Came {
  readonly body: Buffer
  readonly signature: string
  readonly event: { readonly id: string; readonly sequence: number }
}

/** Answers in its own way, or not at all; `undefined` leaves it to the usual answer. */
export type Mood = (came: Came, response: ServerResponse) => true | undefined

export async function openServer(mood: Mood = () => undefined) {
  const came: Came[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      const event = JSON.parse(body.toString()) as Came['event']
      const one = { body, signature: String(request.headers['bevis-signature']), event }
      came.push(one)
      if (mood(one, response) === undefined) answer(response, 202, { events: [{ outcome: 'evidence' }] })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    came,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): true {
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body))
  return true
}
