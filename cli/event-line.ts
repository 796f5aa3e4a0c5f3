/** One event over HTTP, in the name its signature proves (contracts §3). */
import { z } from 'zod'
import { postedEvents } from '#api/schemas/event.ts'
import { reachJson } from './api-client.ts'
import { CliError } from './cli-error.ts'

const answer = z.object({ events: z.array(postedEvents.shape.events.element).length(1) })

export type PostedFate = z.infer<typeof answer>['events'][number]

/** What became of it. @throws CliError `api/…`; of exit `unreachable` where the same event may be sent again */
export async function postEvent(home: string, payload: Uint8Array, signature: string): Promise<PostedFate> {
  const { body } = await reachJson(`${home}/v1/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/cloudevents+json',
      'bevis-signature': signature,
      accept: 'application/json',
      'accept-language': 'en',
    },
    body: new Uint8Array(payload),
  })
  const [fate] = answer.safeParse(body).data?.events ?? []
  if (fate !== undefined) return fate
  const what = 'the API answered nothing about the event'
  const mend = 'check that the address is that of a Beviskedja API'
  throw new CliError({ exit: 'failure', code: 'api/unexpected', what, mend })
}
