/** Events whose learner nobody knows, waiting visibly until an officer or the register says who it is (contracts §3, join). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { unresolvedEvents } from '#db/queries/unresolved.ts'
import { as, type Instant } from '#domain/words.ts'
import { readCursor } from '../cursor.ts'
import type { Api } from '../dependencies.ts'
import { pageOf } from '../pages.ts'
import { answer, declare } from '../route.ts'
import { inInstitutionPath, instant, pageQuery } from '../schemas/words.ts'

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
  responses: { 200: answer('A page', z.object({ items: z.array(unresolved), next: z.string().nullable() })) },
})

export function unresolvedRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { deps, institution } = c.var
    const { limit, cursor } = c.req.valid('query')
    const scope = { keys: deps.db.keys, institution, list: 'unresolved-events' }
    const after = cursor === undefined ? undefined : placeIn(readCursor(scope, cursor))
    const rows = await inInstitution(deps.db, institution, (tx) =>
      unresolvedEvents(tx, { limit: limit + 1, ...(after === undefined ? {} : { after }) }),
    )
    return c.json(pageOf(rows, limit, { scope, placeOf: (last) => [last.receivedAt, last.key] }), 200)
  })
}

function placeIn([receivedAt = '', key = '']: readonly string[]): { receivedAt: Instant; key: string } {
  return { receivedAt: as<Instant>(receivedAt), key }
}
