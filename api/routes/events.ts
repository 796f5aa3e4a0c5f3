/** The door for events over HTTP: the same intake as on NATS, and a place to have an event looked at before it is sent. */
import type { Context } from 'hono'
import { parseEvent } from '#events/parse.ts'
import type { Api, ApiEnv, PostAnswer, PostedEvent, PostedFate } from '../dependencies.ts'
import { asError, readBatch } from '../event-batch.ts'
import { type EventMedia, eventMedia } from '../event-media.ts'
import { Problem, type ProblemError } from '../problem.ts'
import { answer, declare } from '../route.ts'
import { bodyToCheck, eventBody, postedEvents, validatedEvents } from '../schemas/event.ts'

const tags = ['events']

const post = declare('postEvents', {
  method: 'post',
  path: '/v1/events',
  summary: 'Send events',
  description:
    'One event as application/cloudevents+json, signed in the header Bevis-Signature over the bytes of the body; or up to 200 as ' +
    'application/cloudevents-batch+json, each signed in its own attribute bevissignature. All are taken in or, when one does not ' +
    'show its sender, none. After 503 or a lost answer send the same again: what was taken in comes back as duplicate.',
  tags,
  request: { body: eventBody },
  fails: ['emitter_not_authenticated', 'batch_too_large'],
  responses: { 202: answer('What became of each event, in order', postedEvents) },
})

const validate = declare('validateEvents', {
  method: 'post',
  path: '/v1/events:validate',
  summary: 'Have events checked',
  description:
    'Every fault at once, each with its place and how to mend it. Nothing is stored, and no signature is asked for.',
  tags,
  request: { body: bodyToCheck },
  fails: ['batch_too_large'],
  responses: { 200: answer('What is wrong with each event, in order', validatedEvents) },
})

const signatureHeader = 'bevis-signature'

export function eventRoutes(app: Api): void {
  app.openapi(post, async (c) => {
    const { media, events } = await postedIn(c)
    const { post: hand } = c.var.deps
    const taken = hand === undefined ? undefined : await hand(events)
    return c.json({ events: fatesOf(taken, media).map((fate, index) => viewOf(fate, events[index])) }, 202)
  })

  app.openapi(validate, async (c) => {
    const { events: sent } = await postedIn(c)
    const events = sent.map(({ payload }) => {
      const parsed = parseEvent(payload)
      return parsed.kind === 'event'
        ? { valid: true, problems: [] }
        : { valid: false, problems: parsed.problems.map((one) => ({ ...one })) }
    })
    return c.json({ events }, 200)
  })
}

/** @throws Problem `unsupported_media_type`, `invalid_request`, `batch_too_large` */
async function postedIn(c: Context<ApiEnv>): Promise<{ media: EventMedia; events: PostedEvent[] }> {
  const media = eventMedia(c.req.header('content-type'))
  if (media === undefined) throw new Problem('unsupported_media_type')
  const bytes = new Uint8Array(await c.req.arrayBuffer())
  if (media === 'batch') return { media, events: readBatch(bytes) }
  const signature = c.req.header(signatureHeader)
  return { media, events: [{ payload: bytes, ...(signature === undefined ? {} : { signature }) }] }
}

/** @throws Problem `unavailable`, `invalid_request`, `emitter_not_authenticated` */
function fatesOf(taken: PostAnswer | undefined, media: EventMedia): readonly PostedFate[] {
  switch (taken?.kind) {
    case 'taken':
      return taken.events
    case 'refused':
      throw refusedAs(taken.events, media)
    case 'not-now':
    case undefined:
      throw new Problem('unavailable', { headers: { 'retry-after': '5' } })
  }
}

/** An event that cannot even be read is told before one whose sender nobody knows. */
function refusedAs(events: Extract<PostAnswer, { kind: 'refused' }>['events'], media: EventMedia): Problem {
  const errors = events.flatMap(({ problems }, index): ProblemError[] =>
    problems.map((problem) => ({
      ...asError(problem),
      pointer: media === 'one' ? problem.pointer : `/${index}${problem.pointer}`,
    })),
  )
  if (events.some(({ code }) => code === 'invalid-event')) return new Problem('invalid_request', { errors })
  // RFC 9110 §15.5.2: the challenge names the way to show who one is.
  const headers = { 'www-authenticate': 'Bevis-Signature realm="bevis"' }
  return new Problem('emitter_not_authenticated', { errors, headers })
}

function viewOf(fate: PostedFate, event: PostedEvent | undefined) {
  const names = namesOf(event)
  if (fate.outcome !== 'dead-letter') return { ...names, ...fate }
  return { ...names, ...fate, problems: fate.problems.map((problem) => ({ ...problem })) }
}

/** Id and source as the event says them, so that a sender finds its own event in the answer. */
function namesOf(event: PostedEvent | undefined): { id?: string; source?: string } {
  const value: unknown = JSON.parse(new TextDecoder().decode(event?.payload))
  const { id, source } = value as Partial<Record<string, unknown>>
  return { ...(typeof id === 'string' ? { id } : {}), ...(typeof source === 'string' ? { source } : {}) }
}
