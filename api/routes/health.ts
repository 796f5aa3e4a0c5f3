/** Is the process alive, and can it do its work? Load balancers ask, and stop sending people to a process that cannot. */
import { z } from '@hono/zod-openapi'
import { type Check, readiness } from '#connectors/platform/readiness.ts'
import { temporalCheck } from '#connectors/platform/temporal.ts'
import { databaseChecks } from '#db/ready.ts'
import type { Api, ApiDependencies } from '../dependencies.ts'
import { declare } from '../route.ts'

const said = (description: string) => ({ description, content: { 'text/plain': { schema: z.string() } } })
const asked = z.object({
  verbose: z.string().max(10).optional().openapi({ description: 'One line per check, also where all is well' }),
})
const readyAnswers = {
  200: said('`ok`, or one line per check'),
  503: said('One line per check; `[-]` is what is missing'),
}

const alive = declare('alive', {
  method: 'get',
  path: '/livez',
  summary: 'Alive?',
  description: 'Asks nothing of anybody: the process answers.',
  tags: ['service'],
  responses: { 200: said('`ok`') },
})

const ready = declare('ready', {
  method: 'get',
  path: '/readyz',
  summary: 'Ready for work?',
  description:
    'Ready as long as the database answers and is migrated. Without Temporal decisions are recorded and wait.',
  tags: ['service'],
  request: { query: asked },
  responses: readyAnswers,
})

const readyToVerify = declare('readyToVerify', {
  method: 'get',
  path: '/readyz/verification',
  summary: 'Ready for verifiers?',
  description:
    'What issuer documents, status lists and verification need: the database alone, neither Temporal nor NATS.',
  tags: ['service'],
  request: { query: asked },
  responses: readyAnswers,
})

/** What the API needs; without Temporal nobody is turned away, so it is told and no reason to be unready. */
export function apiChecks({ db, temporal }: ApiDependencies): Check[] {
  const line: Check = temporal === undefined ? { name: 'temporal', ask: away } : temporalCheck(temporal.client)
  return [...databaseChecks(db), { ...line, optional: true }]
}

class Away extends Error {
  override readonly name = 'away'
}

async function away(): Promise<never> {
  throw new Away()
}

export function healthRoutes(app: Api): void {
  app.openapi(alive, (c) => c.text('ok\n', 200))

  app.openapi(ready, async (c) => {
    const { deps } = c.var
    const report = await readiness(apiChecks(deps), deps.ending)
    if (!report.ready) return c.text(report.text, 503)
    return c.text(c.req.valid('query').verbose === undefined ? 'ok\n' : report.text, 200)
  })

  app.openapi(readyToVerify, async (c) => {
    const { deps } = c.var
    const report = await readiness(databaseChecks(deps.db), deps.ending)
    if (!report.ready) return c.text(report.text, 503)
    return c.text(c.req.valid('query').verbose === undefined ? 'ok\n' : report.text, 200)
  })
}
