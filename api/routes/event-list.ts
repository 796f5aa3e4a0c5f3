/** Events that were taken in, for those who answer a sender: is it here, and what became of it (contracts §3)? */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { openPayload } from '#db/inbox.ts'
import { type Fate, type TakenEvent, takenEvent, takenEvents } from '#db/queries/events.ts'
import { recordViewing } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { demandOpenBytes } from '../masking.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { answer, declare, page } from '../route.ts'
import { takenEventDetail as detail, takenEvent as event, eventKey, eventKinds, eventStates } from '../schemas/event.ts'
import { purpose } from '../schemas/trail.ts'
import { inInstitutionPath, institutionId, moment, pageOfItems, pageQuery } from '../schemas/words.ts'

const tags = ['events']
const params = z.object({ institution: institutionId, key: eventKey })

const list = declare('listEvents', {
  method: 'get',
  path: '/v1/institutions/{institution}/events',
  summary: 'Events that were taken in, newest first',
  tags,
  request: {
    params: inInstitutionPath,
    query: pageQuery.extend({
      source: z.string().min(1).max(200).optional().openapi({ description: 'The emitter’s id' }),
      state: z.enum(eventStates).optional(),
      kind: z.enum(eventKinds).optional(),
      from: moment.optional(),
      until: moment.optional().openapi({ description: 'Exclusive' }),
    }),
  },
  responses: { 200: page('A page', z.object(pageOfItems(event))) },
})

const show = declare('showEvent', {
  method: 'get',
  path: '/v1/institutions/{institution}/events/{key}',
  summary: 'One event and what became of it, without what it says',
  tags,
  request: { params },
  responses: { 200: answer('The event', detail) },
})

const payload = z.object({ payload: z.string().openapi({ description: 'The bytes as they came, base64url' }) })

const read = declare('readEvent', {
  method: 'get',
  path: '/v1/institutions/{institution}/events/{key}/payload',
  summary: 'What an event says, as it came; reading is logged',
  tags,
  request: { params, query: z.object({ purpose }) },
  fails: ['protected_identity'],
  responses: { 200: answer('The bytes', payload) },
})

export function eventListRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { source, state, kind, from: since, until, ...slice } = c.req.valid('query')
    const filter = {
      ...(source && { source }),
      ...(state && { state }),
      ...(kind && { kind }),
      received: { ...(since && { from: since }), ...(until && { until }) },
    }
    const { items, ...neighbours } = await readPage(c, {
      list: ['events', source, state, kind, since, until],
      ...slice,
      placeOf: ({ at, key }: TakenEvent) => [at, key],
      read: (tx, { limit, from }) => takenEvents(tx, filter, { limit, ...(from && { from: besideEvent(from) }) }),
    })
    return c.json({ items: items.map(viewOf), ...neighbours }, 200)
  })

  app.openapi(show, async (c) => {
    const { deps, institution } = c.var
    const found = await inInstitution(deps.db, institution, (tx) => takenEvent(tx, c.req.valid('param').key))
    if (found === undefined) throw new Problem('not_found')
    return c.json({ ...viewOf(found.event), ...fateOf(found.fate) }, 200)
  })

  app.openapi(read, async (c) => {
    const { deps, institution, caller } = c.var
    const { key } = c.req.valid('param')
    const why = c.req.valid('query').purpose
    const bytes = await inInstitution(deps.db, institution, async (tx) => {
      const opened = await openPayload(tx, key)
      if (opened === undefined) throw new Problem('not_found')
      await demandOpenBytes(tx, caller, opened)
      await recordViewing(tx, { caller, role: 'officer', purpose: why, what: 'event', id: key })
      return opened
    })
    return c.json({ payload: Buffer.from(bytes).toString('base64url') }, 200)
  })
}

function besideEvent({ place: [at = '', key = ''], backwards }: From) {
  return { at, key, backwards }
}

function viewOf(taken: TakenEvent): z.infer<typeof event> {
  const { at: _, ...view } = taken
  return view
}

function fateOf(fate: Fate | undefined) {
  if (fate === undefined) return { cases: [] }
  const { fact, opened, cases } = fate
  return {
    evidence: fact.id,
    occurredAt: fact.occurredAt,
    ...(fact.withdrawnBy === undefined ? {} : { withdrawnBy: fact.withdrawnBy }),
    ...(opened === undefined ? {} : { opened }),
    cases: [...cases],
  }
}
