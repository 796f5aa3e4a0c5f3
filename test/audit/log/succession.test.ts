/** A log that follows another: how its names are spelled and read, and what its first entry says of the one before. */
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { base64, utf8 } from '#audit/digest.ts'
import { buildLeaf, type Entry } from '#audit/entry.ts'
import { inGeneration, logOf, type Succession, succeededType, successionData, successionIn } from '#audit/succession.ts'
import { entry, log, opened } from '../sample.ts'

describe('the name of a log', () => {
  test.each([
    [1, log],
    [2, `${log}.2`],
    [9, `${log}.9`],
    [10, `${log}.10`],
    [123_456, `${log}.123456`],
  ])('in generation %i is %s, and is read back', (generation, name) => {
    expect(inGeneration(log, generation)).toBe(name)
    expect(logOf(name)).toEqual({ log, generation })
  })

  test.each([
    `${log}.0`,
    `${log}.1`,
    `${log}.02`,
    `${log}.1234567`,
    `${log}.2x`,
    `${log}.2\n`,
    `${log}.2.3`,
    `${log}.-2`,
    `${log}Å.2`,
    'bevis.example.2',
    'norrsken.2',
    '/.2',
  ])('%j is a log of its own in its first', (origin) => {
    expect(logOf(origin)).toEqual({ log: origin, generation: 1 })
  })

  test('of several parts has its generation behind the last', () => {
    expect(logOf('a.2/b/c-1.3')).toEqual({ log: 'a.2/b/c-1', generation: 3 })
  })
})

/** A note of more letters than a code may have, none of them one byte each. */
const note = `${log}\n7\n${'Å'.repeat(600)}\n`
const said: Succession = { generation: 2, size: 9, kept: 7, checkpoint: note, last: 'x' }

function succeeded(data: NonNullable<Entry['data']>, type = succeededType): Entry {
  const act = { meaning: 'succeed', outcome: 'success', reason: 'key-lost' }
  return entry({ ...opened, type, act, data })
}

describe('what the first entry of a log says', () => {
  test('is read back whole, whatever the length of its notes', () => {
    for (const length of [0, 1, 383, 384, 385, 768, 769]) {
      const some = { ...said, last: 'x'.repeat(length) }
      expect(successionIn(buildLeaf(succeeded(successionData(some))))).toEqual(some)
    }
  })

  test('stands in pieces that a code has room for, and in no more of them than it takes', () => {
    const pieces = successionData({ ...said, checkpoint: '', last: 'x'.repeat(769) })
    expect(pieces).toEqual({
      generation: 2,
      size: 9,
      kept: 7,
      checkpoint: [],
      last: [384, 384, 1].map((length) => base64(utf8('x'.repeat(length)))),
    })
  })

  const data = successionData(said)
  test.each<[string, Entry]>([
    ['an entry of another type', succeeded(data, 'log.checked/1')],
    ['one without facts', without(succeeded(data))],
    ['one whose generation is a word', succeeded({ ...data, generation: '2' })],
    ['one whose size is a word', succeeded({ ...data, size: '9' })],
    ['one that says no number of what it kept', succeeded({ ...data, kept: true })],
    ['one whose checkpoint is in no base64', succeeded({ ...data, checkpoint: ['*'] })],
    ['one whose checkpoint is no list', succeeded({ ...data, checkpoint: 'eA==' })],
    ['one whose last note is no list', succeeded({ ...data, last: 'eA==' })],
  ])('is not taken from %s', (_, from) => {
    expect(successionIn(canonicalBytes(from))).toBeUndefined()
  })

  test('is not taken from bytes that are no entry, and a fault of the caller is not taken for such', () => {
    expect(successionIn(utf8('{}'))).toBeUndefined()
    expect(() => successionIn(undefined as unknown as Uint8Array)).toThrow(TypeError)
  })
})

function without(some: Entry): Entry {
  const { data: _, ...rest } = some
  return rest
}
