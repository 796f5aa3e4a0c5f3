/** What can be earned here, and what each band demands: what an examiner or an emitter must know before there is a case. */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { profilesInForce } from '#db/profiles.ts'
import { publishedAchievements } from '#db/queries/achievements.ts'
import { type ItemVersion, itemHistory } from '#db/queries/register.ts'
import { achievementItemId } from '#db/register-items.ts'
import { levels } from '#domain/policy/levels.ts'
import type { Cell, Profile, Profiles } from '#domain/policy/profile.ts'
import type { Achievement } from '#domain/register.ts'
import { type Band, bands } from '#domain/words.ts'
import type { Api } from '../dependencies.ts'
import { etagOfValue, isKnown } from '../etag.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { declare, page, tagged } from '../route.ts'
import { achievementSummary, achievementVersion, profile } from '../schemas/register.ts'
import { band, inInstitutionPath, institutionId, largestInteger, pageOfItems, pageQuery } from '../schemas/words.ts'

const base = '/v1/institutions/{institution}'
const tags = ['achievements']

const list = declare('listAchievements', {
  method: 'get',
  path: `${base}/achievements`,
  summary: 'What can be earned: every version in force, by id',
  tags,
  request: {
    params: inInstitutionPath,
    query: pageQuery.extend({ band: band.optional(), achievement: z.string().min(1).max(200).optional() }),
  },
  responses: { 200: page('A page', z.object(pageOfItems(achievementSummary))) },
})

const show = declare('showAchievement', {
  method: 'get',
  path: `${base}/achievements/{achievement}/versions/{version}`,
  summary: 'One version, in force or not: a case keeps the version it began with',
  tags,
  request: {
    params: z.object({
      institution: institutionId,
      achievement: z.string().min(1).max(200),
      version: z.coerce.number().int().min(1).max(largestInteger),
    }),
  },
  responses: tagged('The version', achievementVersion),
})

const profiles = declare('listProfiles', {
  method: 'get',
  path: `${base}/profiles`,
  summary: 'What each band demands here, tightenings included',
  tags,
  request: { params: inInstitutionPath },
  responses: tagged('Highest band first', z.object({ items: z.array(profile) })),
})

const showProfile = declare('showProfile', {
  method: 'get',
  path: `${base}/profiles/{band}`,
  summary: 'What one band demands here',
  tags,
  request: { params: z.object({ institution: institutionId, band }) },
  responses: tagged('The demands, cell by cell', profile),
})

const table = declare('levelTable', {
  method: 'get',
  path: '/v1/levels',
  summary: 'The level table as data: what each band demands before anybody tightens it',
  tags: ['public'],
  responses: tagged('Highest band first', z.object({ items: z.array(profile) })),
})

export function achievementRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { band: of, achievement: id, ...slice } = c.req.valid('query')
    const filter = { ...(of && { band: of }), ...(id && { id }) }
    const { items, ...neighbours } = await readPage(c, {
      list: ['achievements', of, id],
      ...slice,
      placeOf: (one: ItemVersion) => [one.id],
      read: (tx, { limit, from }) =>
        publishedAchievements(tx, filter, { limit, ...(from && { from: besideId(from) }) }),
    })
    return c.json({ items: items.map(summaryOf), ...neighbours }, 200)
  })

  app.openapi(show, async (c) => {
    const { deps, institution } = c.var
    const { achievement: id, version } = c.req.valid('param')
    const itemId = achievementItemId(id, version)
    const [latest] = await inInstitution(deps.db, institution, (tx) => itemHistory(tx, 'achievement', itemId))
    if (latest === undefined) throw new Problem('not_found')
    const view = { ...summaryOf(latest), body: { ...latest.body } }
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })

  app.openapi(profiles, async (c) => {
    const { deps, institution } = c.var
    const inForce = await inInstitution(deps.db, institution, profilesInForce)
    const view = { items: bands.map((one) => profileOf(inForce, one)) }
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })

  app.openapi(showProfile, async (c) => {
    const { deps, institution } = c.var
    const inForce = await inInstitution(deps.db, institution, profilesInForce)
    const view = profileOf(inForce, c.req.valid('param').band)
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })

  app.openapi(table, (c) => {
    const view = { items: bands.map((one) => profileOf(levels, one)) }
    const etag = etagOfValue(view)
    c.header('cache-control', 'public, max-age=3600')
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })
}

function summaryOf(item: ItemVersion): z.infer<typeof achievementSummary> {
  const { id, version, band: promised, name, test } = item.body as unknown as Achievement
  const { revisionFrom, revisionUntil, origin, appliedAt } = item
  return {
    id,
    version,
    band: promised,
    name: { ...name },
    test,
    inForce: revisionUntil === undefined,
    revisionFrom,
    ...(revisionUntil === undefined ? {} : { revisionUntil }),
    origin,
    appliedAt,
  }
}

/** A cell that differs from the table's was tightened: nothing else can change one. */
function profileOf({ version, byBand }: Profiles, of: Band): z.infer<typeof profile> {
  const { band: name, term, durations, ...cells } = byBand[of]
  const plain: Partial<Profile> = levels.byBand[of]
  const demands = Object.entries(cells as Record<string, Cell<unknown>>).map(([what, cell]) => {
    const { rule, source, text, demand } = cell
    const tightened = JSON.stringify(demand) !== JSON.stringify((plain[what as keyof Profile] as Cell<unknown>).demand)
    return [what, { rule, source, text: { ...text }, demand, tightened }] as const
  })
  return { band: name, term, version, demands: Object.fromEntries(demands), durations: { ...durations } }
}

function besideId({ place: [id = ''], backwards }: From) {
  return { id, backwards }
}
