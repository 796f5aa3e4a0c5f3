/** The short run of `npm run tamper`: what an honest world looks like to every check, and the manipulations that stand for their kind. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../support/paths.ts'
import { type Golden, makeGolden } from './golden.ts'
import { manipulations } from './manipulations.ts'
import { tamperPage } from './page.ts'
import { honest, tried } from './tried.ts'

let golden: Golden
beforeAll(async () => {
  golden = await makeGolden()
})
afterAll(() => golden.dispose())

test('nothing is said of an honest world', async () => {
  expect(await honest(golden)).toEqual([])
})

test.each(manipulations.filter(({ short }) => short === true))('$hand: $what, and it is noticed', async (one) => {
  const { missed } = await tried(golden, one)
  expect(missed).toEqual([])
})

test('docs/conformance/tamper.md tells of every manipulation what must show it', () => {
  expect(readFileSync(join(root, 'docs', 'conformance', 'tamper.md'), 'utf8')).toBe(tamperPage())
})
