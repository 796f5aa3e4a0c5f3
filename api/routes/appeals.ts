/** Appeals and requests for reconsideration: lodged, acknowledged, decided by somebody who took no part, closed with what followed (ISO/IEC 17024 9.8). */
import { z } from '@hono/zod-openapi'
import { appealIn } from '#db/appeals.ts'
import type { Tx } from '#db/client.ts'
import { staffByPseudonym } from '#db/queries/access-log.ts'
import type { CaseId } from '#domain/words.ts'
import { acknowledge, appealOf, close, decide, lodge } from '../appeals.ts'
import type { Api } from '../dependencies.ts'
import { idempotencyKey, idUnderKey } from '../idempotency.ts'
import { knownMatters, readMatters, stepped } from '../matters.ts'
import { answer, body, declare, page } from '../route.ts'
import { appeal, appealClosing, appealDecision, appealQuery, appealRequest } from '../schemas/appeal.ts'
import { acknowledging } from '../schemas/matter.ts'
import {
  appealId,
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  pageOfItems,
  repeatableHeader,
} from '../schemas/words.ts'

const tags = ['appeals']
const base = '/v1/institutions/{institution}/appeals'
const params = z.object({ institution: institutionId, id: appealId })

const lodging = declare('lodgeAppeal', {
  method: 'post',
  path: base,
  summary: 'Lodge an appeal or a request for reconsideration',
  description:
    'Needs Idempotency-Key and a login at most five minutes old. One against the same decision at a time. It stands in the case’s trail and nowhere else.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(appealRequest) },
  fails: ['not_found', 'nothing_to_appeal', 'appeal_open', 'record_damaged'],
  responses: { 201: answer('Lodged; waits to be acknowledged', appeal) },
})

const acknowledgement = declare('acknowledgeAppeal', {
  method: 'post',
  path: `${base}/{id}/acknowledge`,
  summary: 'Say that the appellant has been told it came',
  tags,
  request: { params, headers: repeatableHeader, body: body(acknowledging) },
  fails: ['wrong_state', 'record_damaged'],
  responses: { 200: answer('Waits to be decided', appeal) },
})

const deciding = declare('decideAppeal', {
  method: 'post',
  path: `${base}/{id}/decide`,
  summary: 'Decide an appeal',
  description: 'By an officer whom the case does not name and who did nothing in it. Once for ever.',
  tags,
  request: { params, headers: repeatableHeader, body: body(appealDecision) },
  fails: ['wrong_state', 'handler_refused', 'record_damaged'],
  responses: { 200: answer('Waits to be closed', appeal) },
})

const closing = declare('closeAppeal', {
  method: 'post',
  path: `${base}/{id}/close`,
  summary: 'Close an appeal with what followed from it',
  tags,
  request: { params, headers: repeatableHeader, body: body(appealClosing) },
  fails: ['wrong_state', 'follow_up_demanded', 'record_damaged'],
  responses: { 200: answer('Closed', appeal) },
})

const listing = declare('listAppeals', {
  method: 'get',
  path: base,
  summary: 'Appeals and requests for reconsideration, latest first',
  tags,
  request: { params: inInstitutionPath, query: appealQuery },
  fails: ['record_damaged'],
  responses: { 200: page('With what became of them', z.object(pageOfItems(appeal))) },
})

const showing = declare('showAppeal', {
  method: 'get',
  path: `${base}/{id}`,
  summary: 'One appeal',
  tags,
  request: { params },
  fails: ['record_damaged'],
  responses: { 200: answer('As it stands', appeal) },
})

export function appealRoutes(app: Api): void {
  app.openapi(lodging, async (c) => {
    const { institution, caller } = c.var
    const { case: caseId, ...told } = c.req.valid('json')
    const id = idUnderKey('appl', { scope: institution, person: caller.person, key: idempotencyKey(c) })
    const request = { id, caseId: caseId as CaseId, ...told }
    return c.json(await stepped(c, (tx) => lodge(tx, caller, request)), 201)
  })

  app.openapi(acknowledgement, async (c) => {
    const request = { id: c.req.valid('param').id, ...c.req.valid('json') }
    return c.json(await stepped(c, (tx, caller) => acknowledge(tx, caller, request)), 200)
  })

  app.openapi(deciding, async (c) => {
    const request = { id: c.req.valid('param').id, ...c.req.valid('json') }
    return c.json(await stepped(c, (tx, caller) => decide(tx, caller, request)), 200)
  })

  app.openapi(closing, async (c) => {
    const request = { id: c.req.valid('param').id, ...c.req.valid('json') }
    return c.json(await stepped(c, (tx, caller) => close(tx, caller, request)), 200)
  })

  app.openapi(listing, async (c) => {
    const read = async (tx: Tx) => {
      const staff = await staffByPseudonym(tx)
      return (await knownMatters(tx, 'appeal')).map((one) => appealIn(one, staff))
    }
    const query = c.req.valid('query')
    const found = await readMatters(c, 'appeals', { query, read, placeOf: ({ lodgedAt, id }) => [lodgedAt, id] })
    return c.json(found, 200)
  })

  app.openapi(showing, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await stepped(c, (tx) => appealOf(tx, id)), 200)
  })
}
