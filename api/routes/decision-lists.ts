/**
 * Approving a list in one act, up to C2–D and where the achievement allows it: a drawn sample is opened first, each case keeps a
 * decision of its own with the digest of what was seen, and one that has changed is refused alone (docs/levels.md).
 */
import { z } from '@hono/zod-openapi'
import { currentAppointments } from '#db/appointments.ts'
import { appendEntries } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import {
  actOf,
  type DecisionList,
  drawList,
  type ListedCase,
  markOpened,
  readList,
  unopened,
} from '#db/decision-lists.ts'
import { type DecisionAnswer, recordDecision, updateRow } from '#db/decisions.ts'
import { caseWorkflowId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import type { CaseId, InstitutionId } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import { reachCase, recordViewing } from '../case-access.ts'
import { detailOfCase } from '../case-view.ts'
import type { Api, ApiDependencies } from '../dependencies.ts'
import type { Caller } from '../identity.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare } from '../route.ts'
import { caseDetail } from '../schemas/case.ts'
import { decisionList, listApproval, listOrder, listResult } from '../schemas/decision-list.ts'
import { purpose } from '../schemas/trail.ts'
import { caseId, inInstitutionPath, institutionId, listId, repeatableHeader } from '../schemas/words.ts'
import { tellDecision } from '../tell.ts'

const tags = ['cases']
const params = z.object({ institution: institutionId, list: listId })

const draw = declare('drawDecisionList', {
  method: 'post',
  path: '/v1/institutions/{institution}/decision-lists',
  summary: 'Put cases into a list to be approved in one act',
  description:
    'Only up to C2–D, only cases that wait for the caller, only achievements that allow it. A sample is drawn: all of up to five ' +
    'cases, else the square root of their number, at least five. Asking again for the same cases gives the same list.',
  tags,
  request: { params: inInstitutionPath, headers: repeatableHeader, body: body(listOrder) },
  fails: ['list_unfit'],
  responses: { 201: answer('The list with its sample', decisionList) },
})

const show = declare('showDecisionList', {
  method: 'get',
  path: '/v1/institutions/{institution}/decision-lists/{list}',
  summary: 'A list, its sample, and what of it has been opened',
  tags,
  request: { params },
  responses: { 200: answer('The list', decisionList) },
})

const open = declare('openListedCase', {
  method: 'get',
  path: '/v1/institutions/{institution}/decision-lists/{list}/cases/{id}',
  summary: 'Open a case of a list; reading is logged and counts for the sample',
  tags,
  request: { params: params.extend({ id: caseId }), query: z.object({ purpose }) },
  responses: { 200: answer('The case', caseDetail) },
})

const approve = declare('approveDecisionList', {
  method: 'post',
  path: '/v1/institutions/{institution}/decision-lists/{list}/approve',
  summary: 'Approve a list, when its sample has been opened',
  description:
    'Each case gets a decision of its own, in a transaction of its own. A case that has changed since the list was drawn is refused ' +
    'and harms no other. Safe to repeat. Needs a login at most five minutes old.',
  tags,
  request: { params, headers: repeatableHeader, body: body(listApproval) },
  fails: ['sample_unopened'],
  responses: { 200: answer('What became of each case', listResult) },
})

export function decisionListRoutes(app: Api): void {
  app.openapi(draw, async (c) => {
    const { deps, institution, caller } = c.var
    const ids = c.req.valid('json').cases as CaseId[]
    const list = await inInstitution(deps.db, institution, (tx) => drawFor(tx, caller, ids))
    return c.json(viewOf(list), 201)
  })

  app.openapi(show, async (c) => {
    const { deps, institution, caller } = c.var
    const list = await inInstitution(deps.db, institution, (tx) => reachList(tx, c.req.valid('param').list, caller))
    return c.json(viewOf(list), 200)
  })

  app.openapi(open, async (c) => {
    const { deps, institution, caller } = c.var
    const { list: id, id: wanted } = c.req.valid('param')
    const why = c.req.valid('query').purpose
    const detail = await inInstitution(deps.db, institution, async (tx) => {
      const list = await reachList(tx, id, caller)
      const { row, role } = await reachCase(tx, wanted, caller)
      if (!list.cases.some((one) => one.id === row.id)) throw new Problem('not_found')
      await recordViewing(tx, { caller, role, caseId: row.id, purpose: why, what: 'case', id: list.id })
      await markOpened(tx, list.id, row.id)
      return detailOfCase(tx, row)
    })
    return c.json(detail, 200)
  })

  app.openapi(approve, async (c) => {
    const { deps, institution, caller } = c.var
    const { reason } = c.req.valid('json')
    const list = await inInstitution(deps.db, institution, (tx) => reachList(tx, c.req.valid('param').list, caller))
    const left = unopened(list)
    if (left.length > 0) throw new Problem('sample_unopened', { members: { unopened: left } })
    const results: z.infer<typeof listResult>['results'] = []
    for (const one of list.cases) {
      const recorded = await inInstitution(deps.db, institution, (tx) => decideOne(tx, { list, one, caller, reason }))
      results.push(resultOf(one.id, recorded))
    }
    return c.json({ id: list.id, results: await tellAll({ deps, institution }, results) }, 200)
  })
}

/** @throws Problem `list_unfit` naming each case that cannot stand in it */
async function drawFor(tx: Tx, caller: Caller, ids: readonly CaseId[]): Promise<DecisionList> {
  const drawn = await drawList(tx, { person: caller.person, humans: caller.humans, ids })
  if (drawn.kind === 'unfit') throw new Problem('list_unfit', { members: { cases: drawn.cases } })
  const { list, isNew } = drawn
  if (!isNew) return list
  const { trail } = await readInstitution(tx)
  await appendEntries(tx, [
    {
      trail,
      id: `decision-list.drawn:${list.id}`,
      type: 'decision-list.drawn/1',
      actor: actorOf(caller, tx, 'approver'),
      act: { meaning: 'decision-list-drawn', outcome: 'success' },
      data: {
        list: list.id,
        seed: list.seed,
        cases: list.cases.map(({ id }) => id),
        sample: list.cases.filter(({ sampled }) => sampled).map(({ id }) => id),
      },
    },
  ])
  return list
}

/** @throws Problem `not_found` also for somebody else's list */
async function reachList(tx: Tx, id: string, caller: Caller): Promise<DecisionList> {
  const list = await readList(tx, id)
  if (list === undefined || !caller.humans.includes(list.person)) throw new Problem('not_found')
  return list
}

interface Deciding {
  readonly list: DecisionList
  readonly one: ListedCase
  readonly caller: Caller
  readonly reason: string
}

async function decideOne(tx: Tx, { list, one, caller, reason }: Deciding): Promise<DecisionAnswer> {
  const held = (await currentAppointments(tx, [one.id])).find(({ person }) => caller.humans.includes(person))
  const [row] = await caseRows(tx, [one.id])
  if (row === undefined) return { kind: 'not-found' }
  if (held === undefined && row.state === 'deciding') return { kind: 'not-appointed' }
  return recordDecision(tx, {
    caseId: one.id,
    person: caller.person,
    role: held?.role ?? 'examiner',
    outcome: 'approve',
    reason,
    loa: caller.loa,
    acr: caller.acr,
    authTime: caller.authTime,
    seen: { evidenceVersion: one.evidenceVersion, digest: one.seen },
    list: actOf(list),
    // One act on one list: however often it is sent, a case is approved in it once.
    idempotencyKey: list.id,
  })
}

type Result = z.infer<typeof listResult>['results'][number]

function resultOf(id: CaseId, recorded: DecisionAnswer): Result {
  return recorded.kind === 'recorded'
    ? { caseId: id, outcome: 'approved', decision: recorded.decisionId }
    : { caseId: id, outcome: 'refused', because: recorded.kind }
}

async function tellAll(
  { deps, institution }: { deps: ApiDependencies; institution: InstitutionId },
  results: readonly Result[],
): Promise<Result[]> {
  return Promise.all(
    results.map(async (result) => {
      if (result.decision === undefined) return result
      const decision = result.decision as Parameters<typeof updateRow>[0]
      const workflowId = caseWorkflowId(institution, result.caseId as CaseId)
      const news = { institution, workflowId, outboxId: updateRow(decision), decision }
      return { ...result, delivery: await tellDecision(deps, news) }
    }),
  )
}

function viewOf({ id, seed, cases, opened, drawnAt }: DecisionList): z.infer<typeof decisionList> {
  return {
    id,
    seed,
    cases: cases.map((one) => ({
      id: one.id,
      seen: { evidenceVersion: one.evidenceVersion, digest: one.seen },
      sampled: one.sampled,
      opened: opened.includes(one.id),
    })),
    drawnAt,
  }
}
