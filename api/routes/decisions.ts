/**
 * Where people decide. What they decide is recorded with what they saw, in one transaction, and only then is the workflow told
 * (contracts §7); without that order a decision could take effect that nobody can prove.
 */
import { z } from '@hono/zod-openapi'
import { currentAppointments } from '#db/appointments.ts'
import type { CaseRow } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { type DecisionAnswer, type DecisionDraft, recordDecision, type Standing, updateRow } from '#db/decisions.ts'
import { caseWorkflowId } from '#db/ids.ts'
import { as, type CaseId, type DecisionId, type PersonId } from '#domain/words.ts'
import { reachCase } from '../case-access.ts'
import { etagOf } from '../case-view.ts'
import type { Api } from '../dependencies.ts'
import { demandMatch, ifMatch, ifMatchHeader, matchCodes } from '../etag.ts'
import { idempotencyKey } from '../idempotency.ts'
import type { Caller } from '../identity.ts'
import { Problem } from '../problem.ts'
import { body, declare } from '../route.ts'
import { approverOutcomes, decided, decision } from '../schemas/decision.ts'
import { caseId, idempotencyHeader, institutionId } from '../schemas/words.ts'
import { tellDecision } from '../tell.ts'

const json = { 'application/json': { schema: decided } }

const decide = declare('decide', {
  method: 'post',
  path: '/v1/institutions/{institution}/cases/{id}/decisions',
  summary: 'Decide on a case',
  description:
    'Needs If-Match with the ETag of the case as read (428 without, 412 when it has changed), `seen` as shown there (409 when ' +
    'stale), Idempotency-Key, and a login at most five minutes old. Nothing decided here raises a level.',
  tags: ['cases'],
  request: {
    params: z.object({ institution: institutionId, id: caseId }),
    headers: idempotencyHeader.extend(ifMatchHeader.shape),
    body: body(decision),
  },
  fails: [...matchCodes, 'stale', 'wrong_state', 'not_appointed', 'separation'],
  responses: {
    200: { description: 'Recorded, and the workflow has taken it', content: json },
    202: { description: 'Recorded; the workflow is told as soon as it can be', content: json },
  },
})

export function decisionRoutes(app: Api): void {
  app.openapi(decide, async (c) => {
    const { deps, institution, caller } = c.var
    const request = {
      caseId: c.req.valid('param').id as CaseId,
      caller,
      key: idempotencyKey(c),
      tag: ifMatch(c),
      value: c.req.valid('json'),
    }
    const recorded = await inInstitution(deps.db, institution, (tx) => record(tx, request))
    const workflowId = caseWorkflowId(institution, request.caseId)
    const { id, state } = recorded
    const delivery = await tellDecision(deps, { institution, workflowId, outboxId: updateRow(id), decision: id })
    const { outcome } = request.value
    return c.json(
      { decision: id, caseId: request.caseId, outcome, delivery, state },
      delivery === 'delivered' ? 200 : 202,
    )
  })
}

interface Request {
  readonly caseId: CaseId
  readonly caller: Caller
  readonly key: string
  readonly tag: string
  readonly value: z.infer<typeof decision>
}

interface Recorded {
  readonly id: DecisionId
  readonly state: CaseRow['state']
}

async function record(tx: Tx, request: Request): Promise<Recorded> {
  const { caller, key, tag, value } = request
  const { row } = await reachCase(tx, request.caseId, caller)
  const draft = {
    caseId: row.id,
    person: caller.person,
    role: await roleFor(tx, request),
    outcome: value.outcome,
    reason: value.reason,
    ...detailOf(value),
    loa: caller.loa,
    acr: caller.acr,
    authTime: caller.authTime,
    seen: value.seen,
    idempotencyKey: key,
  }
  const answer = await recordDecision(tx, draft, (standing) => demandUnchanged(tag, standing))
  return { id: recordedId(answer), state: row.state }
}

/** Approvals are given in the role one is appointed to, everything else as officer. */
async function roleFor(tx: Tx, { caseId: id, caller, value }: Request): Promise<DecisionDraft['role']> {
  if (!approverOutcomes.some((outcome) => outcome === value.outcome)) {
    if (!caller.roles.includes('officer')) throw new Problem('role_required')
    return 'officer'
  }
  const held = (await currentAppointments(tx, [id])).find(({ person }) => caller.humans.includes(person))
  if (held === undefined) throw new Problem('not_appointed')
  return held.role
}

/** @throws Problem `precondition_failed` where the case is not as it was read */
function demandUnchanged(tag: string, { row: { state, step, changedAt }, seen }: Standing): void {
  const now = { seen, state, step, changedAt }
  demandMatch(tag, { etag: etagOf(now), now })
}

function detailOf({ text, markedItems, appoint, achievement }: Request['value']): Pick<DecisionDraft, 'detail'> {
  const detail = {
    ...(text === undefined ? {} : { text }),
    ...(markedItems === undefined ? {} : { items: markedItems }),
    ...(appoint === undefined ? {} : { appoint: { role: appoint.role, person: as<PersonId>(appoint.person) } }),
    ...(achievement === undefined ? {} : { achievement }),
  }
  return Object.keys(detail).length === 0 ? {} : { detail }
}

/** @throws Problem for every answer but `recorded`; the transaction ends with nothing written */
function recordedId(answer: DecisionAnswer): DecisionId {
  switch (answer.kind) {
    case 'recorded':
      return answer.decisionId
    case 'not-found':
      throw new Problem('not_found')
    case 'conflict-key':
      throw new Problem('idempotency_key_reused')
    case 'state':
      throw new Problem('wrong_state', { members: { state: answer.state } })
    case 'not-appointed':
      throw new Problem('not_appointed')
    case 'stale':
      throw new Problem('stale', {
        members: { seen: { evidenceVersion: answer.evidenceVersion, digest: answer.digest } },
      })
    case 'not-in-lists':
      throw new Problem('list_unfit')
    case 'separation':
      throw new Problem('separation', {
        members: { findings: answer.findings.map(({ rule, because }) => ({ rule, because })) },
      })
  }
}
