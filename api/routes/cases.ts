/** One case, with all that a decision on it must stand on (contracts §7). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { reachCase, recordLook } from '../case-access.ts'
import { detailOfCase, etagOf } from '../case-view.ts'
import type { Api } from '../dependencies.ts'
import { isKnown } from '../etag.ts'
import { declare, tagged } from '../route.ts'
import { caseDetail } from '../schemas/case.ts'
import { purpose } from '../schemas/trail.ts'
import { caseId, institutionId } from '../schemas/words.ts'

const show = declare('showCase', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}',
  summary: 'A case as its decider is shown it',
  description:
    'Send `seen` and the ETag back with a decision: it then stands on exactly this. Looking is logged, once per login and purpose.',
  tags: ['cases'],
  request: { params: z.object({ institution: institutionId, id: caseId }), query: z.object({ purpose }) },
  responses: tagged('The case', caseDetail),
})

export function caseRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const { deps, institution, caller } = c.var
    const { purpose: why } = c.req.valid('query')
    const { detail, etag, isUnchanged } = await inInstitution(deps.db, institution, async (tx) => {
      const { row, role } = await reachCase(tx, c.req.valid('param').id, caller)
      const shown = await detailOfCase(tx, row)
      const tag = etagOf(shown)
      const known = isKnown(c, tag)
      // Nothing is shown, so nobody has looked.
      if (!known) await recordLook(tx, { caller, role, caseId: row.id, purpose: why })
      return { detail: shown, etag: tag, isUnchanged: known }
    })
    return isUnchanged ? c.body(null, 304, { etag }) : c.json(detail, 200, { etag })
  })
}
