import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '#domain/gates/judge.ts'
import { drawSample, isSampleOpened, mayBeListed, sampleSize } from '#domain/list-approval.ts'
import { as, type Band, bands, type CaseId } from '#domain/words.ts'
import { promised } from './fixtures.ts'

const ids = (n: number) => Array.from({ length: n }, (_, index) => as<CaseId>(`case_${String(index).padStart(4, '0')}`))
const seeds = fc.stringMatching(/^[0-9a-f]{31}[1-9a-f]$/)

test('only bands up to C2–D may be approved in lists, and only where the achievement says so', () => {
  const allowed = bands.filter((band) => mayBeListed(band, { listApproval: true }))
  expect(allowed).toEqual(['C2-D', 'D-E', 'E', 'F'])
  for (const band of bands) expect(mayBeListed(band, {})).toBe(false)
})

describe('the sample', () => {
  test('is all of up to five, then the square root, at least five', () => {
    expect([1, 4, 5, 6, 25, 26, 100, 200].map(sampleSize)).toEqual([1, 4, 5, 5, 5, 6, 10, 15])
  })

  test('is the same for the same list and seed, in whatever order the list comes', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 60 }), (seed, n) => {
        const drawn = drawSample(ids(n), seed)
        expect(new Set(drawn).size).toBe(sampleSize(n))
        expect(drawSample(ids(n).toReversed(), seed)).toEqual(drawn)
      }),
    )
  })

  test('reaches every case of a list about as often', () => {
    const times = new Map<CaseId, number>()
    for (let n = 1; n <= 2_000; n += 1) {
      const seed = `${(n * 2_654_435_761).toString(16).padStart(16, '0')}${n.toString(16).padStart(16, '0')}`
      for (const id of drawSample(ids(20), seed)) times.set(id, (times.get(id) ?? 0) + 1)
    }
    expect(times.size).toBe(20)
    for (const count of times.values()) expect(Math.abs(count - 500)).toBeLessThan(120)
  })

  test('counts as opened when as many were opened as the size demands', () => {
    expect(isSampleOpened({ size: 26, opened: 6 })).toBe(true)
    expect(isSampleOpened({ size: 26, opened: 5 })).toBe(false)
    expect(isSampleOpened({ size: 0, opened: 0 })).toBe(false)
  })
})

describe('the approval gate', () => {
  const act = { id: 'list_x', seed: 'a'.repeat(32), size: 26, opened: 6 }
  /** The band's own worked case, its approvals given in one act. */
  const outcome = (band: Band, { allowed = true, opened = 6 } = {}) => {
    const input = promised[band]()
    const { listApproval: _, ...achievement } = input.achievement
    return judge('approval', {
      ...input,
      achievement: { ...achievement, ...(allowed ? { listApproval: true } : {}) },
      approvals: input.approvals.map((one) => ({ ...one, list: { ...act, opened } })),
    }).outcome
  }

  test('counts an approval given in a list where achievement and band allow it and the sample was opened', () => {
    expect(outcome('C2-D')).toBe('pass')
    expect(outcome('C2-D', { allowed: false })).not.toBe('pass')
    expect(outcome('C2-D', { opened: 5 })).not.toBe('pass')
  })

  test('never counts one at A or B–C1, whatever the achievement says', () => {
    for (const band of ['A', 'B-C1'] as const) expect(outcome(band), band).not.toBe('pass')
  })
})
