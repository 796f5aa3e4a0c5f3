/** The demo register: valid, complete for all bands, and ready to be applied. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { registerItems } from '#config/register/items.ts'
import type { Register } from '#config/register/load.ts'
import { createUserKey } from '#connectors/platform/nkeys.ts'
import type { RegisterToApply } from '#db/register-items.ts'
import { readPeople } from '#dev/people.ts'
import { mayBeListed } from '#domain/list-approval.ts'
import { bands } from '#domain/words.ts'
import { families } from '#events/catalogue.ts'
import { isToken } from '#events/subjects.ts'
import {
  demoFolder,
  demoRegister,
  problemsAfter,
  type Spoiled,
  sandboxFolder,
  sandboxRegister,
} from './register-folder.ts'

const schemaFile = fileURLToPath(new URL('../../docs/register.schema.json', import.meta.url))
const register = demoRegister()
const sandbox = sandboxRegister()

describe('the demo', () => {
  test('has an achievement of each band and one that says TEST', () => {
    const real = register.achievements.filter(({ test: isTest }) => !isTest)
    expect(real.map(({ band }) => band).toSorted()).toEqual([...bands].toSorted())
    expect(register.achievements.filter(({ test: isTest }) => isTest)).toHaveLength(1)
  })

  test('has people for every role, learners, one of them protected, and one human being with two accounts', () => {
    expect(new Set(register.appointments.map(({ role }) => role)).size).toBe(6)
    expect(register.people.filter(({ id }) => id.startsWith('pers_learner_'))).toHaveLength(16)
    expect(register.people.filter((person) => person.protected)).toHaveLength(1)
    expect(register.linked).toEqual([['pers_teacher_1', 'pers_teacher_1b']])
  })

  test.each(['participation', 'proctoring', 'identity'] as const)(
    '%s of A and B–C1 can come from somebody other than the course owner',
    (kind) => {
      for (const achievement of register.achievements.filter(({ band }) => band === 'A' || band === 'B-C1')) {
        const able = register.emitters.filter(
          ({ kinds, achievements, owner }) =>
            kinds.includes(kind) &&
            (achievements ?? [achievement.id]).includes(achievement.id) &&
            (owner.organisation !== achievement.owner.organisation || owner.unit !== achievement.owner.unit),
        )
        expect(able).not.toHaveLength(0)
      }
    },
  )

  test('no learning platform may report proctoring', () => {
    expect(register.emitters.find(({ id }) => id === 'canvas-norrsken')?.kinds).not.toContain('proctoring')
  })

  test('everybody who can log in is known by that login', () => {
    const people = [...register.people, ...sandbox.people]
    const known = new Set(
      people.flatMap(({ references }) =>
        references.filter(({ scheme }) => scheme === 'oidc').map(({ value }) => value),
      ),
    )
    expect(readPeople().map(({ sub }) => sub)).toEqual([...known])
  })

  test('whoever is appointed can log in', () => {
    const appointed = new Set(register.appointments.map(({ person }) => person))
    const unable = register.people.filter(
      ({ id, references }) => appointed.has(id) && !references.some(({ scheme }) => scheme === 'oidc'),
    )
    expect(unable).toEqual([])
  })
})

describe('the sandbox', () => {
  test('has test achievements of several bands, and nothing else', () => {
    expect(sandbox.institution.sandbox).toBe(true)
    expect(sandbox.achievements.map(({ band }) => band).toSorted()).toEqual(['B-C1', 'C2-D', 'D-E', 'E', 'F'])
    expect(sandbox.achievements.filter(({ test: isTest }) => !isTest)).toEqual([])
    expect(sandbox.achievements.filter((one) => mayBeListed(one.band, one)).map(({ id }) => id)).toEqual([
      'test-course',
    ])
  })

  test('cannot define an achievement that is not a test', () => {
    const spoil = (register: Spoiled) =>
      register.edit('achievements/test-event.v1.json', (json) => Object.assign(json, { test: false }))
    expect(problemsAfter(spoil, {}, sandboxFolder)).toMatchObject([
      { code: 'sandbox-awards', file: 'achievements/test-event.v1.json', pointer: '/test' },
    ])
  })

  test('has an emitter for each kind of fact, and one that waits for an integrator’s own key', () => {
    const kinds = new Set(sandbox.emitters.flatMap((emitter) => emitter.kinds))
    for (const { kind } of families) expect(kinds).toContain(kind)
    expect(sandbox.emitters.find(({ id }) => id === 'own-system')).toMatchObject({ keys: [], signed: 'required' })
  })
})

describe('loading', () => {
  test('days become moments and the log has its address', () => {
    expect(register.institution.origin).toBe('bevis.norrsken.example/norrsken')
    expect(register.accreditations[0]).toMatchObject({ from: '2023-03-01T00:00:00.000Z' })
    expect(register.conflicts[0]).toMatchObject({ declaredAt: '2026-08-20T06:00:00.000Z' })
  })

  test('emitters are subject tokens, and are granted kinds that events have', () => {
    const kinds = new Set<string>(families.map(({ kind }) => kind))
    for (const emitter of register.emitters) {
      expect(isToken(emitter.id)).toBe(true)
      expect(emitter.kinds.filter((kind) => !kinds.has(kind))).toEqual([])
    }
    expect(isToken(register.institution.id)).toBe(true)
  })

  test('keys beside the register are merged, for events and for NATS', () => {
    const nkey = createUserKey().publicKey
    const jwk = { kty: 'EC', crv: 'P-256', x: 'a'.repeat(43), y: 'b'.repeat(43), kid: 'certus-1' }
    const certus = demoRegister({ certus: { nkey, jwk } }).emitters.find(({ id }) => id === 'certus')
    expect(certus).toMatchObject({ nkey, keys: [{ kid: 'certus-1', jwk, from: '2000-01-01T00:00:00.000Z' }] })
  })

  test('keys for nobody, and keys that are none, are problems', () => {
    const untouched = () => undefined
    const { seed } = createUserKey()
    expect(problemsAfter(untouched, { stranger: {} })).toMatchObject([
      { code: 'unknown-id', file: 'emitters.keys.json', pointer: '/stranger' },
    ])
    expect(problemsAfter(untouched, { certus: { nkey: seed } })).toMatchObject([
      { code: 'bad-value', file: 'emitters.keys.json', pointer: '/certus/nkey' },
    ])
  })
})

describe('items', () => {
  const applied: RegisterToApply = registerItems(register)

  test('each item has an id of its own kind, achievements with their version', () => {
    const ids = applied.items.map(({ kind, id }) => `${kind} ${id}`)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toContain('achievement klinisk-bedomning@1')
  })

  test('names, birth dates and references stand nowhere but in the personal part', () => {
    const bodies = JSON.stringify(applied.items.filter(({ kind }) => kind === 'person').map(({ body }) => body))
    for (const { name, birthDate, references } of register.people)
      for (const value of [name, birthDate, ...references.map((ref) => ref.value)])
        if (value !== undefined) expect(bodies).not.toContain(`"${value}"`)
  })

  test('nothing declared is lost on the way', () => {
    const count = (kind: string) => applied.items.filter((item) => item.kind === kind).length
    const lists = {
      organisation: 'organisations',
      person: 'people',
      appointment: 'appointments',
      accreditation: 'accreditations',
      mandate: 'mandates',
      conflict: 'conflicts',
      emitter: 'emitters',
      achievement: 'achievements',
      tightening: 'tightenings',
    } as const satisfies Record<string, keyof Register>
    for (const [kind, list] of Object.entries(lists)) expect(count(kind)).toBe(register[list].length)
    expect(applied.institution.body).toHaveProperty('units', register.units)
    expect(applied.references).toHaveLength(register.people.flatMap(({ references }) => references).length)
  })
})

test('editors find the demo files valid by the published schema', () => {
  const ajv = new Ajv2020({ allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object)
  const filesIn = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  expect([demoFolder, sandboxFolder].map((folder) => filesIn(folder).length)).toEqual([17, 15])
  for (const folder of [demoFolder, sandboxFolder])
    for (const file of filesIn(folder)) {
      const isValid = validate(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')))
      expect(isValid, `${file}: ${JSON.stringify(validate.errors)}`).toBe(true)
    }
  expect(validate({ people: [{ id: 'pers_x' }] })).toBe(false)
})
