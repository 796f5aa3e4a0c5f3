/** CloudEvents 1.0, structured JSON, and our extensions: the frame in which every event travels (contracts §3). */
import { z } from 'zod'
import { as, type InstitutionId } from '#domain/words.ts'
import { instant, slug, slugPattern } from './fields.ts'

/** Source token: the emitter's id, one token of a NATS subject. */
const sourceToken = z.string().min(2).max(60).regex(slugPattern, 'write the emitter’s id from the register')

/** Unique per source; also the message id on NATS, so no spaces and no line breaks. */
export const eventId = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[!-~]+$/, 'write visible ASCII without spaces, for instance a UUID')

const shared = {
  specversion: z.literal('1.0'),
  id: eventId.describe('unique per source'),
  institution: slug.transform((text) => as<InstitutionId>(text)).describe('extension: the awarding institution'),
  datacontenttype: z.literal('application/json').exactOptional(),
}

/** Context attributes of incoming events. CloudEvents' optional `subject` is left out: it would name a learner in the open. */
export const incomingAttributes = {
  ...shared,
  source: sourceToken.describe('the emitter’s id; equals the last token of the NATS subject'),
  sequence: z.int().min(1).describe('extension: 1, 2, 3 … per source without gaps, so that a withheld event shows'),
  time: instant.exactOptional().describe('when the event was made'),
  // One that is none begins a new trace, as the standard asks: no learner loses a credential over it.
  traceparent: z.string().exactOptional().describe('extension: W3C Trace Context; ignored where it is none'),
}

/** Context attributes of our own events. */
export const outgoingAttributes = {
  ...shared,
  source: z.literal('beviskedja'),
  time: instant,
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .exactOptional()
    .describe('extension: W3C Trace Context, of the completion that opened the case'),
}
