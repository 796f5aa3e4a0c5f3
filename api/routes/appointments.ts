/** Who is and was appointed to decide, and the ending of it. To appoint somebody is a decision of its own (`appoint`). */
import { z } from '@hono/zod-openapi'
import { type CaseAppointment, everAppointed } from '#db/appointments.ts'
import { lockCases } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { type EndingAnswer, endByOfficer } from '#db/ending.ts'
import { humansOf } from '#db/humans.ts'
import { type ListedAppointment, listAppointments } from '#db/queries/appointments.ts'
import { as, type CaseId, type PersonId } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import { reachCase } from '../case-access.ts'
import type { Api } from '../dependencies.ts'
import { demandMatch, etagOfValue, ifMatch, ifMatchHeader, isKnown, matchCodes } from '../etag.ts'
import { type From, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare, page, tagged } from '../route.ts'
import {
  caseId,
  code,
  inInstitutionPath,
  instant,
  institutionId,
  pageOfItems,
  pageQuery,
  personId,
  repeatableHeader,
} from '../schemas/words.ts'
import { tellSignals } from '../tell.ts'

const tags = ['cases']
const role = z.enum(['examiner', 'external-reviewer', 'decision-maker'])
const params = z.object({ institution: institutionId, id: caseId })

const appointment = z
  .object({
    caseId,
    role,
    person: personId,
    rule: z.string().openapi({ description: 'By which they were chosen', example: 'draw.rotation/1' }),
    from: instant,
    until: instant.optional().openapi({ description: 'Absent while it is held' }),
    because: z.string().optional().openapi({ description: 'Why it ended; a code', example: 'separation' }),
  })
  .openapi('Appointment')

const ended = z
  .object({
    caseId,
    role,
    person: personId,
    delivery: z
      .enum(['delivered', 'pending'])
      .openapi({ description: 'Pending: recorded, the workflow is told as soon as it can be' }),
  })
  .openapi('EndedAppointment')

const ofCase = declare('listCaseAppointments', {
  method: 'get',
  path: '/v1/institutions/{institution}/cases/{id}/appointments',
  summary: 'Who is and was appointed to decide on a case, by role, oldest first',
  tags,
  request: { params },
  responses: tagged('All of them', z.object({ items: z.array(appointment) })),
})

const ofPerson = declare('listAppointments', {
  method: 'get',
  path: '/v1/institutions/{institution}/appointments',
  summary: 'To which cases a person is or was appointed, newest first',
  tags,
  request: {
    params: inInstitutionPath,
    query: pageQuery.extend({
      person: personId.openapi({ description: 'Under any id of the same human being' }),
      state: z.enum(['held', 'all']).default('all'),
    }),
  },
  responses: { 200: page('A page', z.object(pageOfItems(appointment))) },
})

const end = declare('endAppointment', {
  method: 'post',
  path: '/v1/institutions/{institution}/cases/{id}/appointments/{role}/end',
  summary: 'End who holds a role in a case',
  description:
    'For somebody who cannot decide in time. The case is judged again and the next of the decided list is drawn; who held the role is ' +
    'not drawn again. An officer who wants to name the person decides `appoint` instead. Needs If-Match with the ETag of the case’s ' +
    'appointments as read.',
  tags,
  request: {
    params: params.extend({ role }),
    headers: repeatableHeader.extend(ifMatchHeader.shape),
    body: body(z.strictObject({ reason: code.openapi({ example: 'absent' }) })),
  },
  fails: [...matchCodes, 'wrong_state', 'not_appointed', 'separation'],
  responses: { 200: answer('Ended', ended) },
})

export function appointmentRoutes(app: Api): void {
  app.openapi(ofCase, async (c) => {
    const { deps, institution, caller } = c.var
    const view = await inInstitution(deps.db, institution, async (tx) => {
      const { row } = await reachCase(tx, c.req.valid('param').id, caller)
      return shownIn(tx, row.id)
    })
    const etag = etagOfValue(view)
    return isKnown(c, etag) ? c.body(null, 304, { etag }) : c.json(view, 200, { etag })
  })

  app.openapi(ofPerson, async (c) => {
    const { person, state, ...slice } = c.req.valid('query')
    const { items, ...neighbours } = await readPage(c, {
      list: ['appointments', person, state],
      ...slice,
      placeOf: ({ at, appointment: { caseId: of, role: held } }: ListedAppointment) => [at, of, held],
      read: async (tx, { limit, from }) => {
        const asked = as<PersonId>(person)
        const persons = (await humansOf(tx, [asked])).get(asked) ?? [asked]
        const wanted = { limit, ...(from && { from: besideAppointment(from) }) }
        return listAppointments(tx, { persons, current: state === 'held' }, wanted)
      },
    })
    return c.json({ items: items.map((one) => viewOf(one.appointment)), ...neighbours }, 200)
  })

  app.openapi(end, async (c) => {
    const { deps, institution, caller } = c.var
    const { id, role: held } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const tag = ifMatch(c)
    const told = endedIn(
      await inInstitution(deps.db, institution, async (tx) => {
        const { row } = await reachCase(tx, id, caller)
        // From here on nobody is appointed or drawn: what is compared is what is ended.
        await lockCases(tx, [row.id])
        const now = await shownIn(tx, row.id)
        demandMatch(tag, { etag: etagOfValue(now), now })
        const actor = actorOf(caller, tx, 'officer')
        return endByOfficer(tx, { caseId: row.id, role: held, reason, by: caller.person, actor })
      }),
    )
    const delivery = await tellSignals(deps, institution, told.wakeUps)
    return c.json({ caseId: id, role: held, person: told.person, delivery }, 200)
  })
}

/** @throws Problem for every answer but `ended` */
function endedIn(told: EndingAnswer): Extract<EndingAnswer, { kind: 'ended' }> {
  switch (told.kind) {
    case 'ended':
      return told
    case 'not-found':
      throw new Problem('not_found')
    case 'nobody':
      throw new Problem('not_appointed')
    case 'state':
      throw new Problem('wrong_state', { members: { state: told.state } })
    case 'partial':
      throw new Problem('separation')
  }
}

async function shownIn(tx: Tx, caseId: CaseId) {
  return { items: (await everAppointed(tx, [caseId])).map(viewOf) }
}

function viewOf({ caseId: of, role: held, person, rule, appointedAt, ended: over }: CaseAppointment) {
  return {
    caseId: of,
    role: held,
    person,
    rule,
    from: appointedAt,
    ...(over === undefined ? {} : { until: over.at, because: over.because }),
  }
}

function besideAppointment({ place: [at = '', of = '', held = ''], backwards }: From) {
  return { at, caseId: of, role: held, backwards }
}
