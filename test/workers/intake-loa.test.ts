import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import { evidenceAbout } from '#db/evidence.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { type IntakeGround, makeIntakeGround, norrsken, webb } from '../db/intake-ground.ts'

let ground: IntakeGround
beforeAll(async () => {
  ground = await makeIntakeGround()
})
afterAll(() => ground.dispose())

/** Levels that intake credited to one login under the institution's policy. */
async function creditedUnder(loaPolicy: object): Promise<unknown> {
  await ground.admin`update institution set body = body || ${ground.admin.json({ loaPolicy } as never)} where institution = ${norrsken}`
  const here = { learner: `w-${randomUUID()}`, offering: `o-${randomUUID()}` }
  const messages = await Promise.all([webb.completion(here), webb.login(here)].map(ground.message))
  const intake = ground.as('bevis_intake')
  const { taken } = await takeIn(intake, 'COMPLETIONS', messages)
  expect(taken.map(({ kind }) => kind)).toEqual(['case', 'evidence'])
  const [row] = await ground.admin`select person from cases where offering = ${here.offering}`
  const facts = await inInstitution(intake, norrsken, (tx) =>
    evidenceAbout(tx, { persons: [row?.['person'] as never], kind: 'identity' }),
  )
  return facts[0]?.body.computed['credits']
}

test('a login is credited as the institution chose around the table', async () => {
  const accepted = { acceptsUncertifiedLoa2: { decision: 'D 1' }, acceptsUncertifiedAtAllBands: { decision: 'D 2' } }
  expect(await creditedUnder(accepted)).toMatchObject([{ loa: 2 }])
  expect(await creditedUnder({ entitledIssuers: ['https://another.example'] })).toMatchObject([{ loa: 0 }])
})
