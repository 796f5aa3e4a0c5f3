/** Whether the record agrees with itself, asked for at any time; a night's answer stands in the institution's trail. */
import { z } from '@hono/zod-openapi'
import { databaseNow, inInstitution } from '#db/client.ts'
import { reconcile, usualGraceSeconds } from '#db/queries/reconciliation.ts'
import type { Api } from '../dependencies.ts'
import { answer, declare } from '../route.ts'
import { reconciliation } from '../schemas/reconciliation.ts'
import { inInstitutionPath } from '../schemas/words.ts'

const show = declare('reconciliation', {
  method: 'get',
  path: '/v1/institutions/{institution}/reconciliation',
  summary: 'Gaps in what sources sent; signatures, trails, status lists and the log held against each other',
  tags: ['events'],
  request: {
    params: inInstitutionPath,
    query: z.object({
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(200)
        .default(50)
        .openapi({ description: 'Gaps, and discrepancies of each kind' }),
    }),
  },
  responses: { 200: answer('What was found', reconciliation) },
})

export function reconciliationRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const { deps, institution } = c.var
    const found = await inInstitution(deps.db, institution, async (tx) => ({
      at: await databaseNow(tx),
      ...(await reconcile(tx, { limit: c.req.valid('query').limit, graceSeconds: usualGraceSeconds })),
    }))
    const { at, sources, gaps, discrepancies, more } = found
    const agrees = discrepancies.length === 0 && !gaps.some(({ overdue }) => overdue)
    return c.json({ at, agrees, sources: [...sources], gaps: [...gaps], discrepancies: [...discrepancies], more }, 200)
  })
}
