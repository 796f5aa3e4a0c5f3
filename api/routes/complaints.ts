/** Complaints: received, acknowledged, handled by somebody they are not about, closed with what is done about them (ISO/IEC 17024 9.9). */
import { z } from '@hono/zod-openapi'
import type { Tx } from '#db/client.ts'
import { complaintIn } from '#db/complaints.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
import type { CaseId, PersonId } from '#domain/words.ts'
import { complaintOf, goOn, receive } from '../complaints.ts'
import type { Api } from '../dependencies.ts'
import { idempotencyKey, idUnderKey } from '../idempotency.ts'
import { knownMatters, readMatters, stepped } from '../matters.ts'
import { answer, body, declare, page } from '../route.ts'
import {
  complaint,
  complaintClosing,
  complaintProgress,
  complaintQuery,
  complaintRequest,
} from '../schemas/complaint.ts'
import { acknowledging } from '../schemas/matter.ts'
import {
  complaintId,
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  pageOfItems,
  repeatableHeader,
} from '../schemas/words.ts'

const tags = ['complaints']
const base = '/v1/institutions/{institution}/complaints'
const params = z.object({ institution: institutionId, id: complaintId })

const receiving = declare('receiveComplaint', {
  method: 'post',
  path: base,
  summary: 'Receive a complaint',
  description:
    'Needs Idempotency-Key and a login at most five minutes old. It stands in the institution’s trail and nowhere else.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(complaintRequest) },
  fails: ['not_found', 'record_damaged'],
  responses: { 201: answer('Received; waits to be acknowledged', complaint) },
})

const acknowledgement = declare('acknowledgeComplaint', {
  method: 'post',
  path: `${base}/{id}/acknowledge`,
  summary: 'Say that whoever complained has been told it came',
  tags,
  request: { params, headers: repeatableHeader, body: body(acknowledging) },
  fails: ['wrong_state', 'record_damaged'],
  responses: { 200: answer('Waits to be handled', complaint) },
})

const progressing = declare('progressComplaint', {
  method: 'post',
  path: `${base}/{id}/progress`,
  summary: 'Tell a step in handling a complaint',
  description: 'Needs Idempotency-Key: a complaint has as many steps as it takes. By somebody it is not about.',
  tags,
  request: { params, headers: idempotencyHeader, body: body(complaintProgress) },
  fails: ['wrong_state', 'handler_refused', 'record_damaged'],
  responses: { 200: answer('Told', complaint) },
})

const closing = declare('closeComplaint', {
  method: 'post',
  path: `${base}/{id}/close`,
  summary: 'Close a complaint with its outcome and what is done about it',
  description: 'By somebody it is not about. Once for ever.',
  tags,
  request: { params, headers: repeatableHeader, body: body(complaintClosing) },
  fails: ['wrong_state', 'handler_refused', 'measures_demanded', 'record_damaged'],
  responses: { 200: answer('Closed', complaint) },
})

const listing = declare('listComplaints', {
  method: 'get',
  path: base,
  summary: 'Complaints, latest first',
  tags,
  request: { params: inInstitutionPath, query: complaintQuery },
  fails: ['record_damaged'],
  responses: { 200: page('With what was done about them', z.object(pageOfItems(complaint))) },
})

const showing = declare('showComplaint', {
  method: 'get',
  path: `${base}/{id}`,
  summary: 'One complaint',
  tags,
  request: { params },
  fails: ['record_damaged'],
  responses: { 200: answer('As it stands', complaint) },
})

export function complaintRoutes(app: Api): void {
  app.openapi(receiving, async (c) => {
    const { institution, caller } = c.var
    const { case: caseId, persons, ...told } = c.req.valid('json')
    const request = {
      id: idUnderKey('comp', { scope: institution, person: caller.person, key: idempotencyKey(c) }),
      ...(caseId === undefined ? {} : { caseId: caseId as CaseId }),
      persons: persons as PersonId[],
      ...told,
    }
    return c.json(await stepped(c, (tx) => receive(tx, caller, request)), 201)
  })

  app.openapi(acknowledgement, async (c) => {
    const { id } = c.req.valid('param')
    const said = { step: 'acknowledged', ...c.req.valid('json') } as const
    return c.json(await stepped(c, (tx, caller) => goOn(tx, caller, id, said)), 200)
  })

  app.openapi(progressing, async (c) => {
    const { id } = c.req.valid('param')
    const { step: done, reference } = c.req.valid('json')
    const key = idUnderKey('step', { scope: id, person: c.var.caller.person, key: idempotencyKey(c) })
    const said = { step: 'progressed', key, done, reference } as const
    return c.json(await stepped(c, (tx, caller) => goOn(tx, caller, id, said)), 200)
  })

  app.openapi(closing, async (c) => {
    const { id } = c.req.valid('param')
    const said = { step: 'closed', ...c.req.valid('json') } as const
    return c.json(await stepped(c, (tx, caller) => goOn(tx, caller, id, said)), 200)
  })

  app.openapi(listing, async (c) => {
    const read = async (tx: Tx) => {
      const staff = await staffByPseudonym(tx)
      return (await knownMatters(tx, 'complaint')).map((one) => complaintIn(one, staff))
    }
    const query = c.req.valid('query')
    const found = await readMatters(c, 'complaints', { query, read, placeOf: ({ receivedAt, id }) => [receivedAt, id] })
    return c.json(found, 200)
  })

  app.openapi(showing, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await stepped(c, (tx) => complaintOf(tx, id)), 200)
  })
}
