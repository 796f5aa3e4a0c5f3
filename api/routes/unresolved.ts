/** Events whose learner nobody knows, waiting visibly until an officer or the register says who it is (contracts §3, join). */
import { z } from '@hono/zod-openapi'
import { type UnresolvedEvent, unresolvedEvents } from '#db/queries/unresolved.ts'
import type { Api } from '../dependencies.ts'
import { type From, readPage } from '../pages.ts'
import { declare, page } from '../route.ts'
import { inInstitutionPath, instant, pageOfItems, pageQuery } from '../schemas/words.ts'

const unresolved = z
  .object({
    key: z.string().openapi({ description: 'Event key, hexadecimal' }),
    source: z.string(),
    kind: z.string(),
    learner: z
      .string()
      .openapi({ description: 'The same for all events about the same unknown learner; says nothing else' }),
    receivedAt: instant,
    repeats: z.int(),
  })
  .openapi('UnresolvedEvent')

const list = declare('listUnresolvedEvents', {
  method: 'get',
  path: '/v1/institutions/{institution}/unresolved-events',
  summary: 'Events whose learner is not known, oldest first',
  tags: ['events'],
  request: { params: inInstitutionPath, query: pageQuery },
  responses: { 200: page('A page', z.object(pageOfItems(unresolved))) },
})

export function unresolvedRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { items, ...neighbours } = await readPage(c, {
      list: ['unresolved-events'],
      ...c.req.valid('query'),
      placeOf: ({ at, key }: UnresolvedEvent) => [at, key],
      read: (tx, { limit, from }) => unresolvedEvents(tx, { limit, ...(from && { from: besideEvent(from) }) }),
    })
    return c.json({ items: items.map(viewOf), ...neighbours }, 200)
  })
}

function besideEvent({ place: [at = '', key = ''], backwards }: From) {
  return { at, key, backwards }
}

function viewOf({ key, source, kind, learner, receivedAt, repeats }: UnresolvedEvent): z.infer<typeof unresolved> {
  return { key, source, kind, learner, receivedAt, repeats }
}
