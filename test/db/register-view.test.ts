/** The part of the register a case is judged by: nobody missing, nobody too many, always in the same order. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Db, inInstitution, openDb } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import { readDeclared, registerView, registerViews } from '#db/register-view.ts'
import { as, type PersonId } from '#domain/words.ts'
import { createWorld, type World } from '../support/world.ts'
import { north, south } from './ground.ts'
import { appointment, conflict, person, registerOf } from './register-fixture.ts'

const by = { ref: 'cli', kind: 'service', role: 'operator' } as const
const id = (name: string) => as<PersonId>(`pers_${name}`)

let world: World
let pipeline: Db
beforeAll(async () => {
  world = await createWorld()
  pipeline = openDb(world.url('bevis_pipeline'), world.secrets)
  const api = openDb(world.url('bevis_api'), world.secrets)
  const everybody = ['learner', 'other', 'alias', 'alias2', 'examiner', 'examiner-alias', 'reviewer', 'elsewhere'].map(
    (name) => person(id(name)),
  )
  const items = [
    ...everybody,
    appointment('app-examiner', id('examiner')),
    appointment('app-reviewer', id('reviewer'), { role: 'external-reviewer', achievements: ['safety'] }),
    appointment('app-elsewhere', id('elsewhere'), { achievements: ['knitting'] }),
    conflict('con-1', id('examiner'), id('learner')),
    conflict('con-2', id('examiner'), id('other')),
    conflict('con-3', id('reviewer')),
    conflict('con-4', id('elsewhere')),
  ]
  const links = [
    [id('learner'), id('alias')],
    [id('alias'), id('alias2')],
    [id('examiner'), id('examiner-alias')],
    [id('other'), id('stranger')],
  ] as const
  await applyRegister(api, registerOf(north, items, { links }), { by })
  await applyRegister(api, registerOf(south, [person(id('learner'))]), { by })
  await api.close()
})
afterAll(async () => {
  await pipeline.close()
  await world.dispose()
})

const viewOf = (persons: readonly PersonId[], achievements: readonly string[]) =>
  inInstitution(pipeline, north, (tx) => registerView(tx, persons, achievements))

describe('a view', () => {
  test('has everybody asked for, their other identities however far, and all who may decide', async () => {
    const view = await viewOf([id('learner')], ['safety'])
    expect(view.persons.map((one) => one.id)).toEqual(
      ['alias', 'alias2', 'examiner', 'examiner-alias', 'learner', 'reviewer'].map(id),
    )
    expect(view.linked).toEqual([
      [id('alias'), id('alias2')],
      [id('alias'), id('learner')],
      [id('examiner'), id('examiner-alias')],
    ])
    expect(view.organisations.map((one) => one.id)).toEqual(['skolan'])
  })

  test('leaves out who is appointed for other achievements, unless they acted', async () => {
    const appointed = async (persons: readonly PersonId[]) =>
      (await viewOf(persons, ['safety'])).appointments.map((one) => one.id)
    expect(await appointed([id('learner')])).toEqual(['app-examiner', 'app-reviewer'])
    expect(await appointed([id('learner'), id('elsewhere')])).toEqual(['app-elsewhere', 'app-examiner', 'app-reviewer'])
  })

  test('tells conflicts with this learner and with everybody, and nothing about other learners', async () => {
    const view = await viewOf([id('learner')], ['safety'])
    expect(view.conflicts.map((one) => [one.person, one.learner])).toEqual([
      [id('examiner'), id('learner')],
      [id('reviewer'), undefined],
    ])
    expect(JSON.stringify(view)).not.toContain(id('other'))
  })

  test('finds a person under any of their identities', async () => {
    const view = await viewOf([id('alias2')], ['safety'])
    expect(view.persons.map((one) => one.id)).toContain(id('learner'))
  })

  test('of nobody still has who may decide', async () => {
    const view = await viewOf([], ['safety'])
    expect(view.persons.map((one) => one.id)).toEqual(['examiner', 'examiner-alias', 'reviewer'].map(id))
  })

  test('is the same for one case alone and among others', async () => {
    const alone = await viewOf([id('learner')], ['safety'])
    const views = await inInstitution(pipeline, north, async (tx) =>
      registerViews(tx, await readDeclared(tx), [id('other'), id('learner')]),
    )
    expect(JSON.stringify(views.view([id('learner')], ['safety']))).toBe(JSON.stringify(alone))
  })

  test('of another institution knows nothing of this one', async () => {
    const view = await inInstitution(pipeline, south, (tx) => registerView(tx, [id('learner')], ['safety']))
    expect(view).toMatchObject({ institution: south, linked: [], appointments: [], conflicts: [] })
    expect(view.persons.map((one) => one.id)).toEqual([id('learner')])
  })
})
