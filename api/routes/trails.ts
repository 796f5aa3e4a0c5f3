/** A case's trail for those who work with it; that somebody looked is itself an entry (contracts §9). */
import { z } from '@hono/zod-openapi'
import { b64url } from '#audit/digest.ts'
import { parseLeaf } from '#audit/entry.ts'
import { readDisclosures, type StoredEntry } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { readInstitution } from '#db/institution.ts'
import { isProtected } from '#db/protection.ts'
import { entriesOf } from '#db/queries/trail-page.ts'
import { type ReachableCase, reachCase, recordViewing } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { type From, readPage } from '../pages.ts'
import { declare, page } from '../route.ts'
import { purpose, trailPage } from '../schemas/trail.ts'
import { caseId, institutionId, pageQuery } from '../schemas/words.ts'
import { readingRecord } from '../stored-log.ts'

const showTrail = declare('showTrail', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/trail',
  summary: 'A case’s entries in the audit log, oldest first',
  description: 'Page after page; each look is logged. The disclosures of a page are those of its entries.',
  tags: ['cases'],
  request: { params: z.object({ institution: institutionId, id: caseId }), query: pageQuery.extend({ purpose }) },
  fails: ['record_damaged'],
  responses: { 200: page('A page of the trail', trailPage) },
})

export function trailRoutes(app: Api): void {
  app.openapi(showTrail, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { purpose: why, ...slice } = c.req.valid('query')
    const looked = await inInstitution(deps.db, institution, async (tx) => {
      const { row, role } = await reachCase(tx, id, caller)
      await recordViewing(tx, { caller, role, caseId: row.id, purpose: why, what: 'trail' })
      const isHidden = !caller.roles.includes('privacy') && (await isProtected(tx, [row.person]))
      return { row, role, isHidden, log: (await readInstitution(tx)).origin }
    })
    const { trail } = looked.row
    const { items, ...neighbours } = await readPage(c, {
      list: ['trail', id],
      ...slice,
      placeOf: ({ entry }: ShownEntry) => [String(entry.n)],
      read: async (tx, { limit, from }) =>
        opened(tx, looked, await entriesOf(tx, trail, { limit, ...(from && { from: besideEntry(from) }) })),
    })
    const shown = await readingRecord(`trails/${trail}`, async () => ({
      entries: items.map(({ entry }) => viewOf(entry)),
      disclosures: items.flatMap((one) => one.disclosures),
      withheld: items.flatMap((one) => withheldFrom(one, looked)),
    }))
    return c.json({ log: looked.log, trail, ...shown, ...neighbours }, 200)
  })
}

type Looked = ReachableCase & { readonly isHidden: boolean }

interface ShownEntry {
  readonly entry: StoredEntry
  readonly disclosures: readonly { readonly n: number; readonly digest: string; readonly disclosure: string }[]
}

/** With what stands behind their digests, for officers; an approver sees the digests. */
async function opened(tx: Tx, { row, role, isHidden }: Looked, entries: readonly StoredEntry[]): Promise<ShownEntry[]> {
  const learner =
    role === 'officer' && !isHidden ? ((await humansOf(tx, [row.person])).get(row.person) ?? [row.person]) : []
  const numbers = entries.map(({ n }) => n)
  const found = (await readDisclosures(tx, row.trail, learner, numbers)).map(({ n, digest, disclosure }) => ({
    n,
    digest,
    disclosure,
  }))
  return entries.map((entry) => ({ entry, disclosures: found.filter(({ n }) => n === entry.n) }))
}

/** An officer is shown all there is, so what is not there is erased. */
function withheldFrom({ entry: { n, leaf }, disclosures }: ShownEntry, { role, isHidden }: Looked) {
  const why = isHidden ? ('protected' as const) : role === 'officer' ? ('erased' as const) : ('role' as const)
  const shown = new Set(disclosures.map(({ digest }) => digest))
  return (parseLeaf(leaf)._sd ?? []).filter((digest) => !shown.has(digest)).map((digest) => ({ n, digest, why }))
}

function viewOf({ n, leaf, leafHash, at }: StoredEntry): z.infer<typeof trailPage>['entries'][number] {
  return { n, leaf: b64url(leaf), leafHash: b64url(leafHash), at, entry: { ...parseLeaf(leaf) } }
}

function besideEntry({ place: [n = '0'], backwards }: From) {
  return { n: Number(n), backwards }
}
