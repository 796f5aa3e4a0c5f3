/** Issued cases whose facts turned out wrong, waiting for an officer to replace or revoke (contracts §3, withdrawal). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { listReviews } from '#db/reviews.ts'
import type { Api } from '../dependencies.ts'
import { answer, declare } from '../route.ts'
import { caseId, inInstitutionPath, instant, limitQuery } from '../schemas/words.ts'

const review = z.object({ caseId, because: z.string(), evidenceVersion: z.int(), openedAt: instant }).openapi('Review')

const list = declare('listReviews', {
  method: 'get',
  path: '/v1/institutions/{institution}/reviews',
  summary: 'Issued cases whose facts were taken back, oldest first',
  tags: ['credentials'],
  request: { params: inInstitutionPath, query: limitQuery },
  responses: { 200: answer('What waits for an officer', z.object({ items: z.array(review) })) },
})

export function reviewRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { deps, institution } = c.var
    const items = await inInstitution(deps.db, institution, (tx) => listReviews(tx, c.req.valid('query').limit))
    return c.json({ items }, 200)
  })
}
