/** The register for those who stand on it: what is in force, what was before, and since when. */
import { z } from '@hono/zod-openapi'
import { actorRef } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { personalOf } from '#db/people.ts'
import { isProtected, protectedPersons } from '#db/protection.ts'
import { type ItemVersion, itemHistory, listItems, listRevisions, type Revision } from '#db/queries/register.ts'
import type { ItemKind } from '#db/register-items.ts'
import { as, type PersonId } from '#domain/words.ts'
import { recordViewing } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { etagOfValue, isKnown } from '../etag.ts'
import type { Caller } from '../identity.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { declare, page, tagged } from '../route.ts'
import { institutionView, itemKinds, registerItem, registerItemDetail, revision } from '../schemas/register.ts'
import { purpose } from '../schemas/trail.ts'
import { inInstitutionPath, institutionId, largestInteger, pageOfItems, pageQuery } from '../schemas/words.ts'

const tags = ['register']
const base = '/v1/institutions/{institution}'
const kind = z.enum(itemKinds)

const showInstitution = declare('showInstitution', {
  method: 'get',
  path: base,
  summary: 'The institution as its register declares it, and the revision in force',
  tags,
  request: { params: inInstitutionPath },
  responses: tagged('The institution', institutionView),
})

const listRegister = declare('listRegister', {
  method: 'get',
  path: `${base}/register/{kind}`,
  summary: 'Items of one kind in the order of their ids, in force or as they stood in a revision',
  description: 'Persons and conflicts are for officers; of persons neither name nor birth date is shown.',
  tags,
  request: {
    params: z.object({ institution: institutionId, kind }),
    query: pageQuery.extend({ revision: z.coerce.number().int().min(1).max(largestInteger).optional() }),
  },
  responses: { 200: page('A page', z.object(pageOfItems(registerItem))) },
})

const showItem = declare('showRegisterItem', {
  method: 'get',
  path: `${base}/register/{kind}/{id}`,
  summary: 'One item with every version it had; looking at a person is logged',
  tags,
  request: {
    params: z.object({ institution: institutionId, kind, id: z.string().min(1).max(300) }),
    query: z.object({ purpose }),
  },
  responses: tagged('The item', registerItemDetail),
})

const revisions = declare('listRevisions', {
  method: 'get',
  path: `${base}/revisions`,
  summary: 'How the register came to be what it is, latest revision first',
  tags,
  request: { params: inInstitutionPath, query: pageQuery },
  responses: { 200: page('A page', z.object(pageOfItems(revision))) },
})

export function registerReadRoutes(app: Api): void {
  app.openapi(showInstitution, async (c) => {
    const { deps, institution } = c.var
    const row = await inInstitution(deps.db, institution, readInstitution)
    const declared = row.body as { readonly name: { sv: string; en: string } }
    const { origin, revision: inForce } = row
    const view = { id: institution, name: { ...declared.name }, origin, revision: inForce, declared: { ...declared } }
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })

  app.openapi(listRegister, async (c) => {
    const { kind: of } = c.req.valid('param')
    const { revision: at, ...slice } = c.req.valid('query')
    demandRoleFor(of, c.var.caller)
    let hidden: ReadonlySet<PersonId> = new Set()
    const { items, ...neighbours } = await readPage(c, {
      list: ['register', of, at],
      ...slice,
      placeOf: ({ id }: ItemVersion) => [id],
      read: async (tx, { limit, from }) => {
        if (of === 'person') hidden = await protectedPersons(tx)
        return listItems(tx, of, { limit, ...(at && { revision: at }), ...(from && { from: besideId(from) }) })
      },
    })
    const shown = items.map((item) => ({ id: item.id, ...versionOf(item, hidden.has(as<PersonId>(item.id))) }))
    return c.json({ items: shown, ...neighbours }, 200)
  })

  app.openapi(showItem, async (c) => {
    const { deps, institution, caller } = c.var
    const { kind: of, id } = c.req.valid('param')
    demandRoleFor(of, caller)
    const why = c.req.valid('query').purpose
    const found = await inInstitution(deps.db, institution, async (tx) => {
      const versions = await itemHistory(tx, of, id)
      const [latest] = versions
      if (latest === undefined) throw new Problem('not_found')
      const isHidden = of === 'person' && (await isProtected(tx, [as<PersonId>(id)]))
      const seen = of === 'person' ? await nameOf(tx, latest, { caller, purpose: why }) : undefined
      const name = isHidden ? undefined : seen
      const inForce = latest.revisionUntil === undefined
      return {
        id,
        inForce,
        ...(name === undefined ? {} : { name }),
        versions: versions.map((one) => versionOf(one, isHidden)),
      }
    })
    const etag = etagOfValue(found)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(found, 200, { etag })
  })

  app.openapi(revisions, async (c) => {
    const { items, ...neighbours } = await readPage(c, {
      list: ['revisions'],
      ...c.req.valid('query'),
      placeOf: (one: Revision) => [String(one.revision)],
      read: async (tx, { limit, from }) => {
        const { revision: latest } = await readInstitution(tx)
        const place = Number(from?.place[0] ?? latest + 1)
        if (from?.backwards !== true) return listRevisions(tx, place - 1, limit)
        const top = Math.min(latest, place + limit)
        return (await listRevisions(tx, top, top - place)).toReversed()
      },
    })
    return c.json({ items, ...neighbours }, 200)
  })
}

/** Who is employed where and partial to whom is the officers' business; what bodies may do is also the operators'. */
function demandRoleFor(of: ItemKind, { roles }: Caller): void {
  const isPersonal = of === 'person' || of === 'conflict'
  if (isPersonal && !roles.includes('officer')) throw new Problem('role_required')
}

async function nameOf(
  tx: Tx,
  { id, body }: ItemVersion,
  { caller, purpose: why }: { readonly caller: Caller; readonly purpose: string },
): Promise<string | undefined> {
  const person = as<PersonId>(id)
  const pseudonym = actorRef(tx.keys, tx.institution, person)
  await recordViewing(tx, { caller, role: 'officer', purpose: why, what: 'person', id: pseudonym })
  // Unknown counts as protected: a name shown by mistake cannot be taken back.
  if (body['protected'] !== false) return undefined
  return (await personalOf(tx, [person])).get(person)?.name
}

/** Where a protected person is employed, and by whom led, tells where to find them. */
function versionOf({ body, revisionFrom, revisionUntil, origin, appliedAt }: ItemVersion, isHidden: boolean) {
  return {
    body: isHidden ? { ...body, employments: [], managers: [], protected: true } : { ...body },
    revisionFrom,
    ...(revisionUntil === undefined ? {} : { revisionUntil }),
    origin,
    appliedAt,
  }
}

function besideId({ place: [id = ''], backwards }: From) {
  return { id, backwards }
}
