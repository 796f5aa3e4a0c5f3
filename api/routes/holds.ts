/** Legal holds: placed and lifted by a privacy officer; while one stands nothing it covers is erased (GDPR Art. 17(3)(e)). */
import { z } from '@hono/zod-openapi'
import { appendEntries } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { type Hold, liftHold, listHolds, placeHold, readHold } from '#db/holds.ts'
import { readInstitution } from '#db/institution.ts'
import { actorOf } from '../caller.ts'
import type { Api } from '../dependencies.ts'
import { caseMeant, personAbout } from '../erasures.ts'
import { idempotencyKey, idUnderKey } from '../idempotency.ts'
import type { Caller } from '../identity.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare } from '../route.ts'
import { hold, holdRequest, lifting } from '../schemas/hold.ts'
import {
  holdId,
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  limitQuery,
  repeatableHeader,
} from '../schemas/words.ts'

const tags = ['privacy']
const base = '/v1/institutions/{institution}/holds'

const placing = declare('placeHold', {
  method: 'post',
  path: base,
  summary: 'Let nothing about a person or a case be erased',
  description: 'Needs Idempotency-Key and a login at most five minutes old. It also stops erasures that are approved.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(holdRequest) },
  fails: ['not_found'],
  responses: { 201: answer('It stands until it is lifted', hold) },
})

const lift = declare('liftHold', {
  method: 'post',
  path: `${base}/{id}/lift`,
  summary: 'Lift a hold',
  tags,
  request: {
    params: z.object({ institution: institutionId, id: holdId }),
    headers: repeatableHeader,
    body: body(lifting),
  },
  fails: ['wrong_state'],
  responses: { 200: answer('Lifted', hold) },
})

const listing = declare('listHolds', {
  method: 'get',
  path: base,
  summary: 'Holds: those that stand first, then the latest',
  tags,
  request: { params: inInstitutionPath, query: limitQuery },
  responses: { 200: answer('What may not be erased, and what might not', z.object({ items: z.array(hold) })) },
})

export function holdRoutes(app: Api): void {
  app.openapi(placing, async (c) => {
    const { deps, institution, caller } = c.var
    const request = c.req.valid('json')
    const { reason, decision } = request
    const placed = await inInstitution(deps.db, institution, async (tx) => {
      const person = await personAbout(tx, request)
      const id = idUnderKey('hold', { scope: institution, person: caller.person, key: idempotencyKey(c) })
      const draft = { id, person, ...caseMeant(request), reason, decision, placedBy: caller.person }
      const { hold: stored, isNew } = await placeHold(tx, draft)
      if (isNew) await record(tx, caller, { hold: stored, what: 'placed', decision })
      return stored
    })
    return c.json(placed, 201)
  })

  app.openapi(lift, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { decision } = c.req.valid('json')
    const lifted = await inInstitution(deps.db, institution, async (tx) => {
      const found = await readHold(tx, id)
      if (found === undefined) throw new Problem('not_found')
      if (!(await liftHold(tx, { id, by: caller.person, decision })))
        throw new Problem('wrong_state', { members: { state: 'lifted' } })
      await record(tx, caller, { hold: found, what: 'lifted', decision })
      return (await readHold(tx, id)) ?? found
    })
    return c.json(lifted, 200)
  })

  app.openapi(listing, async (c) => {
    const { deps, institution } = c.var
    const items = await inInstitution(deps.db, institution, (tx) => listHolds(tx, c.req.valid('query').limit))
    return c.json({ items }, 200)
  })
}

async function record(
  tx: Tx,
  caller: Caller,
  {
    hold: { id, reason },
    what,
    decision,
  }: { readonly hold: Hold; readonly what: 'placed' | 'lifted'; readonly decision: string },
): Promise<void> {
  const { trail } = await readInstitution(tx)
  await appendEntries(tx, [
    {
      trail,
      id: `${id}:${what}`,
      type: `hold.${what}/1`,
      actor: actorOf(caller, tx, 'privacy-officer'),
      act: { meaning: `hold-${what}`, outcome: 'success', reason },
      data: { hold: id, decision },
    },
  ])
}
