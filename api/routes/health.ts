/** Is the process alive, and can it do its work? Load balancers ask, and stop sending people to a process that cannot. */
import { z } from '@hono/zod-openapi'
import { listInstitutions } from '#db/client.ts'
import type { Api, ApiDependencies } from '../dependencies.ts'
import { Problem } from '../problem.ts'
import { answer, declare } from '../route.ts'

const health = declare('health', {
  method: 'get',
  path: '/health',
  summary: 'Alive?',
  tags: ['service'],
  responses: { 200: answer('The process answers', z.object({ status: z.literal('alive') })) },
})

const ready = declare('ready', {
  method: 'get',
  path: '/ready',
  summary: 'Ready for work?',
  description: 'Ready as long as the database answers. Without Temporal decisions are recorded and delivered later.',
  tags: ['service'],
  responses: {
    200: answer(
      'The database answers',
      z.object({ status: z.literal('ready'), database: z.literal('up'), temporal: z.enum(['up', 'away']) }),
    ),
  },
})

const patienceMs = 1_000

/** Asked, not assumed: a line that was opened once may be dead. */
async function lineOf(temporal: ApiDependencies['temporal']): Promise<'up' | 'away'> {
  if (temporal === undefined) return 'away'
  const { client } = temporal
  const ask = () => client.workflowService.getSystemInfo({})
  return client.withDeadline(Date.now() + patienceMs, ask).then(
    () => 'up',
    () => 'away',
  )
}

export function healthRoutes(app: Api): void {
  app.openapi(health, (c) => c.json({ status: 'alive' as const }, 200))

  app.openapi(ready, async (c) => {
    const { db, temporal } = c.var.deps
    await listInstitutions(db).catch(() => {
      throw new Problem('unavailable', { headers: { 'retry-after': '5' } })
    })
    return c.json({ status: 'ready' as const, database: 'up' as const, temporal: await lineOf(temporal) }, 200)
  })
}
