/** How the API hands posted events to intake's own process, which alone may write them (contracts §4, docs/decisions/0026). */
import { z } from 'zod'
import type { PostAnswer, PostedEvent } from '#api/dependencies.ts'
import { activeTrace } from '#connectors/platform/tracing.ts'
import { traceparentOf } from '#domain/trace-context.ts'

const patienceMs = 30_000

const problems = z.array(z.object({ code: z.string(), pointer: z.string(), detail: z.string(), advice: z.string() }))
const answers = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('taken'),
    events: z.array(
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('case'), caseId: z.string() }),
        z.object({ outcome: z.enum(['evidence', 'duplicate', 'unresolved']) }),
        z.object({ outcome: z.literal('dead-letter'), deadLetter: z.string(), code: z.string(), problems }),
      ]),
    ),
  }),
  z.object({ kind: z.literal('refused'), events: z.array(z.object({ code: z.string().optional(), problems })) }),
  z.object({ kind: z.literal('not-now') }),
])

/** The API's side; `not-now` when intake is away or does not answer in time. */
export function postThrough(intakeUrl: string): (events: readonly PostedEvent[]) => Promise<PostAnswer> {
  return async (events) => {
    const body = JSON.stringify({
      events: events.map(({ payload, signature }) => ({
        payload: Buffer.from(payload).toString('base64'),
        ...(signature === undefined ? {} : { signature }),
      })),
    })
    try {
      const signal = AbortSignal.timeout(patienceMs)
      const active = activeTrace()
      const headers = {
        'content-type': 'application/json',
        ...(active === undefined ? {} : { traceparent: traceparentOf(active) }),
      }
      const response = await fetch(`${intakeUrl}/events`, { method: 'POST', headers, body, redirect: 'error', signal })
      const read = answers.safeParse(await response.json())
      return read.success ? read.data : { kind: 'not-now' }
    } catch {
      return { kind: 'not-now' }
    }
  }
}
