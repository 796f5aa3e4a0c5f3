/** Changes of the register by two persons: one proposes the whole register, another approves exactly the change they saw. */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { type ListedProposal, listProposals, proposalStates } from '#db/register-proposals.ts'
import type { Api } from '../dependencies.ts'
import { etagOfValue, ifMatch, isKnown, matchCodes } from '../etag.ts'
import { idempotencyKey } from '../idempotency.ts'
import { type From, readPage } from '../pages.ts'
import { proposalDetail, proposalView } from '../register-proposal-view.ts'
import { approveProposal, proposeRegister, refuseProposal, showProposal } from '../register-proposals.ts'
import { answer, body, declare, page, tagged } from '../route.ts'
import { registerChange, registerProposal, registerProposalDetail } from '../schemas/register-proposal.ts'
import {
  code,
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  pageOfItems,
  pageQuery,
  proposalId,
} from '../schemas/words.ts'
import { actHeaders } from '../two-persons.ts'

const tags = ['register']
const base = '/v1/institutions/{institution}/register-proposals'
const params = z.object({ institution: institutionId, id: proposalId })

const proposing = declare('proposeRegister', {
  method: 'post',
  path: base,
  summary: 'Propose a changed register',
  description:
    'The whole register as its files, at most 4 MiB, checked as `bevis registry apply` checks them with every fault at once. Nothing ' +
    'changes until another officer or an operator approves. Needs Idempotency-Key and a login at most five minutes old.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(registerChange) },
  fails: ['register_conflict'],
  responses: { 201: answer('Proposed, with what it would change', registerProposalDetail) },
})

const listing = declare('listRegisterProposals', {
  method: 'get',
  path: base,
  summary: 'Proposed changes of the register, newest first',
  tags,
  request: { params: inInstitutionPath, query: pageQuery.extend({ state: z.enum(proposalStates).optional() }) },
  responses: { 200: page('A page', z.object(pageOfItems(registerProposal))) },
})

const showing = declare('showRegisterProposal', {
  method: 'get',
  path: `${base}/{id}`,
  summary: 'A proposal, and while it waits what it would change now',
  tags,
  request: { params },
  responses: tagged('The proposal', registerProposalDetail),
})

const approving = declare('approveRegisterProposal', {
  method: 'post',
  path: `${base}/{id}/approve`,
  summary: 'Approve a proposal of somebody else, and put it into force',
  description:
    'Never by the proposer. `seen` as shown: when the register has changed since, the change is another one and has to be looked at again. ' +
    'Running cases that stand on something changed are judged again. Needs If-Match with the ETag of the proposal as read, and a login ' +
    'at most five minutes old.',
  tags,
  request: {
    params,
    headers: actHeaders,
    body: body(
      z.strictObject({ seen: z.string().min(1).max(200).openapi({ description: 'As shown with the change' }) }),
    ),
  },
  fails: [...matchCodes, 'own_proposal', 'wrong_state', 'stale', 'register_conflict'],
  responses: { 200: answer('In force', registerProposalDetail) },
})

const refusing = declare('refuseRegisterProposal', {
  method: 'post',
  path: `${base}/{id}/refuse`,
  summary: 'Turn a proposal down, or take one’s own back',
  description: 'Needs If-Match with the ETag of the proposal as read.',
  tags,
  request: {
    params,
    headers: actHeaders,
    body: body(z.strictObject({ reason: code.openapi({ example: 'not-agreed' }) })),
  },
  fails: [...matchCodes, 'wrong_state'],
  responses: { 200: answer('Refused; the register stands', registerProposalDetail) },
})

export function registerProposalRoutes(app: Api): void {
  app.openapi(proposing, async (c) => {
    const { deps, institution, caller } = c.var
    const { files, reason } = c.req.valid('json')
    const request = { caller, key: idempotencyKey(c), files, reason }
    const shown = await inInstitution(deps.db, institution, (tx) => proposeRegister(tx, request))
    return c.json(proposalDetail(shown), 201)
  })

  app.openapi(listing, async (c) => {
    const { state, ...slice } = c.req.valid('query')
    const { items, ...neighbours } = await readPage(c, {
      list: ['register-proposals', state],
      ...slice,
      placeOf: ({ at, proposal }: ListedProposal) => [at, proposal.id],
      read: (tx, { limit, from }) =>
        listProposals(tx, { limit, ...(state && { state }), ...(from && { from: besideProposal(from) }) }),
    })
    return c.json({ items: items.map(({ proposal }) => proposalView(proposal)), ...neighbours }, 200)
  })

  app.openapi(showing, async (c) => {
    const { deps, institution } = c.var
    const { id } = c.req.valid('param')
    const shown = await inInstitution(deps.db, institution, (tx) => showProposal(tx, id))
    const view = proposalDetail(shown)
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })

  app.openapi(approving, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { seen } = c.req.valid('json')
    const request = { caller, id, seen, tag: ifMatch(c) }
    const shown = await inInstitution(deps.db, institution, (tx) => approveProposal(tx, request))
    return c.json(proposalDetail(shown), 200)
  })

  app.openapi(refusing, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const request = { caller, id, reason, tag: ifMatch(c) }
    const shown = await inInstitution(deps.db, institution, (tx) => refuseProposal(tx, request))
    return c.json(proposalDetail(shown), 200)
  })
}

function besideProposal({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}
