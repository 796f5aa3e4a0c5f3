import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Access, access } from '#api/access.ts'
import { apiDocument } from '#api/document.ts'
import { type ApiWorld, createApiWorld, type Somebody } from './world.ts'

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
}

const document = apiDocument() as { paths: Record<string, Record<string, { operationId: string }>> }
const operations: Operation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ id: operationId, method, path })),
)
const ruleOf = (id: string): Access => access[id as keyof typeof access]
const closed = operations.filter(({ id }) => typeof ruleOf(id)?.who !== 'string')

/** A path with something in every hole, so that only the guard can refuse. */
function filled(path: string, institution = 'norrsken'): string {
  return path.replace('{institution}', institution).replaceAll(/\{\w+\}/g, 'case_abc')
}

/** Somebody whose only role is not among those that may. */
function wrongPerson(rule: Access): Somebody {
  const holders: Readonly<Record<string, Somebody>> = { officer: 'officer', operator: 'operator', approver: 'reviewer' }
  const wrong = Object.keys(holders).find(
    (role) => typeof rule.who === 'string' || !rule.who.some((one) => one === role),
  )
  return wrong === undefined ? 'learner' : (holders[wrong] ?? 'learner')
}

test('the table of access and the OpenAPI document name the same operations', () => {
  expect(operations.map(({ id }) => id).toSorted()).toEqual(Object.keys(access).toSorted())
})

describe('every closed operation', () => {
  let w: ApiWorld
  beforeAll(async () => {
    w = await createApiWorld()
  })
  afterAll(() => w.dispose())

  const ask = (who: Somebody | undefined, operation: Operation, more = {}) =>
    w.ask(who, filled(operation.path), { method: operation.method.toUpperCase(), ...more })

  test.each(closed)('$id refuses who has no token', async (operation) => {
    const response = await ask(undefined, operation)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="bevis"')
    expect(await response.json()).toMatchObject({ code: 'token_missing' })
  })

  test.each(closed)('$id refuses a token that is none', async (operation) => {
    const response = await ask(undefined, operation, { headers: { authorization: 'Bearer e30.e30.e30' } })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'token_invalid' })
  })

  test.each(closed)('$id refuses who holds another role, and who holds none', async (operation) => {
    for (const who of [wrongPerson(ruleOf(operation.id)), 'learner', 'stranger'] as const) {
      const response = await ask(who, operation)
      expect(response.status, who).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'role_required' })
    }
  })

  test.each(closed)('$id does not know an officer of another institution', async (operation) => {
    const method = operation.method.toUpperCase()
    expect((await w.ask('officer', filled(operation.path, 'sorsken'), { method })).status).toBe(403)
    expect((await w.ask('officer', filled(operation.path, 'nowhere'), { method })).status).toBe(404)
  })

  test.each(closed.filter(({ id }) => (ruleOf(id) as { freshLogin?: true }).freshLogin))(
    '$id wants a login at most five minutes old (RFC 9470)',
    async (operation) => {
      const { who } = ruleOf(operation.id)
      const holds = (role: string) => Array.isArray(who) && who.includes(role)
      const somebody = holds('officer') ? 'officer' : holds('privacy') ? 'privacy' : 'examiner'
      const response = await ask(somebody, operation, { authAgeSeconds: 310 })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain(
        'error="insufficient_user_authentication", max_age="300"',
      )
      expect(await response.json()).toMatchObject({ code: 'insufficient_user_authentication', maxAge: 300 })
    },
  )
})
