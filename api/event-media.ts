/** In what forms events come over HTTP (CloudEvents HTTP binding §3.2 and §3.3); binary mode is not taken, since its attributes are unsigned. */

const media = { 'application/cloudevents+json': 'one', 'application/cloudevents-batch+json': 'batch' } as const

export const eventMediaTypes = Object.keys(media) as readonly (keyof typeof media)[]

export type EventMedia = (typeof media)[keyof typeof media]

/** One structured event, a batch, or undefined for everything else. Parameters (`; charset=utf-8`) say nothing new. */
export function eventMedia(contentType: string | undefined): EventMedia | undefined {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase()
  return Object.entries(media).find(([name]) => name === type)?.[1]
}

/** Whether a path takes events. */
export function isForEvents(path: string): boolean {
  return path === '/v1/events' || path === '/v1/events:validate'
}
