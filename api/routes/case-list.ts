/** Cases as a list: officers find any, approvers those that wait for them. Keyset pages, so that page 1000 costs what page 1 does. */
import type { z } from '@hono/zod-openapi'
import type { Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { readInstitution, referenceSchemesOf } from '#db/institution.ts'
import { referenceKey, resolveReferences } from '#db/people.ts'
import { protectedPersons } from '#db/protection.ts'
import { type CaseFilter, countCases, type ListedCase, listCases } from '#db/queries/case-list.ts'
import { casesOfEvent, searchCases } from '#db/queries/case-search.ts'
import { as, type CaseId, type PersonId } from '#domain/words.ts'
import { summaryOfCase } from '../case-view.ts'
import type { Api } from '../dependencies.ts'
import type { Caller } from '../identity.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { declare, page } from '../route.ts'
import { casePage, caseQuery } from '../schemas/case.ts'
import { inInstitutionPath } from '../schemas/words.ts'

const list = declare('listCases', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases',
  summary: 'Cases, last changed first',
  description: 'Officers see all; approvers the cases they are appointed to. Everything asked for must hold.',
  tags: ['cases'],
  request: { params: inInstitutionPath, query: caseQuery },
  responses: { 200: page('A page', casePage) },
})

type Query = z.infer<typeof caseQuery>

/** Beyond this nobody counts, only narrows down. */
const countCap = 10_000

export function caseListRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const query = c.req.valid('query')
    const { limit: most, cursor, count, sort, order, ...filters } = query
    let counted: number | undefined
    let hidden: ReadonlySet<PersonId> = new Set()
    const { items, ...neighbours } = await readPage(c, {
      list: ['cases', sort, order, filters],
      limit: most,
      cursor,
      placeOf: ({ at, row }: ListedCase) => [at, row.id],
      read: async (tx, { limit, from }) => {
        hidden = await protectedPersons(tx)
        const filter = { ...(await filterOf(tx, query, c.var.caller)), unfindable: [...hidden] }
        if (count !== undefined) counted = await countCases(tx, filter, countCap + 1)
        return listCases(tx, filter, { limit, sort, ...(order && { order }), ...(from && { from: besideCase(from) }) })
      },
    })
    const total = counted === undefined ? {} : { total: capped(counted) }
    return c.json(
      { items: items.map(({ row }) => summaryOfCase(row, hidden.has(row.person))), ...neighbours, ...total },
      200,
    )
  })
}

async function filterOf(tx: Tx, query: Query, caller: Caller): Promise<CaseFilter> {
  const isOfficer = caller.roles.includes('officer')
  if (query.appointed !== undefined && !isOfficer) throw new Problem('role_required')
  const appointed = isOfficer && query.mine !== 'true' ? query.appointed : caller.person
  return {
    ...given({
      state: query.state,
      step: query.step,
      promised: query.band,
      achievement: query.achievement,
      offering: query.offering,
      attempt: query.attempt,
      occasion: query.occasion,
      group: query.group,
      waitingFor: query.waitingFor,
      overdue: truth(query.overdue),
      ended: truth(query.ended),
      test: truth(query.test),
      appointed: appointed === undefined ? undefined : as<PersonId>(appointed),
      persons: await learnersIn(tx, query),
      called: await calledIn(tx, query),
    }),
    opened: given({ from: query.openedFrom, until: query.openedUntil }),
    changed: given({ from: query.changedFrom, until: query.changedUntil }),
  }
}

/** Nobody known by the reference: an empty list, which no case matches. */
async function learnersIn(tx: Tx, query: Query): Promise<PersonId[] | undefined> {
  const pair = together(query, 'learnerScheme', 'learner')
  if (pair === undefined) return undefined
  const reference = { scheme: pair[0], value: pair[1] }
  const person = (await resolveReferences(tx, [reference])).get(referenceKey(reference))
  return person === undefined ? [] : ((await humansOf(tx, [person])).get(person) ?? [person])
}

async function calledIn(tx: Tx, query: Query): Promise<CaseFilter['called']> {
  const event = together(query, 'source', 'event')
  const ofEvent = event === undefined ? undefined : await casesOfEvent(tx, event[0], event[1])
  if (query.q === undefined) return ofEvent === undefined ? undefined : onlyIds(ofEvent)
  if (ofEvent !== undefined) throw incomplete('/q', 'q stands for itself, not beside source and event')
  return searchCases(tx, query.q, referenceSchemesOf(await readInstitution(tx)))
}

function onlyIds(ids: readonly CaseId[]) {
  return { ids, persons: [], columns: [], text: '' }
}

type Pairable = 'learnerScheme' | 'learner' | 'source' | 'event'

/** @throws Problem `invalid_request` for one without the other */
function together(query: Query, first: Pairable, second: Pairable): [string, string] | undefined {
  const [a, b] = [query[first], query[second]]
  if (a === undefined && b === undefined) return undefined
  if (a !== undefined && b !== undefined) return [a, b]
  throw incomplete(`/${a === undefined ? first : second}`, `${second} and ${first} go together`)
}

function incomplete(pointer: string, detail: string): Problem {
  return new Problem('invalid_request', { errors: [{ in: 'query', pointer, code: 'incomplete', detail }] })
}

function truth(word: 'true' | 'false' | undefined): boolean | undefined {
  return word === undefined ? undefined : word === 'true'
}

/** Without what was not given. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

function besideCase({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}

function capped(counted: number): { count: number; capped: boolean } {
  return { count: Math.min(counted, countCap), capped: counted > countCap }
}
