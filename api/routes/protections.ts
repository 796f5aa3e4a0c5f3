/** Protected identities: marked and ended by a privacy officer, who alone may look behind the mask (Folkbokföringslagen, OSL 22 kap.). */
import { z } from '@hono/zod-openapi'
import { actorRef, appendEntries } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { personalOf } from '#db/people.ts'
import { endProtection, isProtected, listProtections, type Protection, protect } from '#db/protection.ts'
import { as, type CaseId, type PersonId } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import { recordViewing } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { personAbout } from '../erasures.ts'
import type { Caller } from '../identity.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare } from '../route.ts'
import { identity, protection, protectionEnd, protectionRequest } from '../schemas/protection.ts'
import { purpose } from '../schemas/trail.ts'
import { caseId, inInstitutionPath, institutionId, limitQuery, personId, repeatableHeader } from '../schemas/words.ts'

const tags = ['privacy']
const base = '/v1/institutions/{institution}/protections'

const marking = declare('protectPerson', {
  method: 'post',
  path: base,
  summary: 'Mark a person as protected',
  description: 'From then on name, identifiers and what tells where they are is shown to no one but a privacy officer.',
  tags,
  request: { params: inInstitutionPath, headers: repeatableHeader, body: body(protectionRequest) },
  fails: ['not_found'],
  responses: { 200: answer('Marked', protection) },
})

const ending = declare('endProtection', {
  method: 'post',
  path: `${base}/{person}/end`,
  summary: 'End what a privacy officer marked',
  description: 'What the register says is ended in the register.',
  tags,
  request: {
    params: z.object({ institution: institutionId, person: personId }),
    headers: repeatableHeader,
    body: body(protectionEnd),
  },
  responses: { 200: answer('Ended', protection) },
})

const listing = declare('listProtections', {
  method: 'get',
  path: base,
  summary: 'Marks of privacy officers: those that stand first, then the latest',
  tags,
  request: { params: inInstitutionPath, query: limitQuery },
  responses: { 200: answer('Who is and was marked, by id', z.object({ items: z.array(protection) })) },
})

const looking = declare('showIdentity', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/identity',
  summary: 'Who a case is about, and where; looking is logged with its purpose',
  tags,
  request: {
    params: z.object({ institution: institutionId, id: caseId }),
    query: z.object({ purpose: purpose.unwrap() }),
  },
  responses: { 200: answer('What is masked elsewhere', identity) },
})

export function protectionRoutes(app: Api): void {
  app.openapi(marking, async (c) => {
    const { deps, institution, caller } = c.var
    const { reason, decision, ...about } = c.req.valid('json')
    const marked = await inInstitution(deps.db, institution, async (tx) => {
      const person = await personAbout(tx, about)
      const { protection: found, isNew } = await protect(tx, { person, reason, decision, markedBy: caller.person })
      if (isNew) await record(tx, caller, { of: found, what: 'protected', decision })
      return found
    })
    return c.json(marked, 200)
  })

  app.openapi(ending, async (c) => {
    const { deps, institution, caller } = c.var
    const person = as<PersonId>(c.req.valid('param').person)
    const { decision } = c.req.valid('json')
    const ended = await inInstitution(deps.db, institution, async (tx) => {
      const found = await endProtection(tx, { person, by: caller.person, decision })
      if (found === undefined) throw new Problem('not_found')
      await record(tx, caller, { of: found, what: 'unprotected', decision })
      return found
    })
    return c.json(ended, 200)
  })

  app.openapi(listing, async (c) => {
    const { deps, institution } = c.var
    const items = await inInstitution(deps.db, institution, (tx) => listProtections(tx, c.req.valid('query').limit))
    return c.json({ items }, 200)
  })

  app.openapi(looking, async (c) => {
    const { deps, institution, caller } = c.var
    const { purpose: why } = c.req.valid('query')
    const shown = await inInstitution(deps.db, institution, async (tx) => {
      const [row] = await caseRows(tx, [as<CaseId>(c.req.valid('param').id)])
      if (row === undefined) throw new Problem('not_found')
      const id = actorRef(tx.keys, institution, row.person)
      await recordViewing(tx, { caller, role: 'privacy-officer', caseId: row.id, purpose: why, what: 'person', id })
      const personal = (await personalOf(tx, [row.person])).get(row.person) ?? {}
      const { person, offering, occasion, groupId } = row
      return {
        person,
        protected: await isProtected(tx, [person]),
        ...personal,
        offering,
        ...(occasion === undefined ? {} : { occasion }),
        ...(groupId === undefined ? {} : { group: groupId }),
      }
    })
    return c.json(shown, 200)
  })
}

/** Under the log's pseudonym: the entry stays when the person is erased. */
async function record(
  tx: Tx,
  caller: Caller,
  {
    of: { person, reason, markedAt },
    what,
    decision,
  }: { readonly of: Protection; readonly what: 'protected' | 'unprotected'; readonly decision: string },
): Promise<void> {
  const { trail } = await readInstitution(tx)
  const ref = actorRef(tx.keys, tx.institution, person)
  await appendEntries(tx, [
    {
      trail,
      id: `${ref}:${what}:${markedAt}`,
      type: `person.${what}/1`,
      actor: actorOf(caller, tx, 'privacy-officer'),
      act: { meaning: `person-${what}`, outcome: 'success', reason },
      data: { person: ref, decision },
    },
  ])
}
