/** Changes of the register by two persons: one proposes the whole register, another approves exactly the change they saw. */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { type ListedProposal, listProposals, proposalStates, type RegisterProposal } from '#db/register-proposals.ts'
import type { Api } from '../dependencies.ts'
import { idempotencyKey } from '../idempotency.ts'
import { type From, linkPages, pageOf, readFrom } from '../pages.ts'
import {
  approveProposal,
  proposeRegister,
  refuseProposal,
  type ShownProposal,
  showProposal,
} from '../register-proposals.ts'
import { answer, body, declare, page } from '../route.ts'
import { registerChange, registerProposal, registerProposalDetail } from '../schemas/register-proposal.ts'
import {
  code,
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  pageOfItems,
  pageQuery,
  proposalId,
  repeatableHeader,
} from '../schemas/words.ts'

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
  responses: { 200: answer('The proposal', registerProposalDetail) },
})

const approving = declare('approveRegisterProposal', {
  method: 'post',
  path: `${base}/{id}/approve`,
  summary: 'Approve a proposal of somebody else, and put it into force',
  description:
    'Never by the proposer. `seen` as shown: when the register has changed since, the change is another one and has to be looked at again. ' +
    'Running cases that stand on something changed are judged again. Needs a login at most five minutes old.',
  tags,
  request: {
    params,
    headers: repeatableHeader,
    body: body(z.object({ seen: z.string().min(1).max(200).openapi({ description: 'As shown with the change' }) })),
  },
  fails: ['own_proposal', 'wrong_state', 'stale', 'register_conflict'],
  responses: { 200: answer('In force', registerProposalDetail) },
})

const refusing = declare('refuseRegisterProposal', {
  method: 'post',
  path: `${base}/{id}/refuse`,
  summary: 'Turn a proposal down, or take one’s own back',
  tags,
  request: {
    params,
    headers: repeatableHeader,
    body: body(z.object({ reason: code.openapi({ example: 'not-agreed' }) })),
  },
  fails: ['wrong_state'],
  responses: { 200: answer('Refused; the register stands', registerProposalDetail) },
})

export function registerProposalRoutes(app: Api): void {
  app.openapi(proposing, async (c) => {
    const { deps, institution, caller } = c.var
    const { files, reason } = c.req.valid('json')
    const request = { caller, key: idempotencyKey(c), files, reason }
    const shown = await inInstitution(deps.db, institution, (tx) => proposeRegister(tx, request))
    return c.json(detailOf(shown), 201)
  })

  app.openapi(listing, async (c) => {
    const { deps, institution } = c.var
    const { limit, cursor, state } = c.req.valid('query')
    const scope = { keys: deps.db.keys, institution, list: JSON.stringify(['register-proposals', state]) }
    const from = readFrom(scope, cursor)
    const slice = { limit: limit + 1, ...(state && { state }), ...(from && { from: besideProposal(from) }) }
    const rows = await inInstitution(deps.db, institution, (tx) => listProposals(tx, slice))
    const { items, ...neighbours } = pageOf(rows, limit, { scope, placeOf, from })
    linkPages(c, neighbours)
    return c.json({ items: items.map(({ proposal }) => viewOf(proposal)), ...neighbours }, 200)
  })

  app.openapi(showing, async (c) => {
    const { deps, institution } = c.var
    const { id } = c.req.valid('param')
    const shown = await inInstitution(deps.db, institution, (tx) => showProposal(tx, id))
    return c.json(detailOf(shown), 200)
  })

  app.openapi(approving, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { seen } = c.req.valid('json')
    const shown = await inInstitution(deps.db, institution, (tx) => approveProposal(tx, { caller, id, seen }))
    return c.json(detailOf(shown), 200)
  })

  app.openapi(refusing, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const shown = await inInstitution(deps.db, institution, (tx) => refuseProposal(tx, { caller, id, reason }))
    return c.json(detailOf(shown), 200)
  })
}

function viewOf({ decided, ...proposal }: RegisterProposal): z.infer<typeof registerProposal> {
  return { ...proposal, ...(decided === undefined ? {} : { decidedBy: decided.by, decidedAt: decided.at }) }
}

function detailOf({ proposal, change }: ShownProposal): z.infer<typeof registerProposalDetail> {
  if (change === undefined) return viewOf(proposal)
  const { revision, declaration, items, people, conflicts } = change.diff
  return {
    ...viewOf(proposal),
    seen: change.seen,
    diff: {
      revision,
      declaration: declaration.map((field) => ({ ...field })),
      items: items.map((item) => ({ ...item, fields: item.fields.map((field) => ({ ...field })) })),
      people: [...people],
      conflicts: conflicts.map(({ code: why, about }) => ({ code: why, about: [...about] })),
    },
  }
}

function placeOf({ at, proposal }: ListedProposal): string[] {
  return [at, proposal.id]
}

function besideProposal({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}
