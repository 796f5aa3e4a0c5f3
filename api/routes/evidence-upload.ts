/**
 * Where an officer hands in a fact for a case: an event that an emitter signed, taken to the same door as every other. The officer
 * vouches for nothing and can add nothing: a person's word is a decision, never evidence (docs/decisions/0024).
 */
import { z } from '@hono/zod-openapi'
import { appendEntries } from '#db/audit-log.ts'
import type { CaseRow } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { samePlace } from '#db/evidence.ts'
import { humansOf } from '#db/humans.ts'
import { eventKey, evidenceId as evidenceIdOf } from '#db/ids.ts'
import { referenceKey, resolveReferences } from '#db/people.ts'
import type { EvidenceId } from '#domain/words.ts'
import type { IncomingEvent } from '#events/catalogue.ts'
import { parseEvent } from '#events/parse.ts'
import { actorOf } from '../caller.ts'
import { reachCase } from '../case-access.ts'
import type { Api, PostAnswer } from '../dependencies.ts'
import { asError } from '../event-batch.ts'
import type { Caller } from '../identity.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare } from '../route.ts'
import { caseId, code, evidenceId, institutionId, repeatableHeader } from '../schemas/words.ts'

const handedIn = z
  .strictObject({
    event: z
      .base64()
      .min(1)
      .max(180_000)
      .openapi({ description: 'The event’s bytes as its emitter signed them, base64' }),
    signature: z.string().min(1).max(5_000).openapi({ description: 'Detached JWS over these bytes' }),
    reason: code.openapi({ description: 'Why it is handed in by a person', example: 'supplement-asked-for' }),
  })
  .openapi('HandedInEvidence')

const taken = z
  .object({
    evidence: evidenceId,
    caseId,
    outcome: z.enum(['taken', 'duplicate']).openapi({ description: 'duplicate: it was here already' }),
  })
  .openapi('TakenEvidence')

const handIn = declare('addEvidence', {
  method: 'post',
  path: '/v1/institutions/{institution}/cases/{id}/evidence',
  summary: 'Hand in a fact for a case: a signed event of a registered emitter',
  description:
    'It must be about this case’s learner, offering and attempt, and goes through the same acceptance as every other event; the ' +
    'case is judged again. Sending it twice changes nothing: the event’s own source and id are the key.',
  tags: ['cases'],
  request: {
    params: z.object({ institution: institutionId, id: caseId }),
    headers: repeatableHeader,
    body: body(handedIn),
  },
  fails: ['other_case', 'evidence_refused'],
  responses: { 200: answer('Taken in, or known already', taken) },
})

export function evidenceUploadRoutes(app: Api): void {
  app.openapi(handIn, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { event: encoded, signature, reason } = c.req.valid('json')
    if (deps.post === undefined) throw new Problem('unavailable')
    const payload = Buffer.from(encoded, 'base64')
    const told = await inInstitution(deps.db, institution, async (tx) => {
      const { row } = await reachCase(tx, id, caller)
      const event = readEvent(payload)
      await demandOwn(tx, row, event)
      return tell(tx, row, { caller, event, reason })
    })
    const outcome = outcomeOf(await deps.post([{ payload, signature }]))
    return c.json({ evidence: told, caseId: id, outcome }, 200)
  })
}

/** @throws Problem `invalid_request` with every fault of the event */
function readEvent(payload: Uint8Array): IncomingEvent {
  const parsed = parseEvent(payload)
  if (parsed.kind === 'event') return parsed.event
  const errors = parsed.problems.map((problem) => ({ ...asError(problem), pointer: `/event${problem.pointer}` }))
  throw new Problem('invalid_request', { errors })
}

/** @throws Problem `other_case` for an event about somebody or something else */
async function demandOwn(tx: Tx, row: CaseRow, { institution, data }: IncomingEvent): Promise<void> {
  const { learner, offering, attempt, occasion } = data
  const person = (await resolveReferences(tx, [learner])).get(referenceKey(learner))
  const humans = (await humansOf(tx, [row.person])).get(row.person) ?? [row.person]
  const place = { offering, attempt, ...(occasion === undefined ? {} : { occasion }) }
  const isOwn = institution === tx.institution && person !== undefined && humans.includes(person)
  if (!isOwn || !samePlace(place, row)) throw new Problem('other_case')
}

interface HandedIn {
  readonly caller: Caller
  readonly event: IncomingEvent
  readonly reason: string
}

/** Told before it is carried out: intake, which takes it in, may not speak for a person. */
async function tell(tx: Tx, row: CaseRow, { caller, event, reason }: HandedIn): Promise<EvidenceId> {
  const evidence = evidenceIdOf(eventKey(tx.institution, event.source, event.id))
  await appendEntries(tx, [
    {
      trail: row.trail,
      id: `${row.id}:evidence-handed-in:${evidence}`,
      type: 'evidence.handed-in/1',
      actor: actorOf(caller, tx, 'officer'),
      act: { meaning: 'evidence-handed-in', outcome: 'passed-on', reason },
      data: { evidence, source: event.source },
    },
  ])
  return evidence
}

/** @throws Problem `evidence_refused`, `unavailable` */
function outcomeOf(answered: PostAnswer): 'taken' | 'duplicate' {
  if (answered.kind === 'not-now') throw new Problem('unavailable', { headers: { 'retry-after': '5' } })
  const [fate] = answered.events
  if (answered.kind === 'refused') {
    const { code: refusal = 'emitter-not-authenticated', problems = [] } = answered.events[0] ?? {}
    throw new Problem('evidence_refused', { errors: problems.map(asError), members: { refusal } })
  }
  if (fate === undefined || !('outcome' in fate)) throw new Problem('unavailable')
  if (fate.outcome === 'dead-letter') {
    const { code: refusal, deadLetter, problems } = fate
    throw new Problem('evidence_refused', { errors: problems.map(asError), members: { refusal, deadLetter } })
  }
  return fate.outcome === 'duplicate' ? 'duplicate' : 'taken'
}
