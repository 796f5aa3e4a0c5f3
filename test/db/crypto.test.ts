/** Keys per person: wrapped, bound to their place, and gone for good when destroyed. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inInstitution } from '#db/client.ts'
import {
  CryptoError,
  contentDigest,
  existingCipher,
  institutionCipher,
  referenceDigest,
  subjectCipher,
} from '#db/crypto.ts'
import { as, type InstitutionId, type PersonId } from '#domain/words.ts'
import { type Ground, makeGround, north, south } from './ground.ts'

const [ada, bo] = [as<PersonId>('pers_ada'), as<PersonId>('pers_bo')]
const secret = Buffer.from('19900101-1234')
const keys = { kek: randomBytes(32), hmac: randomBytes(32) }

let ground: Ground
beforeAll(async () => {
  ground = await makeGround()
})
afterAll(() => ground.dispose())

const cipherOf = (subjects: readonly PersonId[], institution: InstitutionId = north) =>
  inInstitution(ground.as('bevis_pipeline'), institution, (tx) => subjectCipher(tx, subjects))
const code = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof CryptoError ? error.code : 'another error'
  }
}

describe('a subject cipher', () => {
  test('opens in a later transaction what it sealed in an earlier', async () => {
    const sealed = (await cipherOf([ada])).seal(ada, 'evidence', secret)
    expect(Buffer.from((await cipherOf([ada])).open(ada, 'evidence', sealed))).toEqual(secret)
  })

  test('never seals the same bytes to the same bytes', async () => {
    const cipher = await cipherOf([ada])
    expect(cipher.seal(ada, 'evidence', secret)).not.toEqual(cipher.seal(ada, 'evidence', secret))
  })

  test('opens nothing moved to another purpose, person or institution, and nothing changed', async () => {
    const cipher = await cipherOf([ada, bo])
    const sealed = cipher.seal(ada, 'evidence', secret)
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(20) ^ 1, 20)
    const elsewhere = await cipherOf([ada], south)
    expect(code(() => cipher.open(ada, 'verdict', sealed))).toBe('not-authentic')
    expect(code(() => cipher.open(bo, 'evidence', sealed))).toBe('not-authentic')
    expect(code(() => elsewhere.open(ada, 'evidence', sealed))).toBe('not-authentic')
    expect(code(() => cipher.open(ada, 'evidence', changed))).toBe('not-authentic')
    expect(code(() => cipher.open(ada, 'evidence', sealed.subarray(0, 20)))).toBe('not-authentic')
  })

  test('knows only whom it was asked for', async () => {
    const cipher = await cipherOf([ada])
    expect(cipher.knows(ada)).toBe(true)
    expect(code(() => cipher.seal(as<PersonId>('pers_stranger'), 'evidence', secret))).toBe('no-key')
  })

  test('is one and the same for eight that ask first at once', async () => {
    const crowd = Array.from({ length: 50 }, (_, i) => as<PersonId>(`pers_crowd${i}`))
    const ciphers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => cipherOf(i % 2 === 0 ? crowd : crowd.toReversed())),
    )
    const [first, ...others] = ciphers
    for (const person of crowd) {
      const sealed = first?.seal(person, 'evidence', secret) ?? Buffer.alloc(0)
      for (const other of others) expect(Buffer.from(other.open(person, 'evidence', sealed))).toEqual(secret)
    }
  })
})

describe('stored keys', () => {
  test('are wrapped: the wrong institution key opens none of them', async () => {
    await cipherOf([ada])
    const db = { ...ground.as('bevis_pipeline'), keys }
    await expect(inInstitution(db, north, (tx) => subjectCipher(tx, [ada]))).rejects.toMatchObject({
      code: 'not-authentic',
    })
  })

  test('cannot be swapped between persons', async () => {
    const [from, to] = [as<PersonId>('pers_from'), as<PersonId>('pers_to')]
    await cipherOf([from, to])
    await ground.admin`update subject_key set wrapped = (select wrapped from subject_key where subject = ${from} and institution = ${north})
      where subject = ${to} and institution = ${north}`
    await expect(cipherOf([to])).rejects.toMatchObject({ code: 'not-authentic' })
  })

  test('once destroyed are not made again by reading', async () => {
    const erased = as<PersonId>('pers_erased')
    const sealed = (await cipherOf([erased])).seal(erased, 'evidence', secret)
    await ground.admin`delete from subject_key where subject = ${erased}`
    const reader = await inInstitution(ground.as('bevis_pipeline'), north, (tx) => existingCipher(tx, [erased]))
    expect(reader.knows(erased)).toBe(false)
    expect(code(() => reader.open(erased, 'evidence', sealed))).toBe('no-key')
    expect(await ground.admin`select from subject_key where subject = ${erased}`).toHaveLength(0)
  })
})

describe('the institution cipher', () => {
  test('opens what it sealed, for an institution and for events that named none', () => {
    for (const whose of [north, null]) {
      const sealed = institutionCipher(keys, whose).seal('dead-letter', secret)
      expect(Buffer.from(institutionCipher(keys, whose).open('dead-letter', sealed))).toEqual(secret)
    }
  })

  test('opens nothing of another institution, purpose or key', () => {
    const sealed = institutionCipher(keys, north).seal('dead-letter', secret)
    expect(code(() => institutionCipher(keys, south).open('dead-letter', sealed))).toBe('not-authentic')
    expect(code(() => institutionCipher(keys, null).open('dead-letter', sealed))).toBe('not-authentic')
    expect(code(() => institutionCipher(keys, north).open('inbox', sealed))).toBe('not-authentic')
    const others = { ...keys, kek: randomBytes(32) }
    expect(code(() => institutionCipher(others, north).open('dead-letter', sealed))).toBe('not-authentic')
  })
})

describe('digests', () => {
  const digest = (scheme: string, value: string, institution = north) =>
    Buffer.from(referenceDigest(keys, institution, { scheme, value })).toString('hex')

  test('of references are found again in the same institution and nowhere else', () => {
    expect(digest('eppn', 'ada@example.test')).toBe(digest('eppn', 'ada@example.test'))
    expect(digest('eppn', 'ada@example.test')).not.toBe(digest('eppn', 'ada@example.test', south))
    expect(digest('eppn', 'ada@example.test')).not.toBe(digest('mail', 'ada@example.test'))
  })

  test('of references keep scheme and value apart', () => {
    expect(digest('a', 'b|c')).not.toBe(digest('a|b', 'c'))
    expect(digest('a', '","b')).not.toBe(digest('a","', 'b'))
  })

  test('of content need the key', () => {
    const others = { ...keys, hmac: randomBytes(32) }
    expect(contentDigest(keys, north, secret)).toEqual(contentDigest(keys, north, secret))
    expect(contentDigest(keys, north, secret)).not.toEqual(contentDigest(others, north, secret))
    expect(contentDigest(keys, north, secret)).not.toEqual(contentDigest(keys, null, secret))
  })
})
