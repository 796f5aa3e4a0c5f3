import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CallerRole } from '#api/access.ts'
import { applyRegister } from '#db/register.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { holesOf, least, type Operation, operations, pathOf, ruleOf } from './operations.ts'
import { achievementOf, markerOf, nowhere, type Planted, plant, words } from './planted.ts'
import { type ApiWorld, applier, createApiWorld, institution, personOf, registerOf, type Somebody } from './world.ts'

const foreign = as<InstitutionId>('sorsken')

/** Who calls, and which of the table's roles they hold at norrsken. */
const callers: Readonly<Partial<Record<Somebody, readonly CallerRole[]>>> = {
  officer: ['officer'],
  operator: ['operator'],
  privacy: ['privacy'],
  // Appointed to the planted case
  reviewer: ['approver'],
  // An approver of the register, but not of the case
  decider: ['approver'],
  learner: [],
  // An officer of sorsken, unknown here
  stranger: [],
}

/** Bytes of a well-formed event, for operations that are handed one. */
const anEvent = readFileSync(
  new URL('../../docs/events/examples/completion.recorded.v1.json', import.meta.url),
).toString('base64')

let w: ApiWorld
let own: Planted
let theirs: Planted
let strange: string
let misdirected: string
const tokens = new Map<Somebody, string>()
beforeAll(async () => {
  w = await createApiWorld({ temporal: true })
  const register = withMarkers(foreign)
  await applyRegister(w.db, withMarkers(institution), { by: applier })
  const references = register.references.filter(({ value }) => value === 'learner' || value === 'examiner')
  const stranger = { scheme: 'oidc', value: 'stranger', person: personOf('officer') }
  await applyRegister(w.db, { ...register, references: [...references, stranger] }, { by: applier })
  own = await plant(w, institution)
  theirs = await plant(w, foreign)
  await w.log.publish()
  strange = await w.elsewhere('officer')
  misdirected = await w.misdirected('officer')
  for (const who of Object.keys(callers) as Somebody[]) tokens.set(who, await w.token(who))
})
afterAll(() => w.dispose())

const closed = operations.filter((operation) => typeof ruleOf(operation).who !== 'string')
const withObject = closed.filter((operation) => holesOf(operation).some(({ kind }) => !words.includes(kind)))

/** A well-formed request: what is refused is refused for who asks, not for how. */
async function call(operation: Operation, who: Somebody, ids: Planted) {
  return send(operation, tokens.get(who), ids)
}

async function send(operation: Operation, token: string | undefined, ids: Planted) {
  const [media = 'application/json', body] = Object.entries(operation.bodies)[0] ?? []
  const known = { credential: ids['credentials'], person: 'pers_examiner', event: anEvent, cases: [ids['cases']] }
  const asked = operation.parameters.filter((one) => one.in === 'query' && one.required === true)
  const query = new URLSearchParams(
    asked.map(({ name, schema }): [string, string] => [name, String(least(schema, known))]),
  )
  const response = await fetch(
    `${w.api.url}${pathOf(operation, ids)}${asked.length > 0 ? `?${query.toString()}` : ''}`,
    {
      method: operation.method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        'idempotency-key': 'leak',
        'if-match': '"some"',
        ...(body === undefined ? {} : { 'content-type': media }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(least(body.schema, known)) }),
    },
  )
  return { status: response.status, text: await response.text() }
}

function withMarkers(of: InstitutionId) {
  const register = registerOf(of)
  return { ...register, items: [...register.items, achievementOf(of)] }
}

/** What tells one refusal from another, apart from the path that the caller wrote themself. */
function shapeOf({ status, text }: { status: number; text: string }): unknown {
  const { traceId: _, instance: __, ...said } = JSON.parse(text) as Record<string, unknown>
  return { status, said }
}

function mayCall(operation: Operation, who: Somebody): boolean {
  const { who: roles } = ruleOf(operation)
  return typeof roles === 'string' || roles.some((role) => callers[who]?.includes(role))
}

test('every hole in every path has an object planted for it, so that no new operation goes untested', () => {
  for (const operation of operations) expect(() => pathOf(operation, own), operation.id).not.toThrow()
})

describe.each(closed)('$id', (operation) => {
  test('answers who may, and only them, and tells the others nothing', async () => {
    for (const who of Object.keys(callers) as Somebody[]) {
      const answer = await call(operation, who, own)
      if (mayCall(operation, who)) {
        expect([401, 500, 503], `${who}: ${answer.text}`).not.toContain(answer.status)
        expect(answer.text, who).not.toContain('role_required')
      } else {
        expect(answer.status, `${who}: ${answer.text}`).toBe(403)
        expect(JSON.parse(answer.text), who).toMatchObject({ code: 'role_required' })
        expect(withoutPath(answer.text), who).not.toContain(markerOf(institution))
      }
      expect(answer.text, who).not.toContain(markerOf(foreign))
    }
  })

  test('tells nothing without a token, or with one made for somebody else', async () => {
    for (const token of [undefined, strange, misdirected]) {
      const answer = await send(operation, token, own)
      expect(answer.status).toBe(401)
      expect(withoutPath(answer.text)).not.toContain(markerOf(institution))
    }
  })

  test('tells an officer of one institution nothing of another', async () => {
    const answer = await call(operation, 'officer', theirs)
    expect(answer.status).toBe(403)
    expect(withoutPath(answer.text)).not.toContain(markerOf(foreign))
  })
})

describe.each(withObject)('$id', (operation) => {
  test('another institution’s object is to everybody as if it had never been', async () => {
    const borrowed = { ...theirs, institutions: institution }
    for (const who of Object.keys(callers) as Somebody[]) {
      const answer = await call(operation, who, borrowed)
      expect(shapeOf(answer), who).toEqual(shapeOf(await call(operation, who, { ...nowhere(own), ...elsewhere })))
      if (mayCall(operation, who)) expect(answer.status, `${who}: ${answer.text}`).toBe(404)
      expect(withoutPath(answer.text), who).not.toContain(markerOf(foreign))
    }
  })

  test('a case is to an approver who is not appointed to it as if it had never been', async () => {
    if (!operation.path.includes('/cases/') || !mayCall(operation, 'decider')) return
    const answer = await call(operation, 'decider', own)
    expect(answer.status).toBe(404)
    expect(shapeOf(answer)).toEqual(shapeOf(await call(operation, 'decider', nowhere(own))))
  })
})

test('another institution’s case is in no audit package, and as if it had never been', async () => {
  const operation = operations.find(({ id }) => id === 'exportTrails')
  if (operation === undefined) throw new Error('no such operation')
  const answer = await call(operation, 'officer', { ...theirs, ...elsewhere })
  expect(answer.status).toBe(404)
  expect(shapeOf(answer)).toEqual(shapeOf(await call(operation, 'officer', { ...nowhere(own), ...elsewhere })))
})

const elsewhere = { institutions: institution }

/** The caller's own path comes back in `instance`. */
function withoutPath(text: string): string {
  return text.replace(/"instance":"[^"]*"/, '')
}
