/** Reviews of the quality assurance itself and what was done about their findings: plan, do, check, act (ESG 1.9; audit-log §12, J3). */
import { z } from '@hono/zod-openapi'
import { inInstitution, type Tx } from '#db/client.ts'
import { closeAction, type QualityReview, qualityReviews, recordReview, unknownExport } from '#db/quality-reviews.ts'
import { actorOf } from '../caller.ts'
import type { Api } from '../dependencies.ts'
import { idempotencyKey, idUnderKey } from '../idempotency.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare } from '../route.ts'
import { actionClosing, qualityReview, qualityReviewRequest } from '../schemas/quality-review.ts'
import {
  idempotencyHeader,
  inInstitutionPath,
  institutionId,
  limitQuery,
  qualityReviewId,
  repeatableHeader,
} from '../schemas/words.ts'

const tags = ['quality']
const base = '/v1/institutions/{institution}/quality-reviews'

const recording = declare('recordQualityReview', {
  method: 'post',
  path: base,
  summary: 'Record a review of the quality assurance',
  description:
    'Needs Idempotency-Key and a login at most five minutes old. It stands in the institution’s trail and nowhere else; nothing of it can be changed.',
  tags,
  request: { params: inInstitutionPath, headers: idempotencyHeader, body: body(qualityReviewRequest) },
  fails: ['not_found'],
  responses: { 201: answer('Recorded', qualityReview) },
})

const closing = declare('closeQualityAction', {
  method: 'post',
  path: `${base}/{id}/closings`,
  summary: 'Close what a review found to be done',
  description: 'Once for ever: closed otherwise before it is refused.',
  tags,
  request: {
    params: z.object({ institution: institutionId, id: qualityReviewId }),
    headers: repeatableHeader,
    body: body(actionClosing),
  },
  fails: ['not_found', 'wrong_state'],
  responses: { 200: answer('Closed', qualityReview) },
})

const listing = declare('listQualityReviews', {
  method: 'get',
  path: base,
  summary: 'Reviews of the quality assurance, latest first',
  tags,
  request: { params: inInstitutionPath, query: limitQuery },
  responses: { 200: answer('With what is still to be done', z.object({ items: z.array(qualityReview) })) },
})

export function qualityReviewRoutes(app: Api): void {
  app.openapi(recording, async (c) => {
    const { deps, institution, caller } = c.var
    const request = c.req.valid('json')
    const id = idUnderKey('qrev', { scope: institution, person: caller.person, key: idempotencyKey(c) })
    const recorded = await inInstitution(deps.db, institution, async (tx) => {
      const exports = request.looked.flatMap((one) => (one.startsWith('export:') ? [one.slice(7)] : []))
      if ((await unknownExport(tx, exports)) !== undefined) throw new Problem('not_found')
      await recordReview(tx, { id, ...request }, actorOf(caller, tx, 'officer'))
      return demanded(tx, id)
    })
    return c.json(recorded, 201)
  })

  app.openapi(closing, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const request = c.req.valid('json')
    const closed = await inInstitution(deps.db, institution, async (tx) => {
      const { actions } = await demanded(tx, id)
      if (!actions.some(({ action }) => action === request.action)) throw new Problem('not_found')
      if (!(await closeAction(tx, { review: id, ...request }, actorOf(caller, tx, 'officer'))))
        throw new Problem('wrong_state', { members: { state: 'closed' } })
      return demanded(tx, id)
    })
    return c.json(closed, 200)
  })

  app.openapi(listing, async (c) => {
    const { deps, institution } = c.var
    const all = await inInstitution(deps.db, institution, qualityReviews)
    return c.json({ items: all.slice(0, c.req.valid('query').limit) }, 200)
  })
}

/** @throws Problem `not_found` */
async function demanded(tx: Tx, id: string): Promise<QualityReview> {
  const found = (await qualityReviews(tx)).find((one) => one.id === id)
  if (found === undefined) throw new Problem('not_found')
  return found
}
