/** F3: were the criteria there before the assessment began, as far as a package's own entries tell? */
import { describe, expect, test } from 'vitest'
import { assessmentBeginning } from '#domain/criteria.ts'
import type { PackageReport } from '#verifier/report.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { promised } from '../domain/fixtures.ts'
import { caseTrail, MemoryLog, trust } from '../support/memory-log.ts'
import { filesOf, opened, sealed } from '../support/package.ts'
import { cutTo } from '../support/package-profile.ts'
import { tellCase, tellHeads, tellOwn, tellPublished } from '../support/told-case.ts'

const input = promised.A()
const began = assessmentBeginning(input)?.at ?? ''
const dayBefore = '2026-11-09T09:00:00.000Z'
const dayAfter = '2026-11-11T09:00:00.000Z'

interface Told {
  readonly from: string
  readonly digest?: string
  readonly beginning?: Readonly<Record<string, string>>
  readonly without?: 'publication'
}

async function packageOf({ from, digest, beginning, without }: Told) {
  const log = new MemoryLog(from)
  tellOwn(log, 2)
  const published = tellPublished(log, input.achievement, digest)
  const told = await tellCase(log, caseTrail, { input, ...(beginning === undefined ? {} : { beginning }) })
  const heads = tellHeads(log)
  return filesOf({ log, trail: caseTrail, told, heads, criteria: without === undefined ? [published] : [] })
}
const judged = (files: Parameters<typeof sealed>[0]) => verifyPackage(opened(sealed(files)), trust)
const f3 = (report: PackageReport) => report.trails[0]?.criteria

describe('criteria', () => {
  test('that came into the register the day before the assessment were there, and the report says since when', async () => {
    const report = await judged(await packageOf({ from: dayBefore }))
    expect(report.outcome).toBe('passed')
    expect(f3(report)).toMatchObject({ holds: 'yes', because: { sv: expect.stringContaining('2026-11-09 09:00') } })
    expect(f3(report)?.because.en).toContain(began.slice(0, 10))
  })

  test('that came the day after were not, and the package is genuine all the same', async () => {
    const report = await judged(await packageOf({ from: dayAfter }))
    expect([report.outcome, f3(report)?.holds]).toEqual(['passed', 'no'])
  })

  test.each([
    [dayBefore, 'yes'],
    [dayAfter, 'no'],
  ])('of %s are told from the entries alone where the facts are withheld: %s', async (from, holds) => {
    const report = await verifyPackage(opened(cutTo('public', await packageOf({ from }))), trust)
    expect([report.outcome, report.shows, f3(report)?.holds]).toEqual(['passed', 'entries', holds])
  })

  test('are unknown where no entry tells of them, or of the assessment', async () => {
    const silent = await judged(await packageOf({ from: dayBefore, without: 'publication' }))
    expect(f3(silent)).toMatchObject({ holds: 'unknown', because: { en: expect.stringMatching(/^The log does not/) } })
    const files = cutTo('public', await packageOf({ from: dayBefore, beginning: {} }))
    const old = await verifyPackage(opened(files), trust)
    expect(f3(old)).toMatchObject({ holds: 'unknown', because: { en: expect.stringMatching(/^The trail does not/) } })
  })

  test('are not those the case was judged by where their digest is another', async () => {
    const report = await judged(await packageOf({ from: dayBefore, digest: 'A'.repeat(43) }))
    expect(f3(report)).toMatchObject({ holds: 'no', because: { en: expect.stringContaining('other criteria') } })
  })

  test('whose entry is not proved to stand in the log count for nothing', async () => {
    const files = await packageOf({ from: dayBefore })
    const [name = ''] = [...files.keys()].filter((one) => /^criteria\/.*tlog-proof$/.test(one))
    files.delete(name)
    expect(f3(await judged(files))?.holds).toBe('unknown')
  })
})

test('a trail that dates the assessment otherwise than its facts do is refused', async () => {
  const report = await judged(
    await packageOf({ from: dayAfter, beginning: { assessmentBegan: '2026-12-01T09:00:00.000Z' } }),
  )
  const replay = report.trails[0]?.checks.find(({ id }) => id === 'replay')
  expect(replay).toMatchObject({ outcome: 'failed', because: { en: expect.stringContaining('other-beginning') } })
})
