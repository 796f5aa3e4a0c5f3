/** The facts of a case: the list tells what there is, reading one shows what it says and leaves a mark (contracts §10). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import type { EvidenceRow } from '#db/evidence.ts'
import { reachCase, recordViewing } from '../case-access.ts'
import { evidenceOf, summaryOf } from '../case-evidence.ts'
import type { Api } from '../dependencies.ts'
import { Problem } from '../problem.ts'
import { answer, declare } from '../route.ts'
import { evidenceSummary } from '../schemas/case.ts'
import { purpose } from '../schemas/trail.ts'
import { caseId, evidenceId, institutionId } from '../schemas/words.ts'

const tags = ['cases']

const list = declare('listEvidence', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/evidence',
  summary: 'What there is about a case, without what it says',
  tags,
  request: { params: z.object({ institution: institutionId, id: caseId }) },
  responses: { 200: answer('Facts, those taken back too', z.object({ items: z.array(evidenceSummary) })) },
})

const evidenceDetail = evidenceSummary
  .extend({
    event: z.unknown().openapi({ description: 'The event as it was accepted' }),
    computed: z.record(z.string(), z.unknown()).openapi({ description: 'What intake computed from it' }),
  })
  .openapi('Evidence')

const read = declare('readEvidence', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/evidence/{evidence}',
  summary: 'One fact as it came; reading is logged',
  tags,
  request: {
    params: z.object({ institution: institutionId, id: caseId, evidence: evidenceId }),
    query: z.object({ purpose }),
  },
  responses: { 200: answer('The fact', evidenceDetail) },
})

export function evidenceRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { deps, institution, caller } = c.var
    const items = await inInstitution(deps.db, institution, async (tx) => {
      const { row } = await reachCase(tx, c.req.valid('param').id, caller)
      return (await evidenceOf(tx, row)).map(summaryOf)
    })
    return c.json({ items }, 200)
  })

  app.openapi(read, async (c) => {
    const { deps, institution, caller } = c.var
    const { id, evidence } = c.req.valid('param')
    const found = await inInstitution(deps.db, institution, async (tx) => {
      const { row, role } = await reachCase(tx, id, caller)
      const fact = (await evidenceOf(tx, row)).find((one) => one.id === evidence)
      if (fact === undefined) throw new Problem('not_found')
      const why = c.req.valid('query').purpose
      await recordViewing(tx, { caller, role, caseId: row.id, purpose: why, what: 'evidence', id: fact.id })
      return fact
    })
    return c.json(detailOf(found), 200)
  })
}

function detailOf(fact: EvidenceRow): z.infer<typeof evidenceDetail> {
  const { event, computed } = fact.body
  return { ...summaryOf(fact), event, computed: { ...computed } }
}
