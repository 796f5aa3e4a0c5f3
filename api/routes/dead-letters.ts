/** Events that could not become case or evidence, for those who mend them: what is wrong, where, and what the sender can do (design 10). */
import { randomUUID } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { actorRef, appendEntries } from '#db/audit-log.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import {
  closeDeadLetters,
  type DeadLetter,
  type DeadLetterFilter,
  type ListedDeadLetter,
  listDeadLetters,
  readDeadLetter,
} from '#db/dead-letters.ts'
import { readInstitution } from '#db/institution.ts'
import type { Instant } from '#domain/words.ts'
import { actorOf, keeperRole } from '../caller.ts'
import { recordViewing } from '../case-access.ts'
import type { Api, ApiDependencies, Replayed, ReplayOrder } from '../dependencies.ts'
import type { Caller } from '../identity.ts'
import { demandOpenBytes } from '../masking.ts'
import { type From, pageOf, readFrom, readPage } from '../pages.ts'
import { Problem } from '../problem.ts'
import { answer, body, declare, page } from '../route.ts'
import { eventProblem } from '../schemas/event.ts'
import { purpose } from '../schemas/trail.ts'
import {
  code,
  cursor as cursorText,
  deadLetterId,
  inInstitutionPath,
  instant,
  institutionId,
  moment,
  pageOfItems,
  pageQuery,
  repeatableHeader,
} from '../schemas/words.ts'

const tags = ['events']
const params = z.object({ institution: institutionId, id: deadLetterId })
const states = z.enum(['open', 'replayed', 'discarded'])

const deadLetter = z
  .object({
    id: deadLetterId,
    stream: z.string(),
    subject: z.string(),
    code: z.string(),
    problems: z.array(eventProblem),
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

/** What a dead letter must be; everything given must hold. */
const filters = {
  code: z.string().min(1).max(100).optional(),
  source: z.string().min(1).max(200).optional().openapi({ description: 'The emitter’s id' }),
  stream: z.enum(['COMPLETIONS', 'HTTP']).optional().openapi({ description: 'The way it came' }),
  from: moment.optional(),
  until: moment.optional().openapi({ description: 'Exclusive' }),
}

const manyReplayed = z
  .object({
    items: z.array(
      z.object({
        id: deadLetterId,
        outcome: z.enum(['taken', 'refused', 'closed', 'not-now']),
        as: z.string().optional().openapi({ description: 'Of one taken in: case, evidence, duplicate, unresolved' }),
        code: z.string().optional().openapi({ description: 'Of one still refused: why' }),
      }),
    ),
    next: z.string().nullable(),
  })
  .openapi('ReplayedDeadLetters')

const list = declare('listDeadLetters', {
  method: 'get',
  path: '/v1/institutions/{institution}/dead-letters',
  summary: 'Events that were not accepted, newest first',
  tags,
  request: { params: inInstitutionPath, query: pageQuery.extend({ ...filters, state: states.optional() }) },
  responses: { 200: page('A page', z.object(pageOfItems(deadLetter))) },
})

const show = declare('showDeadLetter', {
  method: 'get',
  path: '/v1/institutions/{institution}/dead-letters/{id}',
  summary: 'One event with its bytes; reading is logged',
  tags,
  request: { params, query: z.object({ purpose }) },
  fails: ['protected_identity'],
  responses: { 200: answer('The event as it came', opened) },
})

const replay = declare('replayDeadLetter', {
  method: 'post',
  path: '/v1/institutions/{institution}/dead-letters/{id}/replay',
  summary: 'Send an event through intake once more, now that its cause is mended',
  tags,
  request: { params, headers: repeatableHeader },
  fails: ['wrong_state', 'still_refused'],
  responses: {
    200: answer('Taken in', z.object({ id: deadLetterId, state: states, as: z.string() })),
  },
})

const replayMany = declare('replayDeadLetters', {
  method: 'post',
  path: '/v1/institutions/{institution}/dead-letters:replay',
  summary: 'Send open dead letters through intake once more, oldest first, as many as match',
  description:
    'At most 100 at a time, each with its own end; `next` goes on after the last of them, with the same filters. What is still ' +
    'refused stays open. Safe to repeat: what was taken in is no longer open.',
  tags,
  request: {
    params: inInstitutionPath,
    headers: repeatableHeader,
    body: body(
      z.strictObject({
        ...filters,
        reason: code.openapi({ example: 'cause-mended' }),
        limit: z.int().min(1).max(100).default(20),
        cursor: cursorText,
      }),
    ),
  },
  responses: { 200: answer('What became of each', manyReplayed) },
})

const discard = declare('discardDeadLetter', {
  method: 'post',
  path: '/v1/institutions/{institution}/dead-letters/{id}/discard',
  summary: 'Close an event that shall not be taken in, with a reason',
  tags,
  request: { params, headers: repeatableHeader, body: body(z.strictObject({ reason: code })) },
  fails: ['wrong_state'],
  responses: { 200: answer('Closed', z.object({ id: deadLetterId, state: states })) },
})

export function deadLetterRoutes(app: Api): void {
  app.openapi(list, async (c) => {
    const { limit: most, cursor, ...asked } = c.req.valid('query')
    const { items, ...neighbours } = await readPage(c, {
      list: ['dead-letters', asked],
      limit: most,
      cursor,
      placeOf,
      read: (tx, { limit, from }) =>
        listDeadLetters(tx, filterOf(asked), { limit, ...(from && { from: besideLetter(from) }) }),
    })
    return c.json({ items: items.map(viewOf), ...neighbours }, 200)
  })

  app.openapi(show, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    const why = c.req.valid('query').purpose
    const letter = await inInstitution(deps.db, institution, async (tx) => {
      const found = await readDeadLetter(tx, id)
      if (found === undefined) throw new Problem('not_found')
      await demandOpenBytes(tx, caller, found.payload)
      await recordViewing(tx, { caller, role: keeperRole(caller), purpose: why, what: 'dead-letter', id })
      return found
    })
    const payload = Buffer.from(letter.payload).toString('base64url')
    return c.json({ ...viewOf(letter), payload, headers: { ...letter.headers } }, 200)
  })

  app.openapi(replayMany, async (c) => {
    const { deps, institution, caller } = c.var
    const { limit, cursor, reason, ...asked } = c.req.valid('json')
    if (deps.replay === undefined) throw new Problem('unavailable', { headers: { 'retry-after': '5' } })
    const scope = { keys: deps.db.keys, institution, list: JSON.stringify(['replay', asked]) }
    const from = readFrom(scope, cursor)
    const slice = { limit: limit + 1, order: 'asc' as const, ...(from && { from: besideLetter(from) }) }
    const filter = { ...filterOf(asked), state: 'open' as const }
    const rows = await inInstitution(deps.db, institution, async (tx) => {
      const found = await listDeadLetters(tx, filter, slice)
      for (const { id } of found.slice(0, limit)) await tellOrder(tx, { letter: id, caller, reason })
      return found
    })
    const { items, next } = pageOf(rows, limit, { scope, placeOf, from })
    const ids = items.map(({ id }) => id)
    const replayed = await replayInParts(deps.replay, {
      institution,
      ids,
      by: actorRef(deps.db.keys, institution, caller.person),
      reason,
    })
    await inInstitution(deps.db, institution, async (tx) => {
      for (const one of replayed)
        if (one.kind === 'taken')
          await tell(tx, { type: 'dead-letter.replayed/1', letter: one.id, caller, data: { as: one.as } })
    })
    return c.json({ items: replayed.map(endOf), next }, 200)
  })

  app.openapi(replay, async (c) => {
    const { deps, institution, caller } = c.var
    const { id } = c.req.valid('param')
    if (deps.replay === undefined) throw new Problem('unavailable')
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

/** Intake answers over a short line (db/questions.ts), so it is asked part by part. */
async function replayInParts(
  replayThem: NonNullable<ApiDependencies['replay']>,
  { ids, ...order }: ReplayOrder,
): Promise<Replayed[]> {
  const replayed: Replayed[] = []
  for (let at = 0; at < ids.length; at += mostAtOnce)
    replayed.push(...(await replayThem({ ...order, ids: ids.slice(at, at + mostAtOnce) })))
  return replayed
}

const mostAtOnce = 20

function endOf(replayed: Replayed): z.infer<typeof manyReplayed>['items'][number] {
  const { id, kind } = replayed
  switch (kind) {
    case 'taken':
      return { id, outcome: kind, as: replayed.as }
    case 'refused':
      return { id, outcome: kind, code: replayed.code }
    case 'closed':
    case 'not-now':
      return { id, outcome: kind }
    case 'not-found':
      return { id, outcome: 'closed' }
  }
}

interface Asked {
  readonly code?: string | undefined
  readonly source?: string | undefined
  readonly stream?: string | undefined
  readonly from?: Instant | undefined
  readonly until?: Instant | undefined
  readonly state?: DeadLetter['state'] | undefined
}

function filterOf({ code: cause, source, stream, from, until, state }: Asked): DeadLetterFilter {
  return {
    ...(cause && { code: cause }),
    ...(source && { source }),
    ...(stream && { stream }),
    ...(state && { state }),
    received: { ...(from && { from }), ...(until && { until }) },
  }
}

function placeOf({ at, id }: ListedDeadLetter): string[] {
  return [at, id]
}

function besideLetter({ place: [at = '', id = ''], backwards }: From) {
  return { at, id, backwards }
}

/** @throws Problem `not_found`, `wrong_state` */
async function orderReplay(tx: Tx, { letter, caller }: Pick<Told, 'letter' | 'caller'>): Promise<void> {
  const found = await readDeadLetter(tx, letter)
  if (found === undefined) throw new Problem('not_found')
  if (found.state !== 'open') throw new Problem('wrong_state', { members: { state: found.state } })
  await tellOrder(tx, { letter, caller, reason: 'cause-mended' })
}

/** Intake may not speak for a person, so the order is told before it is carried out. */
async function tellOrder(
  tx: Tx,
  { letter, caller, reason }: Pick<Told, 'letter' | 'caller' | 'reason'>,
): Promise<void> {
  const attempt = randomUUID()
  await tell(tx, { type: 'dead-letter.replay-ordered/1', letter, caller, attempt, ...(reason && { reason }) })
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
