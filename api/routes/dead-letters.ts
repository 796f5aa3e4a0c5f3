/** Events that could not become case or evidence, for those who mend them: what is wrong, where, and what the sender can do (design 10). */
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { actorRef, appendEntries } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { closeDeadLetters, type DeadLetter, listDeadLetters, readDeadLetter } from '#db/dead-letters.ts'
import { readInstitution } from '#db/institution.ts'
import { as, type Instant } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import { readCursor } from '../cursor.ts'
import type { Api, Replayed } from '../dependencies.ts'
import type { Caller } from '../identity.ts'
import { pageOf } from '../pages.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare } from '../route.ts'
import { code, deadLetterId, inInstitutionPath, instant, institutionId, pageQuery } from '../schemas/words.ts'

const tags = ['events']
const params = z.object({ institution: institutionId, id: deadLetterId })
const states = z.enum(['open', 'replayed', 'discarded'])

const deadLetter = z
  .object({
    id: deadLetterId,
    stream: z.string(),
    subject: z.string(),
    code: z.string(),
    problems: z.array(z.object({ code: z.string(), pointer: z.string(), detail: z.string(), advice: z.string() })),
    state: states,
    repeats: z.int(),
    receivedAt: instant,
    closedReason: z.string().optional(),
    closedAt: instant.optional(),
  })
  .openapi('DeadLetter')

const opened = deadLetter
  .extend({
    payload: z.string().openapi({ description: 'The bytes as they came, base64url' }),
    headers: z.record(z.string(), z.string()),
  })
  .openapi('OpenedDeadLetter')

const list = declare('listDeadLetters', {
  method: 'get',
  path: '/v1/institutions/{institution}/dead-letters',
  summary: 'Events that were not accepted, newest first',
  tags,
  request: {
    params: inInstitutionPath,
    query: pageQuery.extend({ state: states.optional(), code: z.string().max(100).optional() }),
  },
  responses: { 200: answer('A page', z.object({ items: z.array(deadLetter), next: z.string().nullable() })) },
})

const show = declare('showDeadLetter', {
  method: 'get',
  path: '/v1/institutions/{institution}/dead-letters/{id}',
  summary: 'One event with its bytes',
  tags,
  request: { params },
  responses: { 200: answer('The event as it came', opened) },
})

const replay = declare('replayDeadLetter', {
  method: 'post',
  path: '/v1/institutions/{institution}/dead-letters/{id}/replay',
  summary: 'Send an event through intake once more, now that its cause is mended',
  tags,
  request: { params },
  responses: {
    200: answer('Taken in', z.object({ id: deadLetterId, state: states, as: z.string() })),
  },
})

const discard = declare('discardDeadLetter', {
  method: 'post',
  path: '/v1/institutions/{institution}/dead-letters/{id}/discard',
  summary: 'Close an event that shall not be taken in, with a reason',
  tags,
  request: { params, body: body(z.object({ reason: code })) },
  responses: { 200: answer('Closed', z.object({ id: deadLetterId, state: states })) },
})

export function deadLetterRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { deps, institution } = c.var
    const { limit, cursor, state, code: reason } = c.req.valid('query')
    const scope = { keys: deps.db.keys, institution, list: JSON.stringify(['dead-letters', state, reason]) }
    const filter = {
      limit: limit + 1,
      ...(state === undefined ? {} : { state }),
      ...(reason === undefined ? {} : { code: reason }),
      ...(cursor === undefined ? {} : { before: placeIn(readCursor(scope, cursor)) }),
    }
    const rows = await inInstitution(deps.db, institution, (tx) => listDeadLetters(tx, filter))
    const page = pageOf(rows, limit, { scope, placeOf: (last) => [last.receivedAt, last.id] })
    return c.json({ items: page.items.map(viewOf), next: page.next }, 200)
  })

  app.openapi(show, async (c) => {
    const { deps, institution } = c.var
    const letter = await inInstitution(deps.db, institution, (tx) => readDeadLetter(tx, c.req.valid('param').id))
    if (letter === undefined) throw new Problem('not_found')
    const payload = Buffer.from(letter.payload).toString('base64url')
    return c.json({ ...viewOf(letter), payload, headers: { ...letter.headers } }, 200)
  })

  app.openapi(replay, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    if (deps.replay === undefined) throw new Problem('unavailable')
    // Intake may not speak for a person, so the order is told before it is carried out.
    await inInstitution(deps.db, institution, (tx) => orderReplay(tx, { letter: id, caller }))
    const by = actorRef(deps.db.keys, institution, caller.person)
    const [replayed] = await deps.replay({ institution, ids: [id], by, reason: 'cause-mended' })
    const taken = takenAs(replayed)
    await inInstitution(deps.db, institution, (tx) =>
      tell(tx, { type: 'dead-letter.replayed/1', letter: id, caller, data: { as: taken } }),
    )
    return c.json({ id, state: 'replayed' as const, as: taken }, 200)
  })

  app.openapi(discard, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const { reason } = c.req.valid('json')
    const state = await inInstitution(deps.db, institution, (tx) => close(tx, { id, caller, reason }))
    return c.json({ id, state }, 200)
  })
}

/** @throws Problem `not_found`, `wrong_state` */
async function orderReplay(tx: Tx, { letter, caller }: Pick<Told, 'letter' | 'caller'>): Promise<void> {
  const found = await readDeadLetter(tx, letter)
  if (found === undefined) throw new Problem('not_found')
  if (found.state !== 'open') throw new Problem('wrong_state', { members: { state: found.state } })
  await tell(tx, { type: 'dead-letter.replay-ordered/1', letter, caller, attempt: randomUUID() })
}

/** @throws Problem for everything but an event that was taken in */
function takenAs(replayed: Replayed | undefined): string {
  switch (replayed?.kind) {
    case 'taken':
      return replayed.as
    case 'not-found':
      throw new Problem('not_found')
    case 'closed':
      throw new Problem('wrong_state', { members: { state: replayed.state } })
    case 'refused':
      throw new Problem('still_refused', { members: { refusal: replayed.code, deadLetter: replayed.deadLetter } })
    case 'not-now':
    case undefined:
      throw new Problem('unavailable', { headers: { 'retry-after': '5' } })
  }
}

/** Closing twice for the same end is fine; an event already taken in cannot be discarded. */
async function close(tx: Tx, closing: { id: string; caller: Caller; reason: string }): Promise<DeadLetter['state']> {
  const { id, caller, reason } = closing
  const by = actorRef(tx.keys, tx.institution, caller.person)
  const closed = await closeDeadLetters(tx, { ids: [id], state: 'discarded', by, reason })
  if (closed.length > 0) {
    await tell(tx, { type: 'dead-letter.discarded/1', letter: id, caller, reason })
    return 'discarded'
  }
  const letter = await readDeadLetter(tx, id)
  if (letter === undefined) throw new Problem('not_found')
  if (letter.state !== 'discarded') throw new Problem('wrong_state', { members: { state: letter.state } })
  return letter.state
}

interface Told {
  readonly type: 'dead-letter.discarded/1' | 'dead-letter.replay-ordered/1' | 'dead-letter.replayed/1'
  readonly letter: string
  readonly caller: Caller
  readonly reason?: string
  readonly data?: { readonly as: string }
  /** Where it can happen more than once. */
  readonly attempt?: string
}

/** Into the institution's own trail: an event that was put away, or let in after all, must have somebody's name to it. */
async function tell(tx: Tx, { type, letter, caller, reason, data, attempt }: Told): Promise<void> {
  const { trail } = await readInstitution(tx)
  const meaning = type.split('/')[0] ?? type
  await appendEntries(tx, [
    {
      trail,
      id: `${meaning}:${letter}${attempt === undefined ? '' : `:${attempt}`}`,
      type,
      actor: actorOf(caller, tx, keeperRole(caller)),
      act: { meaning, outcome: 'success', ...(reason === undefined ? {} : { reason }) },
      data: { deadLetter: letter, ...data },
    },
  ])
}

function keeperRole({ roles }: Caller): string {
  return roles.includes('operator') ? 'operator' : 'officer'
}

function placeIn([receivedAt = '', id = '']: readonly string[]): { receivedAt: Instant; id: string } {
  return { receivedAt: as<Instant>(receivedAt), id }
}

function viewOf(letter: DeadLetter): z.infer<typeof deadLetter> {
  const { id, stream, subject, problems, state, repeats, receivedAt, closedReason, closedAt } = letter
  return {
    id,
    stream,
    subject,
    code: letter.code,
    state,
    repeats,
    receivedAt,
    problems: problems.map((problem) => ({ ...problem })),
    ...(closedReason === undefined ? {} : { closedReason }),
    ...(closedAt === undefined ? {} : { closedAt }),
  }
}
