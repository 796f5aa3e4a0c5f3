/** Taking a credential back: one officer proposes, another approves, the signing worker executes (contracts §7). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { type ListedRevocation, listRevocations } from '#db/revocations.ts'
import type { CredentialId } from '#domain/words.ts'
import type { Api } from '../dependencies.ts'
import { etagOfValue, ifMatch, isKnown, matchCodes } from '../etag.ts'
import { idempotencyKey } from '../idempotency.ts'
import { type From, readPage } from '../pages.ts'
import { revocationView, shownRevocation } from '../revocation-view.ts'
import { approve, existing, propose, type RevocationNews, refuse, startOf } from '../revocations.ts'
import { answer, body, declare, page, tagged } from '../route.ts'
import { proposal, revocation, revocationDetail, toldRevocation } from '../schemas/revocation.ts'
import {
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  pageOfItems,
  pageQuery,
  revocationId,
} from '../schemas/words.ts'
import type { Delivery } from '../tell.ts'
import { actHeaders, decideNow, startNow } from '../two-persons.ts'

const tags = ['revocations']
const base = '/v1/institutions/{institution}/revocations'
const params = z.object({ institution: institutionId, id: revocationId })

const proposing = declare('proposeRevocation', {
  method: 'post',
  path: base,
  summary: 'Propose to take a credential back',
  description: 'Needs Idempotency-Key and a login at most five minutes old. One proposal per credential at a time.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(proposal) },
  fails: ['revocation_open', 'revocation_refused'],
  responses: { 201: answer('Proposed; waits for a second officer', toldRevocation) },
})

const approving = declare('approveRevocation', {
  method: 'post',
  path: `${base}/{id}/approve`,
  summary: 'Approve as the second officer',
  description:
    'By somebody who did not propose it and is not named in the case. Needs If-Match with the ETag of the revocation as read.',
  tags,
  request: { params, headers: actHeaders },
  fails: [...matchCodes, 'wrong_state', 'revocation_refused'],
  responses: { 200: answer('Approved; it is executed and the status list published', toldRevocation) },
})

const refusing = declare('refuseRevocation', {
  method: 'post',
  path: `${base}/{id}/refuse`,
  summary: 'Turn a proposal down',
  description: 'Needs If-Match with the ETag of the revocation as read.',
  tags,
  request: { params, headers: actHeaders },
  fails: [...matchCodes, 'wrong_state'],
  responses: { 200: answer('Refused; the credential stands', toldRevocation) },
})

const listing = declare('listRevocations', {
  method: 'get',
  path: base,
  summary: 'Revocations, newest first',
  tags,
  request: {
    params: inInstitutionPath,
    query: pageQuery.extend({ state: revocation.shape.state.optional() }),
  },
  responses: { 200: page('What was proposed and what came of it', z.object(pageOfItems(revocation))) },
})

const showing = declare('showRevocation', {
  method: 'get',
  path: `${base}/{id}`,
  summary: 'One revocation',
  tags,
  request: { params },
  responses: tagged('As it stands', revocationDetail),
})

export function revocationRoutes(app: Api): void {
  app.openapi(proposing, async (c) => {
    const { deps, institution, caller } = c.var
    const { credential, reason, text, successor } = c.req.valid('json')
    const request = {
      caller,
      credential: credential as CredentialId,
      reason,
      text,
      ...(successor === undefined ? {} : { successor: successor as CredentialId }),
      key: idempotencyKey(c),
    }
    const news = await inInstitution(deps.db, institution, (tx) => propose(tx, request))
    const start = startOf(institution, news.revocation.id)
    return c.json(told(news, await startNow(deps, institution, { act: news, start })), 201)
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
      list: ['revocations', state],
      ...slice,
      placeOf: ({ at, revocation: one }: ListedRevocation) => [at, one.id],
      read: (tx, { limit, from }) =>
        listRevocations(tx, { limit, ...(state && { state }), ...(from && { from: besideRevocation(from) }) }),
    })
    return c.json({ items: items.map(({ revocation: one }) => revocationView(one)), ...neighbours }, 200)
  })

  app.openapi(showing, async (c) => {
    const { deps, institution } = c.var
    const { id } = c.req.valid('param')
    const view = await inInstitution(deps.db, institution, async (tx) => shownRevocation(tx, await existing(tx, id)))
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })
}

function told({ revocation: found }: RevocationNews, delivery: Delivery): z.infer<typeof toldRevocation> {
  return { ...revocationView(found), delivery }
}

function besideRevocation({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}
