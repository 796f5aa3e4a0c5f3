/** Erasing: one privacy officer proposes, another approves, the pipeline carries it out (audit-log §10, docs/erasure.md). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { type ListedErasure, listErasures } from '#db/erasures.ts'
import type { Api } from '../dependencies.ts'
import { erasureView, shownErasure } from '../erasure-view.ts'
import { adopt, approve, type ErasureNews, existing, propose, refuse, startOf } from '../erasures.ts'
import { etagOfValue, ifMatch, isKnown, matchCodes } from '../etag.ts'
import { idempotencyKey } from '../idempotency.ts'
import { type From, readPage } from '../pages.ts'
import { answer, body, declare, page, tagged } from '../route.ts'
import { erasure, erasureAdoption, erasureDetail, erasureProposal, toldErasure } from '../schemas/erasure.ts'
import {
  erasureId,
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  pageOfItems,
  pageQuery,
} from '../schemas/words.ts'
import type { Delivery } from '../tell.ts'
import { actHeaders, decideNow, startNow } from '../two-persons.ts'

const tags = ['privacy']
const base = '/v1/institutions/{institution}/erasures'
const params = z.object({ institution: institutionId, id: erasureId })

const proposing = declare('proposeErasure', {
  method: 'post',
  path: base,
  summary: 'Propose to erase what is about a person',
  description:
    'Needs Idempotency-Key and a login at most five minutes old. Refused while a hold stands, a case is under way, a credential is in force or the person stands in the register.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(erasureProposal) },
  fails: ['erasure_open', 'erasure_blocked', 'erasure_unfounded', 'own_data', 'not_found'],
  responses: { 201: answer('Proposed; waits for a second privacy officer', toldErasure) },
})

const adopting = declare('adoptErasure', {
  method: 'post',
  path: `${base}/{id}/adopt`,
  summary: 'Take up what was suggested after a retention rule',
  description:
    'From then on it is your proposal, and somebody else must approve. Needs If-Match with the ETag as read.',
  tags,
  request: { params, headers: actHeaders, body: body(erasureAdoption) },
  fails: [...matchCodes, 'wrong_state', 'own_data', 'erasure_blocked'],
  responses: { 200: answer('Proposed; waits for a second privacy officer', toldErasure) },
})

const approving = declare('approveErasure', {
  method: 'post',
  path: `${base}/{id}/approve`,
  summary: 'Approve as the second privacy officer',
  description: 'By somebody who did not propose it. Needs If-Match with the ETag of the erasure as read.',
  tags,
  request: { params, headers: actHeaders },
  fails: [...matchCodes, 'wrong_state', 'own_proposal', 'own_data', 'erasure_blocked'],
  responses: { 200: answer('Approved; it is being carried out and cannot be undone', toldErasure) },
})

const refusing = declare('refuseErasure', {
  method: 'post',
  path: `${base}/{id}/refuse`,
  summary: 'Turn a proposal down',
  description: 'Needs If-Match with the ETag of the erasure as read.',
  tags,
  request: { params, headers: actHeaders },
  fails: [...matchCodes, 'wrong_state'],
  responses: { 200: answer('Refused; nothing is erased', toldErasure) },
})

const listing = declare('listErasures', {
  method: 'get',
  path: base,
  summary: 'Erasures, newest first',
  tags,
  request: { params: inInstitutionPath, query: pageQuery.extend({ state: erasure.shape.state.optional() }) },
  responses: { 200: page('What was proposed and what came of it', z.object(pageOfItems(erasure))) },
})

const showing = declare('showErasure', {
  method: 'get',
  path: `${base}/{id}`,
  summary: 'One erasure',
  tags,
  request: { params },
  responses: tagged('As it stands', erasureDetail),
})

export function erasureRoutes(app: Api): void {
  app.openapi(proposing, async (c) => {
    const { deps, institution, caller } = c.var
    const request = { caller, proposal: c.req.valid('json'), key: idempotencyKey(c) }
    const news = await inInstitution(deps.db, institution, (tx) => propose(tx, request))
    const start = startOf(institution, news.erasure.id)
    return c.json(told(news, await startNow(deps, institution, { act: news, start })), 201)
  })

  app.openapi(adopting, async (c) => {
    const { deps, institution, caller } = c.var
    const request = { id: c.req.valid('param').id, caller, tag: ifMatch(c), text: c.req.valid('json').text }
    const news = await inInstitution(deps.db, institution, (tx) => adopt(tx, request))
    const start = startOf(institution, news.erasure.id)
    return c.json(told(news, await startNow(deps, institution, { act: news, start })), 200)
  })

  app.openapi(approving, async (c) => {
    const { deps, institution, caller } = c.var
    const request = { id: c.req.valid('param').id, caller, tag: ifMatch(c) }
    const news = await inInstitution(deps.db, institution, (tx) => approve(tx, request))
    return c.json(told(news, await decideNow(deps, institution, news)), 200)
  })

  app.openapi(refusing, async (c) => {
    const { deps, institution, caller } = c.var
    const request = { id: c.req.valid('param').id, caller, tag: ifMatch(c) }
    const news = await inInstitution(deps.db, institution, (tx) => refuse(tx, request))
    return c.json(told(news, await decideNow(deps, institution, news)), 200)
  })

  app.openapi(listing, async (c) => {
    const { state, ...slice } = c.req.valid('query')
    const { items, ...neighbours } = await readPage(c, {
      list: ['erasures', state],
      ...slice,
      placeOf: ({ at, erasure: one }: ListedErasure) => [at, one.id],
      read: (tx, { limit, from }) =>
        listErasures(tx, { limit, ...(state && { state }), ...(from && { from: besideErasure(from) }) }),
    })
    return c.json({ items: items.map(({ erasure: one }) => erasureView(one)), ...neighbours }, 200)
  })

  app.openapi(showing, async (c) => {
    const { deps, institution } = c.var
    const { id } = c.req.valid('param')
    const view = await inInstitution(deps.db, institution, async (tx) => shownErasure(tx, await existing(tx, id)))
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })
}

function told({ erasure: found }: ErasureNews, delivery: Delivery): z.infer<typeof toldErasure> {
  return { ...erasureView(found), delivery }
}

function besideErasure({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}
