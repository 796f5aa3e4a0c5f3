/** What subscribers learn: one event per case step and status change, ids only. Without it other systems would have to poll. */
import { z } from 'zod'
import type { CaseId, CredentialId, Instant, InstitutionId } from '#domain/words.ts'
import { outgoingAttributes } from './envelope.ts'
import { instant, slug } from './fields.ts'
import { type IssuanceTopic, issuanceSubject } from './subjects.ts'

const caseId = z.string().regex(/^case_[a-z2-7]+$/)
const credentialId = z.string().regex(/^cred_[a-z2-7]+$/)

const stepData = z.strictObject({
  caseId,
  step: slug.describe('the step of the issuance cycle: open, identity … delivery'),
  outcome: slug.describe('what the step came to: pass, wait, stop …'),
  state: slug.describe('state of the case after the step'),
  for: slug.exactOptional().describe('for whom or what the case waits'),
  since: instant.exactOptional(),
  until: instant.exactOptional(),
})

const issuedData = z.strictObject({
  caseId,
  credentialId,
  band: z.enum(['A', 'B-C1', 'C2-D', 'D-E', 'E', 'F']),
  formats: z.array(slug).min(1).max(10),
  test: z.boolean().describe('a credential of a TEST achievement; worth nothing'),
})

const statusData = z.strictObject({
  caseId,
  credentialId,
  status: z.enum(['valid', 'suspended', 'revoked', 'superseded', 'expired']),
  reason: slug.exactOptional().describe('code from the fixed list; free text stays in the trail'),
})

export const outgoingFamilies = [
  { type: 'org.beviskedja.case.step.v1', topic: 'case.step', title: 'A case took a step', data: stepData },
  {
    type: 'org.beviskedja.credential.issued.v1',
    topic: 'credential.issued',
    title: 'A credential was issued',
    data: issuedData,
  },
  {
    type: 'org.beviskedja.credential.status-changed.v1',
    topic: 'credential.status-changed',
    title: 'A credential’s status changed',
    data: statusData,
  },
] as const satisfies readonly { type: string; topic: IssuanceTopic; title: string; data: z.ZodType }[]

export type OutgoingFamily = (typeof outgoingFamilies)[number]

/** The whole event of a family, as documented in docs/events. */
export function outgoingSchema({ type, title, data }: OutgoingFamily): z.ZodType {
  return z.strictObject({ ...outgoingAttributes, type: z.literal(type), data }).meta({ title })
}

/** An event on its way out. Plain JSON, so it can lie in the outbox as it is. */
interface OutgoingEvent<Data> {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: 'beviskedja'
  readonly type: OutgoingFamily['type']
  readonly institution: InstitutionId
  readonly time: Instant
  readonly datacontenttype: 'application/json'
  readonly traceparent?: string
  readonly data: Data
}

/** An event and where it goes. `event.id` is the message id and the outbox row's id: sending twice is sending once. */
export interface Outgoing<Data = { readonly [name: string]: unknown }> {
  readonly subject: string
  readonly event: OutgoingEvent<Data>
}

interface About {
  readonly institution: InstitutionId
  readonly caseId: CaseId
  /** When the step was recorded; the database's time. */
  readonly time: Instant
  /** The case's place in a trace (W3C Trace Context), where it has one. */
  readonly traceparent?: string | undefined
}

export interface StepTaken extends About {
  readonly step: string
  /** Evidence version the step was taken at, or the id of the decision that made it (contracts §2). */
  readonly version: number | string
  readonly outcome: string
  readonly state: string
  readonly for?: string
  readonly since?: Instant
  readonly until?: Instant
}

/** `org.beviskedja.case.step.v1`; id `<case id>:<step>:<version>`. */
export function caseStep(taken: StepTaken): Outgoing<{ readonly [name: string]: string }> {
  const { caseId: about, step, outcome, state } = taken
  const waiting = Object.fromEntries(
    (['for', 'since', 'until'] as const).flatMap((name) => (taken[name] === undefined ? [] : [[name, taken[name]]])),
  )
  return outgoing(taken, 'case.step', {
    id: `${about}:${step}:${taken.version}`,
    data: { caseId: about, step, outcome, state, ...waiting },
  })
}

export interface CredentialIssued extends About {
  readonly credentialId: CredentialId
  readonly band: z.output<typeof issuedData>['band']
  readonly formats: readonly string[]
  readonly test: boolean
}

/** `org.beviskedja.credential.issued.v1`; id `<credential id>:issued`. */
export function credentialIssued(issued: CredentialIssued) {
  const { caseId: about, credentialId: credential, band, formats, test } = issued
  return outgoing(issued, 'credential.issued', {
    id: `${credential}:issued`,
    data: { caseId: about, credentialId: credential, band, formats, test },
  })
}

export interface StatusChanged extends About {
  readonly credentialId: CredentialId
  readonly status: z.output<typeof statusData>['status']
  readonly reason?: string
  /** What made the change: the id of the revocation or decision. */
  readonly cause: string
}

/** `org.beviskedja.credential.status-changed.v1`; id `<credential id>:<status>:<cause>`. */
export function credentialStatusChanged(changed: StatusChanged) {
  const { caseId: about, credentialId: credential, status, reason, cause } = changed
  return outgoing(changed, 'credential.status-changed', {
    id: `${credential}:${status}:${cause}`,
    data: { caseId: about, credentialId: credential, status, ...(reason === undefined ? {} : { reason }) },
  })
}

function outgoing<Data>(
  { institution, time, traceparent }: About,
  topic: IssuanceTopic,
  { id, data }: { readonly id: string; readonly data: Data },
): Outgoing<Data> {
  return {
    subject: issuanceSubject(institution, topic),
    event: {
      specversion: '1.0',
      id,
      source: 'beviskedja',
      type: `org.beviskedja.${topic}.v1`,
      institution,
      time,
      datacontenttype: 'application/json',
      ...(traceparent === undefined ? {} : { traceparent }),
      data,
    },
  }
}
