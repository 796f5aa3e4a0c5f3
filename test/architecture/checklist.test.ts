/** The auditors' checklist is held against the tests it names: no requirement without a test that is there, or a reason. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { committed, pages, readChecklist } from '../../tools/checklist.ts'
import { root } from '../support/paths.ts'

const { items } = readChecklist()

/** How many requirements each letter has. */
const sizes = { A: 9, B: 12, C: 4, D: 7, E: 7, F: 6, G: 6, H: 6, I: 6, J: 5, K: 5 }

test('has each of the 73 requirements once, in order', () => {
  const ids = Object.entries(sizes).flatMap(([letter, size]) =>
    Array.from({ length: size }, (_, n) => letter + (n + 1)),
  )
  expect(ids).toHaveLength(73)
  expect(items.map(({ id }) => id)).toEqual(ids)
})

test('names only tests that exist, and leaves nothing without a test or a reason', () => {
  const read = (file: string) => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '')
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const missing = items.flatMap(({ id, shown, byHand = [] }) => [
    ...shown.filter(({ file, name }) => !read(file).includes(name)).map(({ file, name }) => `${id}: ${file} › ${name}`),
    ...byHand.filter((line) => !Object.hasOwn(scripts, line.split(' ')[2] ?? '')).map((line) => `${id}: ${line}`),
  ])
  expect(missing).toEqual([])
  const bare = items.filter(({ status, shown, reason }) =>
    status === 'met' ? shown.length === 0 || reason !== undefined : reason === undefined,
  )
  expect(bare.map(({ id }) => id)).toEqual([])
  const idle = items.filter(({ status, shown }) => status === 'partly' && shown.length === 0)
  expect(idle.map(({ id }) => id)).toEqual([])
})

test.each(Object.entries(pages))('docs/conformance/%s is what the code and the data say', (name, make) => {
  expect(committed(name)).toBe(make())
})
