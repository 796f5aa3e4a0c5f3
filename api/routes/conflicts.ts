/** Where a conflict of interest is declared while a case runs; without it an approver who knows the learner could only decide or be silent. */
import { z } from '@hono/zod-openapi'
import { inInstitution, type Tx } from '#db/client.ts'
import { type ConflictAnswer, declareConflict } from '#db/conflicts.ts'
import { as, type PersonId } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import { reachCase } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { idempotencyKey } from '../idempotency.ts'
import type { Caller } from '../identity.ts'
import { Problem } from '../problem.ts'
import { body, declare } from '../route.ts'
import { caseId, code, idempotencyHeader, institutionId, personId } from '../schemas/words.ts'
import { tellSignals } from '../tell.ts'

const conflict = z
  .strictObject({
    reason: code.openapi({ description: 'Stands in the log for ever, so it is a code', example: 'near-relation' }),
    person: personId
      .optional()
      .openapi({ description: 'Whose conflict it is; absent: the caller’s own. Officers only.' }),
  })
  .openapi('Conflict')

const declared = z
  .object({
    conflict: z.string(),
    caseId,
    delivery: z
      .enum(['delivered', 'pending'])
      .openapi({ description: 'Pending: recorded, the workflows are told as soon as they can be' }),
  })
  .openapi('DeclaredConflict')

const json = { 'application/json': { schema: declared } }

const declareOne = declare('declareConflict', {
  method: 'post',
  path: '/v1/institutions/{institution}/cases/{id}/conflicts',
  summary: 'Declare a conflict of interest with the learner of a case',
  description:
    'An appointed approver declares their own, an officer also another’s. What the person did in the learner’s running cases is ' +
    'void from now on: they are judged again, and somebody else is appointed. Needs Idempotency-Key and a login at most five minutes old.',
  tags: ['cases'],
  request: {
    params: z.object({ institution: institutionId, id: caseId }),
    headers: idempotencyHeader,
    body: body(conflict),
  },
  fails: ['wrong_state', 'unknown_person', 'separation'],
  responses: {
    200: { description: 'Recorded, and the workflows have been told', content: json },
    202: { description: 'Recorded; the workflows are told as soon as they can be', content: json },
  },
})

export function conflictRoutes(app: Api): void {
  app.openapi(declareOne, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const request = { id, caller, key: idempotencyKey(c), value: c.req.valid('json') }
    const recorded = recordedIn(await inInstitution(deps.db, institution, (tx) => record(tx, request)))
    const delivery = await tellSignals(deps, institution, recorded.wakeUps)
    return c.json({ conflict: recorded.id, caseId: id, delivery }, delivery === 'delivered' ? 200 : 202)
  })
}

interface Request {
  readonly id: string
  readonly caller: Caller
  readonly key: string
  readonly value: z.infer<typeof conflict>
}

async function record(tx: Tx, { id, caller, key, value }: Request): Promise<ConflictAnswer> {
  const { row, role } = await reachCase(tx, id, caller)
  const person = as<PersonId>(value.person ?? caller.person)
  if (!caller.humans.includes(person) && role !== 'officer') throw new Problem('role_required')
  return declareConflict(tx, {
    caseId: row.id,
    person,
    reason: value.reason,
    declaredBy: caller.person,
    actor: actorOf(caller, tx, role),
    idempotencyKey: key,
  })
}

/** @throws Problem for every answer but `declared` */
function recordedIn(answer: ConflictAnswer): Extract<ConflictAnswer, { kind: 'declared' }> {
  switch (answer.kind) {
    case 'declared':
      return answer
    case 'not-found':
      throw new Problem('not_found')
    case 'unknown-person':
      throw new Problem('unknown_person')
    case 'conflict-key':
      throw new Problem('idempotency_key_reused')
    case 'state':
      throw new Problem('wrong_state', { members: { state: answer.state } })
    case 'partial':
      throw new Problem('separation')
  }
}
