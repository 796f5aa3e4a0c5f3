/** How the institution's issuing goes: numbers for officers and operators, none of which tells about a single learner. */
import { z } from '@hono/zod-openapi'
import { databaseNow, inInstitution } from '#db/client.ts'
import { type CountedBy, countsOf, type Duration, durationsOf, stretches } from '#db/queries/statistics.ts'
import { smallest, tellCounts } from '#domain/small-counts.ts'
import { plusSeconds } from '#domain/time.ts'
import type { Api } from '../dependencies.ts'
import { answer, declare } from '../route.ts'
import { inInstitutionPath, instant, moment } from '../schemas/words.ts'

const count = z.object({
  name: z.string(),
  count: z
    .int()
    .nullable()
    .openapi({ description: `Null where it would single out fewer than ${smallest}` }),
})
const counts = z.array(count)

const duration = z.object({
  stretch: z.enum(stretches),
  cases: z.int(),
  median: z.number().openapi({ description: 'Seconds' }),
  p90: z.number().openapi({ description: 'Seconds' }),
})

const statistics = z
  .object({
    from: instant,
    until: instant,
    smallest: z.int().openapi({ description: 'Counts below this are not told, nor what would let them be computed' }),
    counts: z.object({
      state: counts,
      band: counts,
      achievement: counts,
      month: counts,
      waitingFor: counts,
      refusedBy: counts.openapi({ description: 'Rules not met by cases that were refused, stopped, or wait' }),
    }),
    durations: z.array(duration),
  })
  .openapi('Statistics')

const show = declare('showStatistics', {
  method: 'get',
  path: '/v1/institutions/{institution}/statistics',
  summary: 'Counts, durations, waits and reasons of the cases opened in a period',
  description: 'Default: the last 365 days, without tests. Counts that could single out a person are null.',
  tags: ['statistics'],
  request: {
    params: inInstitutionPath,
    query: z.object({
      from: moment.optional(),
      until: moment.optional().openapi({ description: 'Exclusive' }),
      achievement: z.string().min(1).max(200).optional(),
      test: z.enum(['true', 'false']).default('false').openapi({ description: 'Test cases instead of real ones' }),
    }),
  },
  responses: { 200: answer('The numbers', statistics) },
})

const year = 365 * 86_400

export function statisticsRoutes(app: Api): void {
  app.openapi(show, async (c) => {
    const { deps, institution } = c.var
    const { from, until, achievement, test } = c.req.valid('query')
    const told = await inInstitution(deps.db, institution, async (tx) => {
      const end = until ?? (await databaseNow(tx))
      const period = { from: from ?? plusSeconds(end, -year), until: end }
      const filter = { ...period, test: test === 'true', ...(achievement && { achievement }) }
      const counted = await countsOf(tx, filter)
      const durations = (await durationsOf(tx, filter)).filter(isOfMany)
      return { ...period, counted, durations }
    })
    const { counted, durations, ...period } = told
    const of = (by: CountedBy) => tellCounts(counted[by])
    const counts = {
      state: of('state'),
      band: of('band'),
      achievement: of('achievement'),
      month: of('month'),
      waitingFor: of('waitingFor'),
      refusedBy: of('refusedBy'),
    }
    return c.json({ ...period, smallest, counts, durations }, 200)
  })
}

/** The median of two is almost one of them. */
function isOfMany({ cases }: Duration): boolean {
  return cases >= smallest
}
