/** The short version of `npm run crash`, as it is called; it says and does what the long one does, less often. The day is its seed: other points of the log each day. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { begin as beginScript } from '../dev/support.ts'
import { actsOf, pointsOf, registeredSteps } from './points.ts'
import type { Report } from './progress.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-crash-report-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('processes die at eight chosen points and four of the log, and each server once: nothing is lost, nothing is doubled', {
  timeout: 600_000,
}, async () => {
  const run = beginScript(['test/faults/crash.ts', '--short', '--folder', folder])
  const { code, out, err } = await run.ended
  expect(out.split('\n').filter((line) => line.startsWith('failed'))).toEqual([])
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/^17 scenarios, 17 passed, 0 failed, 0 skipped/)
  const { totals, scenarios } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
  expect(totals).toEqual({ scenarios: 17, passed: 17, failed: 0, skipped: 0 })
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(17)
})

test('an act that is registered, and a route that changes something, is tried without anybody naming it', () => {
  expect(actsOf('pipeline', { brandNew: async () => undefined }).flatMap(pointsOf)).toEqual([
    'pipeline brandNew 1 before',
    'pipeline brandNew 1 after-effect',
    'pipeline brandNew 1 after-commit',
  ])
  const names = registeredSteps().map(({ process, step }) => `${process} ${step}`)
  expect(names).toContain('signing sign')
  expect(names).toContain('pipeline clearance')
  expect(names).toContain('api POST /v1/institutions/:institution/cases/:id/decisions')
  expect(names.filter((name) => name.startsWith('api GET'))).toEqual([])
})
