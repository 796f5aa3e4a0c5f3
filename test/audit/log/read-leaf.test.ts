/** Bytes that anybody may have made: an entry, or none, and never a fault of ours that passes for either. */
import { expect, test } from 'vitest'
import { utf8 } from '#audit/digest.ts'
import { buildLeaf } from '#audit/entry.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import { entry } from '../sample.ts'

test('the bytes of an entry are that entry', () => {
  expect(readLeaf(buildLeaf(entry()))).toEqual(entry())
})

test.each([
  ['nothing', ''],
  ['no JSON', 'x'],
  ['a second spelling', ` ${new TextDecoder().decode(buildLeaf(entry()))}`],
  ['no envelope', '{}'],
  ['more than a log can store', ' '.repeat(65_536)],
])('%s is no entry', (_, text) => {
  expect(readLeaf(utf8(text))).toBeUndefined()
})

test('a fault of the caller is not taken for bytes that are no entry', () => {
  expect(() => readLeaf(undefined as unknown as Uint8Array)).toThrow(TypeError)
})
