/** One case, with all that a decision on it must stand on (contracts §7). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { reachCase } from '../case-access.ts'
import { detailOfCase, etagOf } from '../case-view.ts'
import type { Api } from '../dependencies.ts'
import { answer, declare } from '../route.ts'
import { caseDetail } from '../schemas/case.ts'
import { caseId, institutionId } from '../schemas/words.ts'

const show = declare('showCase', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}',
  summary: 'A case as its decider is shown it',
  description: 'Send `seen` and the ETag back with a decision: it then stands on exactly this.',
  tags: ['cases'],
  request: { params: z.object({ institution: institutionId, id: caseId }) },
  responses: {
    200: { ...answer('The case', caseDetail), headers: z.object({ etag: z.string() }) },
    304: { description: 'Unchanged since the ETag in If-None-Match' },
  },
})

export function caseRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const { deps, institution, caller } = c.var
    const detail = await inInstitution(deps.db, institution, async (tx) => {
      const { row } = await reachCase(tx, c.req.valid('param').id, caller)
      return detailOfCase(tx, row)
    })
    const etag = etagOf(detail)
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, { etag })
    return c.json(detail, 200, { etag })
  })
}
