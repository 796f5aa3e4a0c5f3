import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyRegister } from '#db/register.ts'
import type { RegisterToApply } from '#db/register-items.ts'
import { LOA_PREFIX } from '#dev/people.ts'
import { type ApiWorld, applier, createApiWorld, institution, personOf, registerOf, type Somebody } from './world.ts'

const me = '/v1/institutions/norrsken/me'

describe('who somebody is', () => {
  let w: ApiWorld
  beforeAll(async () => {
    w = await createApiWorld()
  })
  afterAll(() => w.dispose())

  const apply = (changes: Partial<RegisterToApply>) =>
    applyRegister(w.db, { ...registerOf(institution), ...changes }, { by: applier })
  const ask = async (who: Somebody, login = {}) => {
    const response = await w.ask(who, me, login)
    return [response.status, await response.json()]
  }

  test('is told by the register, with the level of assurance of this very login', async () => {
    expect(await ask('officer')).toMatchObject([
      200,
      { person: 'pers_officer', roles: ['officer'], appointed: ['officer'], loa: 3 },
    ])
    expect(await ask('reviewer', { acr: `${LOA_PREFIX}2` })).toMatchObject([200, { roles: ['approver'], loa: 2 }])
    expect((await ask('learner'))[0]).toBe(403)
  })

  test('is not asked of a token that the same login service made out to another resource', async () => {
    const asWith = async (token: string) => {
      const response = await w.ask(undefined, me, { headers: { authorization: `Bearer ${token}` } })
      return [response.status, response.headers.get('www-authenticate'), await response.json()]
    }
    expect(await asWith(await w.token('officer'))).toMatchObject([200, null, { person: 'pers_officer' }])
    expect(await asWith(await w.misdirected('officer'))).toMatchObject([
      401,
      expect.stringContaining('error="invalid_token", error_description="ERR_JWT_CLAIM_VALIDATION_FAILED aud"'),
      { code: 'token_invalid' },
    ])
  })

  test('follows the institution’s own choices about issuers', async () => {
    const { institution: declared } = registerOf(institution)
    const loaPolicy = { entitledIssuers: ['https://another.example'] }
    await apply({ institution: { ...declared, body: { ...declared.body, loaPolicy } } })
    expect(await ask('officer')).toMatchObject([200, { loa: 0 }])
  })

  test('ends when the appointment ends, whatever the token says', async () => {
    const token = await w.token('officer')
    const { items } = registerOf(institution)
    await apply({ items: items.filter(({ id }) => id !== 'appointed-officer') })
    const response = await w.ask(undefined, me, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(403)
  })

  test('is the same human being under a second id', async () => {
    await apply({ links: [[personOf('learner'), personOf('operator')]] })
    expect(await ask('learner')).toMatchObject([200, { person: 'pers_learner', roles: ['operator'] }])
  })
})
