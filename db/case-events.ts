/** What subscribers hear of a case, as outbox rows. Without it each recording transaction would word its event anew. */
import type { Json } from '#audit/canonical.ts'
import type { OutboxDraft } from '#db/outbox.ts'
import type { CaseId, Instant, InstitutionId } from '#domain/words.ts'
import { caseStep } from '#events/outgoing.ts'
import { isToken } from '#events/subjects.ts'

export interface Step {
  readonly caseId: CaseId
  /** The step of the issuance cycle: `intake`, `open`, `identity` … */
  readonly step: string
  readonly outcome: string
  /** State of the case after the step. */
  readonly state: string
  /** Makes the event's id unique: the evidence version, a decision id, or either with the state before it. */
  readonly version: number | string
  readonly waitingFor?: Json
  readonly since?: Instant
  readonly until?: Instant
  readonly time: Instant
  /** Of the case. */
  readonly traceparent: string | undefined
}

/** One `case.step` event on its way out; its id is the outbox row's id, so a step is told once. */
export function stepEvent(institution: InstitutionId, told: Step): OutboxDraft {
  const { caseId, step, outcome, state, version, since, until, time, traceparent } = told
  const whom = whomOf(told.waitingFor)
  const { subject, event } = caseStep({
    institution,
    caseId,
    step,
    outcome,
    state,
    version,
    time,
    traceparent,
    ...(whom === undefined ? {} : { for: whom }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  })
  return { id: event.id, kind: 'event', target: subject, payload: { ...event } }
}

/** The code in what a case waits for: the text itself, or its member `for`. Details stay inside the house. */
function whomOf(waitingFor: Json | undefined): string | undefined {
  const said = isRecord(waitingFor) ? waitingFor['for'] : waitingFor
  return typeof said === 'string' && isToken(said) ? said : undefined
}

function isRecord(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
