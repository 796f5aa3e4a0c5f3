/** Audit of access: who looked at evidence, trails, persons, events and documents, when and why (contracts §10). */
import { z } from '@hono/zod-openapi'
import { inInstitution } from '#db/client.ts'
import { type Access, accessLog } from '#db/queries/access-log.ts'
import { as, type CaseId, type PersonId } from '#domain/words.ts'
import { viewingTypes } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { type From, linkPages, pageOf, readFrom } from '../pages.ts'
import { declare, page } from '../route.ts'
import { caseId, inInstitutionPath, instant, moment, pageOfItems, pageQuery, personId } from '../schemas/words.ts'

const looks = Object.keys(viewingTypes) as [keyof typeof viewingTypes]

const access = z
  .object({
    n: z.int().openapi({ description: 'Number in the institution’s own trail' }),
    at: instant,
    person: personId.optional().openapi({ description: 'Absent where the register no longer leads to anybody' }),
    pseudonym: z.string().openapi({ description: 'What the log calls the person' }),
    role: z.string(),
    what: z.enum(looks),
    purpose: z.string(),
    caseId: caseId.optional(),
    id: z.string().optional().openapi({ description: 'Of what was looked at; of a person the log’s pseudonym' }),
  })
  .openapi('Access')

const list = declare('listAccess', {
  method: 'get',
  path: '/v1/institutions/{institution}/access-log',
  summary: 'Who looked at what, latest first',
  tags: ['audit'],
  request: {
    params: inInstitutionPath,
    query: pageQuery.extend({
      person: personId.optional().openapi({ description: 'Who looked' }),
      case: caseId.optional(),
      what: z.enum(looks).optional(),
      from: moment.optional(),
      until: moment.optional().openapi({ description: 'Exclusive' }),
    }),
  },
  responses: { 200: page('A page', z.object(pageOfItems(access))) },
})

export function accessLogRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { deps, institution } = c.var
    const { limit, cursor, person, case: of, what, from: since, until } = c.req.valid('query')
    const scope = { keys: deps.db.keys, institution, list: JSON.stringify(['access', person, of, what, since, until]) }
    const from = readFrom(scope, cursor)
    const filter = {
      types: what === undefined ? Object.values(viewingTypes) : [viewingTypes[what]],
      ...(person && { person: as<PersonId>(person) }),
      ...(of && { caseId: as<CaseId>(of) }),
      ...(since && { from: since }),
      ...(until && { until }),
    }
    const slice = { limit: limit + 1, ...(from && { from: besideEntry(from) }) }
    const rows = await inInstitution(deps.db, institution, (tx) => accessLog(tx, filter, slice))
    const { items, ...neighbours } = pageOf(rows, limit, { scope, placeOf: ({ n }) => [String(n)], from })
    linkPages(c, neighbours)
    return c.json({ items: items.map(viewOf), ...neighbours }, 200)
  })
}

function viewOf({ n, at, person, entry }: Access): z.infer<typeof access> {
  const { actor, type, data = {} } = entry
  const what = looks.find((one) => viewingTypes[one] === type) ?? looks[0]
  const { case: of, id } = data
  return {
    n,
    at,
    ...(person === undefined ? {} : { person }),
    pseudonym: actor.ref,
    role: actor.role,
    what,
    purpose: String(data['purpose']),
    ...(typeof of === 'string' ? { caseId: of } : {}),
    ...(typeof id === 'string' ? { id } : {}),
  }
}

function besideEntry({ place: [n = '0'], backwards }: From) {
  return { n: Number(n), backwards }
}
