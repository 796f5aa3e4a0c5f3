/** From a checked event to what the memory takes in. Without it the levels of logins would be credited when they are read, by tomorrow's table. */

import type { Json } from '#audit/canonical.ts'
import type { RegisteredEmitter } from '#config/register/load.ts'
import type { InboundMessage } from '#connectors/platform/nats-batches.ts'
import type { AcceptedEvent } from '#db/inbox.ts'
import type { LoginAssertion } from '#domain/evidence.ts'
import { creditLogin, type LoaPolicy } from '#domain/policy/loa.ts'
import type { Achievement } from '#domain/register.ts'
import { as, type Band, type EvidenceId, type Instant, type PersonId } from '#domain/words.ts'
import { type IncomingEvent, kindOfType } from '#events/catalogue.ts'
import { toEvidence } from '#events/to-evidence.ts'
import type { Signed } from './origin.ts'
import type { OpenedPersonal } from './personal.ts'
import type { Refusal } from './refusal.ts'

export interface Checked {
  readonly message: Pick<InboundMessage, 'subject' | 'payload' | 'headers'>
  readonly stream: string
  readonly event: IncomingEvent
  readonly emitter: RegisteredEmitter
  readonly achievement: Achievement
  readonly signature: Signed
  /** What the institution chose around the LoA table. */
  readonly loaPolicy: LoaPolicy
  /** What was sealed in it. */
  readonly personal: Exclude<OpenedPersonal, Refusal>
  /** Where in a trace it is taken in. */
  readonly traceparent?: string
}

/** What `recordEvents` takes. */
export function accept({
  message,
  stream,
  event,
  emitter,
  achievement,
  signature,
  loaPolicy,
  personal,
  traceparent,
}: Checked): AcceptedEvent {
  const { data } = event
  return {
    id: event.id,
    source: event.source,
    sequence: event.sequence,
    kind: kindOfType(event.type),
    learner: data.learner,
    alsoKnownAs: event.type === 'org.beviskedja.identity.checked.v1' ? (event.data.alsoKnownAs ?? []) : [],
    introducesLearners: emitter.introducesLearners,
    achievement: {
      id: achievement.id,
      version: achievement.version,
      band: achievement.band,
      test: achievement.test,
    },
    offering: data.offering,
    attempt: data.attempt,
    ...(data.occasion === undefined ? {} : { occasion: data.occasion }),
    ...(data.group === undefined ? {} : { group: data.group }),
    occurredAt: occurredAt(event),
    ...(event.type === 'org.beviskedja.fact.withdrawn.v1' ? { withdraws: event.data.withdraws.id } : {}),
    from: { emitter: emitter.id, owner: emitter.owner, signed: signature.kind === 'signed' },
    ...(signature.kind === 'signed' ? { kid: signature.kid } : {}),
    ...(traceparent === undefined ? {} : { traceparent }),
    event: event as unknown as Json,
    computed: {
      credits: creditsOf(event, { band: achievement.band, loaPolicy }),
      ...(personal.kind === 'personal' ? { personal: { ...personal.value } } : {}),
    },
    message: { stream, subject: message.subject, payload: message.payload, headers: message.headers },
  }
}

/** When the fact was, by its sender's word. */
export function occurredAt({ type, data }: IncomingEvent): Instant {
  switch (type) {
    case 'org.beviskedja.completion.recorded.v1':
      return data.completedAt
    case 'org.beviskedja.participation.recorded.v1':
    case 'org.beviskedja.proctoring.reported.v1':
      return data.until
    case 'org.beviskedja.identity.checked.v1':
    case 'org.beviskedja.assessment.recorded.v1':
    case 'org.beviskedja.fact.withdrawn.v1':
      return data.at
  }
}

/** Levels of the logins in the event by today's table and the institution's choices, for the band that is promised; in the order in which reading the event asks for them. */
function creditsOf(event: IncomingEvent, { band, loaPolicy }: { band: Band; loaPolicy: LoaPolicy }): Json {
  const credits: { loa: number; table: string }[] = []
  toEvidence(event, {
    id: as<EvidenceId>(''),
    source: { emitter: '', owner: { organisation: as('') }, signed: false },
    resolve: () => as<PersonId>(''),
    tag: () => '',
    creditLogin: (assertion: LoginAssertion) => {
      const { loa, table } = creditLogin(assertion, loaPolicy, band)
      credits.push({ loa, table })
      return { loa, table }
    },
    evidenceOf: () => as<EvidenceId>(''),
  })
  return credits
}
