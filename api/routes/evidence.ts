/** The facts of a case: the list tells what there is, reading one shows what it says and leaves a mark (contracts §10). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { type EvidenceRow, evidenceById } from '#db/evidence.ts'
import { isProtected } from '#db/protection.ts'
import { factsOfCase, type ListedFact } from '#db/queries/case-evidence.ts'
import { reachCase, recordViewing } from '../case-access.ts'
import { summaryOf } from '../case-evidence.ts'
import type { Api } from '../dependencies.ts'
import { demandOpen } from '../masking.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { answer, declare, page } from '../route.ts'
import { evidenceSummary } from '../schemas/case.ts'
import { purpose } from '../schemas/trail.ts'
import { caseId, evidenceId, institutionId, pageOfItems, pageQuery } from '../schemas/words.ts'

const tags = ['cases']

const list = declare('listEvidence', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/evidence',
  summary: 'What there is about a case, without what it says, in the order it came',
  tags,
  request: { params: z.object({ institution: institutionId, id: caseId }), query: pageQuery },
  responses: { 200: page('Facts, those taken back too', z.object(pageOfItems(evidenceSummary))) },
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
  fails: ['protected_identity'],
  responses: { 200: answer('The fact', evidenceDetail) },
})

export function evidenceRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { caller } = c.var
    const { id } = c.req.valid('param')
    let isHidden = false
    const { items, ...neighbours } = await readPage(c, {
      list: ['evidence', id],
      ...c.req.valid('query'),
      placeOf: ({ at, fact }: ListedFact) => [at, fact.id],
      read: async (tx, { limit, from }) => {
        const { row } = await reachCase(tx, id, caller)
        isHidden = await isProtected(tx, [row.person])
        return factsOfCase(tx, row, { limit, ...(from && { from: besideFact(from) }) })
      },
    })
    return c.json({ items: items.map(({ fact }) => summaryOf(fact, isHidden)), ...neighbours }, 200)
  })

  app.openapi(read, async (c) => {
    const { deps, institution, caller } = c.var
    const { id, evidence } = c.req.valid('param')
    const found = await inInstitution(deps.db, institution, async (tx) => {
      const { row, role } = await reachCase(tx, id, caller)
      const own = (await factsOfCase(tx, row)).find(({ fact: one }) => one.id === evidence)
      const [fact] = own === undefined ? [] : await evidenceById(tx, [own.fact.id])
      if (fact === undefined) throw new Problem('not_found')
      await demandOpen(tx, caller, [row.person])
      const why = c.req.valid('query').purpose
      await recordViewing(tx, { caller, role, caseId: row.id, purpose: why, what: 'evidence', id: fact.id })
      return fact
    })
    return c.json(detailOf(found), 200)
  })
}

function detailOf(fact: EvidenceRow): z.infer<typeof evidenceDetail> {
  const { event } = fact.body
  // Who reads a fact need not see a name, and of somebody with protected identity nobody may.
  const { personal: _, ...computed } = fact.body.computed
  return { ...summaryOf(fact, false), event, computed }
}

function besideFact({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}
