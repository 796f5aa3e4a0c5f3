/** Audit of access: who looked at evidence, trails, persons, events and documents, when and why (contracts §10). */
import { z } from '@hono/zod-openapi'
import { type Access, accessLog } from '#db/queries/access-log.ts'
import { as, type CaseId, type PersonId } from '#domain/words.ts'
import { viewingTypes } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { type From, readPage } from '../pages.ts'
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
    const { person, case: of, what, from: since, until, ...slice } = c.req.valid('query')
    const filter = {
      types: what === undefined ? Object.values(viewingTypes) : [viewingTypes[what]],
      ...(person && { person: as<PersonId>(person) }),
      ...(of && { caseId: as<CaseId>(of) }),
      ...(since && { from: since }),
      ...(until && { until }),
    }
    const { items, ...neighbours } = await readPage(c, {
      list: ['access', person, of, what, since, until],
      ...slice,
      placeOf: ({ n }: Access) => [String(n)],
      read: (tx, { limit, from }) => accessLog(tx, filter, { limit, ...(from && { from: besideEntry(from) }) }),
    })
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
