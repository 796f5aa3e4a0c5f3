/** Applying a register: whole, once, with its history, and never against a case that already stands on it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLeaf } from '#audit/entry.ts'
import { readTrail } from '#db/audit-log.ts'
import { type Db, inInstitution, openDb, type Tx } from '#db/client.ts'
import { readEmitters } from '#db/emitters.ts'
import { findInstitution, readInstitution } from '#db/institution.ts'
import { introducePerson, personalOf, referenceKey, resolveReferences } from '#db/people.ts'
import { applyRegister } from '#db/register.ts'
import type { RegisterItem, RegisterToApply } from '#db/register-items.ts'
import { achievementVersions, latestPublished, readAchievement, readItems, readTightenings } from '#db/register-read.ts'
import { as, type InstitutionId, type PersonId } from '#domain/words.ts'
import { createWorld, type World } from '../support/world.ts'
import { achievement, appointment, long, person, registerOf } from './register-fixture.ts'

const by = { ref: 'cli', kind: 'service', role: 'operator' } as const
const ref = (value: string) => ({ scheme: 'eppn', value })
const eva = as<PersonId>('pers_eva')

let world: World
let api: Db
let pipeline: Db
beforeAll(async () => {
  world = await createWorld()
  api = openDb(world.url('bevis_api'), world.secrets)
  pipeline = openDb(world.url('bevis_pipeline'), world.secrets)
})
afterAll(async () => {
  await api.close()
  await pipeline.close()
  await world.dispose()
})

/** An institution of its own for each test: revisions start at nought. */
function fresh() {
  const institution = as<InstitutionId>(`inst-${randomUUID().slice(0, 8)}`)
  return {
    institution,
    apply: (register: RegisterToApply) => applyRegister(api, register, { by }),
    read: <T>(work: (tx: Tx) => Promise<T>) => inInstitution(pipeline, institution, work),
    register: (...rest: Parameters<typeof registerOf> extends [unknown, ...infer Rest] ? Rest : never) =>
      registerOf(institution, ...rest),
  }
}

async function useInCase(institution: InstitutionId, id: string, version: number): Promise<void> {
  const admin = openDb(world.adminUrl, world.secrets, { max: 1 })
  await admin.sql`insert into cases (id, institution, person, achievement, achievement_version, offering, attempt, event_key,
      trail, state, step, promised, test)
    values (${`case_${randomUUID()}`}, ${institution}, 'pers_l', ${id}, ${version}, 'o', 1, '\\x00', ${randomUUID()}, 'open', 'open', 'E', true)`
  await admin.close()
}

describe('applying', () => {
  test('the first time makes the institution, its trail and everything in the register', async () => {
    const { apply, read, register } = fresh()
    const applied = await apply(register([person(eva), achievement('safety', 1)]))
    expect(applied.revision).toBe(1)
    expect(applied.changed).toEqual([
      { kind: 'achievement', id: 'safety@1', change: 'added' },
      { kind: 'organisation', id: 'skolan', change: 'added' },
      { kind: 'person', id: eva, change: 'added' },
    ])
    expect((await read(readInstitution)).revision).toBe(1)
    expect((await read((tx) => readItems(tx, 'person'))).map((one) => one.id)).toEqual([eva])
  })

  test('again changes nothing and writes nothing', async () => {
    const { apply, read, register } = fresh()
    const declared = register([person(eva, 'Eva'), achievement('safety', 1)], {
      references: [{ ...ref('eva@a'), person: eva }],
    })
    await apply(declared)
    expect(await apply(declared)).toEqual({ revision: 1, changed: [], rejudged: [] })
    // The application, and the achievement that came with it.
    const { trail } = await read(readInstitution)
    expect(await read((tx) => readTrail(tx, trail))).toHaveLength(2)
  })

  test('is the same whatever the order of items and members', async () => {
    const { apply, register } = fresh()
    await apply(register([person('pers_a'), person('pers_b')]))
    const turned = register([person('pers_b'), person('pers_a')])
    const mixed = turned.items.map((item) => ({
      ...item,
      body: Object.fromEntries(Object.entries(item.body).toReversed()) as typeof item.body,
    }))
    expect((await apply({ ...turned, items: mixed as typeof turned.items })).changed).toEqual([])
  })

  test('writes who applied which revision into the institution trail', async () => {
    const { apply, read, register } = fresh()
    await apply(register([person(eva)]))
    await apply(register([person(eva), achievement('safety', 1)]))
    const { trail } = await read(readInstitution)
    const said = (await read((tx) => readTrail(tx, trail))).map((row) => parseLeaf(row.leaf))
    expect(said.map(({ type, data }) => [type, data])).toEqual([
      ['register.applied/1', { version: 1, changes: 2, register: expect.any(String), persons: expect.any(String) }],
      ['register.applied/1', { version: 2, changes: 1, register: expect.any(String), persons: expect.any(String) }],
      [
        'achievement.published/1',
        { achievement: 'safety', achievementVersion: 1, version: 2, digest: expect.any(String) },
      ],
    ])
    expect(said[0]?.actor).toEqual(by)
  })

  test('at once from two sides happens one after the other', async () => {
    const { apply, register } = fresh()
    const results = await Promise.all([
      apply(register([person('pers_a')])),
      apply(register([person('pers_a'), person('pers_b')])),
      apply(register([person('pers_a')])),
    ])
    expect(new Set(results.map((one) => one.revision)).size).toBeGreaterThan(1)
  })

  test('a log never moves to another address', async () => {
    const { apply, read, register } = fresh()
    const declared = register([])
    await apply(declared)
    const moved = { ...declared, institution: { ...declared.institution, origin: 'elsewhere.test/x' } }
    await expect(apply(moved)).rejects.toMatchObject({ code: 'origin-changed' })
    expect((await read(readInstitution)).revision).toBe(1)
  })

  test('what the pipeline tries to apply is refused', async () => {
    const { institution, register } = fresh()
    await expect(applyRegister(pipeline, register([]), { by })).rejects.toMatchObject({ cause: { code: '42501' } })
    expect(await inInstitution(api, institution, findInstitution)).toBeUndefined()
  })
})

describe('history', () => {
  test('keeps every version with the revisions between which it was in force', async () => {
    const { institution, apply, read, register } = fresh()
    await apply(register([appointment('app-1', eva, { order: 1 })]))
    await apply(register([appointment('app-1', eva, { order: 2 })]))
    expect((await apply(register([]))).changed).toEqual([{ kind: 'appointment', id: 'app-1', change: 'removed' }])
    expect(await read((tx) => readItems(tx, 'appointment'))).toEqual([])
    const admin = openDb(world.adminUrl, world.secrets, { max: 1 })
    const rows = await admin.sql`
      select revision_from as from, revision_until as until, body ->> 'order' as order from register_item
      where institution = ${institution} and kind = 'appointment' order by revision_from`
    await admin.close()
    expect([...rows]).toEqual([
      { from: 1, until: 2, order: '1' },
      { from: 2, until: 3, order: '2' },
    ])
  })

  test('lets what was removed come back', async () => {
    const { apply, read, register } = fresh()
    for (const items of [[person(eva)], [], [person(eva)]]) await apply(register(items))
    expect(await read((tx) => readItems(tx, 'person'))).toHaveLength(1)
  })
})

describe('achievements', () => {
  test('are read by version, or the latest', async () => {
    const { apply, read, register } = fresh()
    await apply(register([2, 10, 1].map((version) => achievement('safety', version))))
    expect((await read((tx) => readAchievement(tx, 'safety', 2)))?.version).toBe(2)
    expect((await read((tx) => readAchievement(tx, 'safety')))?.version).toBe(10)
    expect(await read((tx) => readAchievement(tx, 'safety', 3))).toBeUndefined()
    expect(await read((tx) => readAchievement(tx, 'other'))).toBeUndefined()
    expect([...(await read((tx) => latestPublished(tx, ['safety', 'other']))).keys()]).toEqual(['safety'])
    expect((await read((tx) => achievementVersions(tx, 'safety'))).map((one) => one.version)).toEqual([1, 2, 10])
    expect(await read((tx) => achievementVersions(tx, 'safe_y'))).toEqual([])
  })

  test('may change while no case has used them', async () => {
    const { apply, register } = fresh()
    await apply(register([achievement('safety', 1, 'draft')]))
    expect((await apply(register([achievement('safety', 1, 'better')]))).changed).toHaveLength(1)
  })

  test('are frozen once a case has used them, and nothing else of that register is applied', async () => {
    const { institution, apply, read, register } = fresh()
    await apply(register([achievement('safety', 1, 'as promised')]))
    await useInCase(institution, 'safety', 1)
    const attempt = apply(register([achievement('safety', 1, 'less'), person(eva)]))
    await expect(attempt).rejects.toMatchObject({ code: 'achievement-frozen', about: ['safety@1'] })
    expect((await read((tx) => readAchievement(tx, 'safety', 1)))?.name.en).toBe('as promised')
    expect(await read((tx) => readItems(tx, 'person'))).toEqual([])
  })

  test('get a new version beside the frozen one, and the frozen one may be withdrawn', async () => {
    const { institution, apply, read, register } = fresh()
    await apply(register([achievement('safety', 1)]))
    await useInCase(institution, 'safety', 1)
    await apply(register([achievement('safety', 1), achievement('safety', 2, 'new')]))
    await apply(register([achievement('safety', 2, 'new')]))
    expect((await read((tx) => achievementVersions(tx, 'safety'))).map((one) => one.version)).toEqual([2])
  })

  test('do not thaw by being taken out and put back changed', async () => {
    const { institution, apply, register } = fresh()
    await apply(register([achievement('safety', 1, 'as promised')]))
    await useInCase(institution, 'safety', 1)
    await apply(register([]))
    await expect(apply(register([achievement('safety', 1, 'less')]))).rejects.toMatchObject({
      code: 'achievement-frozen',
    })
    expect((await apply(register([achievement('safety', 1, 'as promised')]))).changed).toHaveLength(1)
  })
})

test('emitters are found by their source, tightenings are read together', async () => {
  const { institution, apply, register } = fresh()
  const text = { sv: 'x', en: 'x' }
  const emitter: RegisterItem<'emitter'> = {
    kind: 'emitter',
    id: 'lms',
    body: {
      id: 'lms',
      name: text,
      owner: { organisation: as('skolan') },
      kinds: ['completion'],
      introducesLearners: false,
      signed: 'required',
      keys: [{ kid: 'k1', jwk: { kty: 'OKP', crv: 'Ed25519', x: 'x' }, from: long.from }],
    },
  }
  const tightening: RegisterItem<'tightening'> = {
    kind: 'tightening',
    id: 'stricter',
    body: { id: 'stricter', band: 'E', row: 'loa', demand: { atLeast: 2 }, because: text, reference: 'dnr 1' },
  }
  await apply(register([emitter, tightening]))
  const intake = openDb(world.url('bevis_intake'), world.secrets, { max: 1 })
  const within = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(intake, institution, work)
  expect(await within((tx) => readEmitters(tx, ['lms', 'stranger']))).toEqual(new Map([['lms', emitter.body]]))
  expect(await within(readTightenings)).toEqual([tightening.body])
  await intake.close()
})

describe('people', () => {
  test('have names and birth dates that only the key opens', async () => {
    const { apply, read, register } = fresh()
    await apply(register([person(eva, 'Eva Recognisable')]))
    expect(await read((tx) => personalOf(tx, [eva]))).toEqual(
      new Map([[eva, { name: 'Eva Recognisable', birthDate: '1990-01-01' }]]),
    )
    const admin = openDb(world.adminUrl, world.secrets, { max: 1 })
    const [dump] = await admin.sql<{ text: string }[]>`select string_agg(r::text, ' ') as text from register_item r`
    await admin.close()
    expect(dump?.text).not.toContain('Recognisable')
    expect(dump?.text).not.toContain(Buffer.from('Recognisable').toString('hex'))
    expect(dump?.text).not.toContain('1990-01-01')
  })

  test('whose name alone changed are a change', async () => {
    const { apply, read, register } = fresh()
    await apply(register([person(eva, 'Eva A')]))
    expect((await apply(register([person(eva, 'Eva B')]))).changed).toEqual([
      { kind: 'person', id: eva, change: 'changed' },
    ])
    expect((await read((tx) => personalOf(tx, [eva]))).get(eva)?.name).toBe('Eva B')
  })

  test('are found by their references afterwards', async () => {
    const { apply, read, register } = fresh()
    await apply(register([person(eva)], { references: [{ ...ref('eva@a'), person: eva }] }))
    const found = await read((tx) => resolveReferences(tx, [ref('eva@a')]))
    expect(found.get(referenceKey(ref('eva@a')))).toBe(eva)
  })

  test('one new reference is enough for a new revision', async () => {
    const { apply, register } = fresh()
    await apply(register([person(eva)]))
    const more = register([person(eva)], { references: [{ ...ref('eva@b'), person: eva }] })
    expect(await apply(more)).toEqual({ revision: 2, changed: [], rejudged: [] })
  })

  test('a reference the register gave to somebody else is refused, without telling its value', async () => {
    const { apply, register } = fresh()
    await apply(register([person(eva)], { references: [{ ...ref('eva@a'), person: eva }] }))
    const other = register([], { references: [{ ...ref('eva@a'), person: as<PersonId>('pers_bo') }] })
    const error = await apply(other).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'reference-taken', about: [eva, 'pers_bo', 'eppn'] })
    expect(String(error)).not.toContain('eva@a')
  })

  test('a reference twice in one register for two persons is refused', async () => {
    const { apply, register } = fresh()
    const references = [eva, as<PersonId>('pers_bo')].map((of) => ({ ...ref('both@a'), person: of }))
    await expect(apply(register([], { references }))).rejects.toMatchObject({ code: 'reference-taken' })
  })

  test('somebody met before they were registered becomes one human being with the registered person', async () => {
    const { institution, apply, register } = fresh()
    await apply(register([]))
    const met = await inInstitution(api, institution, (tx) => introducePerson(tx, ref('early@a'), 'officer:deci_1'))
    await apply(register([person(eva)], { references: [{ ...ref('early@a'), person: eva }] }))
    const admin = openDb(world.adminUrl, world.secrets, { max: 1 })
    const pairs = await admin.sql`select a, b, origin from person_link where institution = ${institution}`
    await admin.close()
    expect([...pairs]).toEqual([{ ...pairOf(met, eva), origin: 'register' }])
  })

  function pairOf(one: PersonId, other: PersonId): { a: PersonId; b: PersonId } {
    return one < other ? { a: one, b: other } : { a: other, b: one }
  }
})
