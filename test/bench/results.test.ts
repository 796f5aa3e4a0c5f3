import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compared, listed, type Row, table, writeResults } from '../../bench/results.ts'
import { median, quantile, spread } from '../../bench/statistics.ts'

test('a median lies in the middle, a quantile by nearest rank, and no values have neither', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([0, 0.5, 0.95, 1].map((q) => quantile(hundred, q))).toEqual([1, 50, 95, 100])
  expect(spread([5, 1, 9])).toEqual({ min: 1, median: 5, max: 9 })
  expect(() => median([])).toThrow(RangeError)
  expect(() => quantile([], 0.5)).toThrow(RangeError)
})

test('a ratio is met or missed as its aim says, whichever way it points', () => {
  const pair = { figure: 'a: b', unit: 'cases/s', beside: 'floor', ours: [10, 30, 20], theirs: [10, 10, 10] }
  expect(compared({ ...pair, aim: { atLeast: 2 } })).toMatchObject({ value: 20, besideValue: 10, ratio: 2, met: true })
  expect(compared({ ...pair, aim: { atLeast: 2.1 } })).toMatchObject({ aim: '>= 2.1', met: false })
  expect(compared({ ...pair, aim: { atMost: 1.9 } })).toMatchObject({ aim: '<= 1.9', met: false })
  expect(compared(pair)).toMatchObject({ aim: null, met: null })
  expect(() => compared({ ...pair, theirs: [1] })).toThrow('3 runs beside 1')
})

test('results are a list of rows; a figure measured again takes the place of its rows and of no others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  try {
    const file = join(folder, 'results.json')
    writeResults(file, [listed('one: x', 'ms', [1]), listed('one: y', 'ms', [2]), listed('two: x', 'ms', [3])])
    writeResults(file, [listed('one: x', 'ms', [4])])
    const rows = JSON.parse(readFileSync(file, 'utf8')) as Row[]
    expect(rows.map(({ figure, value }) => [figure, value])).toEqual([
      ['two: x', 3],
      ['one: x', 4],
    ])
    const members = ['figure', 'value', 'unit', 'beside', 'besideValue', 'ratio', 'aim', 'met', 'runs']
    expect(rows.map((row) => Object.keys(row))).toEqual([members, members])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the table shows a figure with its spread, its floor, the ratio and whether the aim is met', () => {
  const row = { figure: 'f: g', unit: 'events/s', beside: 'bare', ours: [8, 4, 6], theirs: [12, 11, 13] }
  const told = table([compared({ ...row, aim: { atLeast: 0.7 } }), listed('f: h', 'bytes', [5])])
  expect(told).toBe(
    'f: g\n    6 (4 – 8) events/s\n    12 (11 – 13) bare\n    ratio 0.5, aim >= 0.7: MISSED\nf: h\n    5 (5 – 5) bytes',
  )
})
