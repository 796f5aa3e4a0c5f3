/** A case's trail for those who work with it; that somebody looked is itself an entry (contracts §9). */
import { z } from '@hono/zod-openapi'
import { b64url } from '#audit/digest.ts'
import { parseLeaf } from '#audit/entry.ts'
import { readDisclosures, readTrail } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { readInstitution } from '#db/institution.ts'
import { reachCase, recordViewing } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import type { Caller } from '../identity.ts'
import { answer, declare } from '../route.ts'
import { purpose, trail as trailSchema } from '../schemas/trail.ts'
import { caseId, institutionId } from '../schemas/words.ts'

const showTrail = declare('showTrail', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/trail',
  summary: 'A case’s entries in the audit log',
  tags: ['cases'],
  request: { params: z.object({ institution: institutionId, id: caseId }), query: z.object({ purpose }) },
  responses: { 200: answer('Entries in order', trailSchema) },
})

export function trailRoutes(app: Api): void {
  app.openapi(showTrail, async (c) => {
    const { deps, institution, caller } = c.var
    const request = { caller, id: c.req.valid('param').id, purpose: c.req.valid('query').purpose }
    return c.json(await inInstitution(deps.db, institution, (tx) => trailOf(tx, request)), 200)
  })
}

interface TrailRequest {
  readonly caller: Caller
  readonly id: string
  readonly purpose: string
}

async function trailOf(tx: Tx, { caller, id, purpose: why }: TrailRequest): Promise<z.infer<typeof trailSchema>> {
  const { row, role } = await reachCase(tx, id, caller)
  const { origin } = await readInstitution(tx)
  const entries = await readTrail(tx, row.trail)
  const learner = role === 'officer' ? ((await humansOf(tx, [row.person])).get(row.person) ?? [row.person]) : []
  const disclosures = await readDisclosures(tx, row.trail, learner)
  await recordViewing(tx, { caller, role, caseId: row.id, purpose: why, what: 'trail' })
  return {
    log: origin,
    trail: row.trail,
    entries: entries.map(({ n, leaf, leafHash, at }) => ({
      n,
      leaf: b64url(leaf),
      leafHash: b64url(leafHash),
      at,
      entry: { ...parseLeaf(leaf) },
    })),
    disclosures: disclosures.map(({ n, digest, disclosure }) => ({ n, digest, disclosure })),
  }
}
