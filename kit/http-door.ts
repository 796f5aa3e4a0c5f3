/** Events over HTTP: `POST <base>/v1/events`, one at a time, signed in the header Bevis-Signature. */
import type { Delivery, Door, Letter, Problem, Refusal } from './door.ts'

export interface HttpDoorOptions {
  /** Address of the API, for instance `https://bevis.example.org`. */
  readonly base: string
  /** How long one answer is waited for, in milliseconds (default 30 000). */
  readonly patienceMs?: number
}

/** 408, 425 and 429 ask for another try; other answers below 500 are about the event, if they are the server's own words. */
const tryAgain = new Set([408, 425, 429])

export function httpDoor({ base, patienceMs = 30_000 }: HttpDoorOptions): Door {
  const url = new URL('v1/events', base.endsWith('/') ? base : `${base}/`)
  return {
    deliver: async ({ payload, signature }: Letter, signal) => {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/cloudevents+json', 'bevis-signature': signature },
          body: new Uint8Array(payload),
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
        })
        return await read(response)
      } catch (error) {
        return { kind: 'later', reason: reasonOf(error) }
      }
    },
    close: async () => undefined,
  }
}

async function read(response: Response): Promise<Delivery> {
  const { status } = response
  const text = await response.text()
  if (response.ok) return readTaken(text)
  const isOurs = (response.headers.get('content-type') ?? '').includes('application/problem+json')
  // A proxy's 404 is no verdict on the event.
  if (status >= 500 || tryAgain.has(status) || !isOurs)
    return { kind: 'later', reason: `answer ${status}`, ...retryAfter(response.headers.get('retry-after')) }
  return { kind: 'refused', refusal: readProblem(text, status) }
}

interface Fate {
  readonly outcome?: string
  readonly deadLetter?: string
  readonly code?: string
  readonly problems?: readonly Problem[]
}

function readTaken(text: string): Delivery {
  const fate = (parse(text) as { events?: readonly Fate[] } | undefined)?.events?.[0]
  if (fate?.outcome === undefined) return { kind: 'later', reason: 'an answer that says nothing about the event' }
  if (fate.outcome !== 'dead-letter') return { kind: 'taken', outcome: fate.outcome }
  const { code = 'dead-letter', problems = [], deadLetter } = fate
  return { kind: 'refused', refusal: { code, problems, ...(deadLetter === undefined ? {} : { deadLetter }) } }
}

function readProblem(text: string, status: number): Refusal {
  const problem = parse(text) as { code?: string; errors?: readonly Problem[] } | undefined
  return { code: problem?.code ?? `http-${status}`, problems: problem?.errors ?? [] }
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfter(value: string | null): { afterMs?: number } {
  if (value === null) return {}
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) && seconds > 0 ? { afterMs: seconds * 1000 } : {}
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return error instanceof Error ? `${error.message}${cause}` : String(error)
}
