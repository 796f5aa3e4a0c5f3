/** References and persons: recognised without being readable, joined only when somebody said so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inInstitution, type Tx } from '#db/client.ts'
import {
  introducePerson,
  introducePersons,
  linkPersons,
  linkReference,
  referenceKey,
  resolveReferences,
} from '#db/people.ts'
import type { Role } from '#db/rights.ts'
import { as, type PersonId } from '#domain/words.ts'
import { type Ground, makeGround, north, south } from './ground.ts'

let ground: Ground
beforeAll(async () => {
  ground = await makeGround()
})
afterAll(() => ground.dispose())

const within = <T>(work: (tx: Tx) => Promise<T>, role: Role = 'bevis_api') =>
  inInstitution(ground.as(role), north, work)
const ref = (value: string) => ({ scheme: 'eppn', value })
const [eva, bo] = [as<PersonId>('pers_eva'), as<PersonId>('pers_bo')]

describe('references', () => {
  test('resolve to their person, many at once; the unknown are left out', async () => {
    await within(async (tx) => {
      await linkReference(tx, ref('eva@a'), { person: eva, origin: 'register' })
      await linkReference(tx, ref('bo@a'), { person: bo, origin: 'register' })
    })
    const found = await within((tx) => resolveReferences(tx, [ref('eva@a'), ref('nobody@a'), ref('bo@a')]))
    expect(found).toEqual(
      new Map([
        [referenceKey(ref('eva@a')), eva],
        [referenceKey(ref('bo@a')), bo],
      ]),
    )
  })

  test('are stored so that nobody can read them', async () => {
    await within((tx) => linkReference(tx, ref('very-recognisable@a'), { person: eva, origin: 'register' }))
    const [dump] = await ground.admin<
      { text: string }[]
    >`select string_agg(r::text, ' ') as text from person_reference r`
    expect(dump?.text).not.toContain('recognisable')
    expect(dump?.text).not.toContain(Buffer.from('recognisable').toString('hex'))
  })

  test('mean nothing in another institution', async () => {
    await within((tx) => linkReference(tx, ref('only-here@a'), { person: eva, origin: 'register' }))
    const there = await inInstitution(ground.as('bevis_api'), south, (tx) =>
      resolveReferences(tx, [ref('only-here@a')]),
    )
    expect(there.size).toBe(0)
  })

  test('said to mean a second person make the two one human being, and keep the first', async () => {
    const outcomes = await within(async (tx) => [
      await linkReference(tx, ref('two@a'), { person: bo, origin: 'register' }),
      await linkReference(tx, ref('two@a'), { person: bo, origin: 'register' }),
      await linkReference(tx, ref('two@a'), { person: eva, origin: 'officer:deci_1' }),
    ])
    expect(outcomes).toEqual([{ kind: 'linked' }, { kind: 'known' }, { kind: 'persons-linked', other: bo }])
    expect(await ground.admin`select a, b, origin from person_link`).toEqual([
      { a: bo, b: eva, origin: 'officer:deci_1' },
    ])
    expect((await within((tx) => resolveReferences(tx, [ref('two@a')]))).get(referenceKey(ref('two@a')))).toBe(bo)
  })

  test('intake may link by an assertion, never in the name of register or officer', async () => {
    const link = (origin: 'register' | `assertion:${string}` | `officer:${string}`, value: string) =>
      within((tx) => linkReference(tx, ref(value), { person: eva, origin }), 'bevis_intake')
    expect(await link('assertion:evid_1', 'asserted@a')).toEqual({ kind: 'linked' })
    await expect(link('register', 'forged@a')).rejects.toMatchObject({ cause: { code: '42501' } })
    await expect(link('officer:deci_2', 'forged@a')).rejects.toMatchObject({ cause: { code: '42501' } })
  })

  test('the pipeline may look them up and link nothing', async () => {
    const attempt = within(
      (tx) => linkReference(tx, ref('pipeline@a'), { person: eva, origin: 'assertion:evid_1' }),
      'bevis_pipeline',
    )
    await expect(attempt).rejects.toMatchObject({ cause: { code: '42501' } })
  })
})

describe('introducing a person', () => {
  test('gives an id that tells nothing, and the same one the second time', async () => {
    const first = await within((tx) => introducePerson(tx, ref('new@a'), 'officer:deci_3'))
    const second = await within((tx) => introducePerson(tx, ref('new@a'), 'officer:deci_3'))
    expect(first).toMatch(/^pers_[a-z2-7]{26}$/)
    expect(second).toBe(first)
  })

  test('many in one go get an id each; who was met before, or stands twice in the list, keeps theirs', async () => {
    const met = await within((tx) => introducePerson(tx, ref('met@a'), 'assertion:evid_8'))
    const newcomers = ['x@a', 'met@a', 'y@a', 'x@a'].map((value) => ({
      ref: ref(value),
      origin: 'assertion:evid_9' as const,
    }))
    const persons = await within((tx) => introducePersons(tx, newcomers), 'bevis_intake')
    expect([...persons.keys()].toSorted()).toEqual(
      ['met@a', 'x@a', 'y@a'].map((value) => referenceKey(ref(value))).toSorted(),
    )
    expect(persons.get(referenceKey(ref('met@a')))).toBe(met)
    expect(new Set(persons.values()).size).toBe(3)
  })

  test('eight at once get one person', async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, () => within((tx) => introducePerson(tx, ref('crowd@a'), 'assertion:evid_9'))),
    )
    expect(new Set(ids).size).toBe(1)
  })
})

test('a pair is one pair in whichever order it is told, and nobody is linked to themselves', async () => {
  const [x, y] = [as<PersonId>('pers_x'), as<PersonId>('pers_y')]
  await within((tx) =>
    linkPersons(
      tx,
      [
        [x, y],
        [y, x],
        [x, x],
      ],
      'register',
    ),
  )
  expect(await ground.admin`select a, b from person_link where a like 'pers_x'`).toEqual([{ a: x, b: y }])
})
