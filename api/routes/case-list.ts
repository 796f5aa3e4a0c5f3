/** Cases as a list: officers find any, approvers those that wait for them. Keyset pages, so that page 1000 costs what page 1 does. */
import type { z } from '@hono/zod-openapi'
import { inInstitution, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { referenceKey, resolveReferences } from '#db/people.ts'
import { type CaseFilter, listCases } from '#db/queries/case-list.ts'
import { as, type Instant, type PersonId } from '#domain/words.ts'
import { summaryOfCase } from '../case-view.ts'
import { readCursor } from '../cursor.ts'
import type { Api } from '../dependencies.ts'
import type { Caller } from '../identity.ts'
import { pageOf } from '../pages.ts'
import { Problem } from '../problem.ts'
import { answer, declare } from '../route.ts'
import { casePage, caseQuery } from '../schemas/case.ts'
import { inInstitutionPath } from '../schemas/words.ts'

const tags = ['cases']

const list = declare('listCases', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases',
  summary: 'Cases, last changed first',
  description: 'Officers see all; approvers the cases they are appointed to.',
  tags,
  request: { params: inInstitutionPath, query: caseQuery },
  responses: { 200: answer('A page', casePage) },
})

type Query = z.infer<typeof caseQuery>

export function caseListRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { deps, institution, caller } = c.var
    const query = c.req.valid('query')
    const { limit, cursor, ...filters } = query
    const scope = { keys: deps.db.keys, institution, list: JSON.stringify(['cases', filters]) }
    const after = cursor === undefined ? undefined : placeIn(readCursor(scope, cursor))
    const rows = await inInstitution(deps.db, institution, async (tx) => {
      const filter = await filterOf(tx, query, caller)
      return filter === undefined ? [] : listCases(tx, { ...filter, ...(after && { after }), limit: limit + 1 })
    })
    const page = pageOf(rows, limit, { scope, placeOf: (last) => [last.changedAt, last.id] })
    return c.json({ items: page.items.map(summaryOfCase), next: page.next }, 200)
  })
}

/** Undefined when nobody is known by the learner's reference: then there are no such cases. */
async function filterOf(tx: Tx, query: Query, caller: Caller): Promise<Omit<CaseFilter, 'limit'> | undefined> {
  const { state, band, achievement, mine } = query
  const persons = await learnersIn(tx, query)
  if (persons?.length === 0) return undefined
  const isOfficer = caller.roles.includes('officer')
  return {
    ...(state === undefined ? {} : { state }),
    ...(band === undefined ? {} : { promised: band }),
    ...(achievement === undefined ? {} : { achievement }),
    ...(persons === undefined ? {} : { persons }),
    ...(isOfficer && mine !== 'true' ? {} : { appointed: caller.person }),
  }
}

async function learnersIn(tx: Tx, { learner, learnerScheme }: Query): Promise<PersonId[] | undefined> {
  if (learner === undefined && learnerScheme === undefined) return undefined
  if (learner === undefined || learnerScheme === undefined) {
    const pointer = learner === undefined ? '/learner' : '/learnerScheme'
    const detail = 'learner and learnerScheme go together'
    throw new Problem('invalid_request', { errors: [{ in: 'query', pointer, code: 'incomplete', detail }] })
  }
  const reference = { scheme: learnerScheme, value: learner }
  const person = (await resolveReferences(tx, [reference])).get(referenceKey(reference))
  return person === undefined ? [] : ((await humansOf(tx, [person])).get(person) ?? [person])
}

function placeIn([changedAt = '', id = '']: readonly string[]) {
  return { changedAt: as<Instant>(changedAt), id }
}
