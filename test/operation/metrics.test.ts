import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricSpecs, metricsPage } from '#connectors/platform/metrics.ts'
import { inInstitution } from '#db/client.ts'
import { refreshFigures } from '#workers/figures.ts'
import { metricsDocument } from '../../tools/generate-metrics.ts'
import * as courses from '../e2e/courses.ts'
import { norrsken } from '../e2e/emitters.ts'
import { type System, startSystem } from '../e2e/system.ts'

/** `name{label="value",…} number`, one per line. */
function seriesOf(page: string): { name: string; labels: Record<string, string>; value: number }[] {
  return page.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', said = '']) => [label, said] as const)
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })
}

describe('metrics after a case has run', () => {
  let system: System
  beforeAll(async () => {
    system = await startSystem()
  })
  afterAll(() => system.dispose())

  test('count it at every step, and name neither case nor learner', async () => {
    const at = courses.offeringOf('13', 'validering-information', 'metrics')
    const id = await system.tell(courses.webinar(at, courses.joined, { login: false }))
    await system.until(id, (view) => view.state === 'issued')
    await refreshFigures(system.open('bevis_relay'))
    const series = seriesOf((await metricsPage()).text)
    const sum = (name: string, labels: Record<string, string> = {}) =>
      series
        .filter(
          (one) => one.name === name && Object.entries(labels).every(([label, said]) => one.labels[label] === said),
        )
        .reduce((total, { value }) => total + value, 0)
    expect(sum('bevis_step_duration_seconds_count', { step: 'open', outcome: 'ok' })).toBeGreaterThan(0)
    expect(sum('bevis_step_cases_total', { step: 'open' })).toBeGreaterThan(0)
    expect(sum('bevis_cases', { institution: norrsken })).toBe(1)
    expect(sum('bevis_relay_messages_total', { outcome: 'sent' })).toBeGreaterThan(0)
    expect(sum('bevis_signatures_total', { institution: norrsken, outcome: 'signed' })).toBe(1)
    expect(sum('bevis_http_request_duration_seconds_count', { method: 'GET', status: '200' })).toBeGreaterThan(0)
    expect(sum('bevis_db_transaction_duration_seconds_count', { outcome: 'committed' })).toBeGreaterThan(0)
    expect(sum('bevis_signing_key_age_seconds', { institution: norrsken })).toBeGreaterThan(0)
    for (const { name, labels } of series.filter((one) => one.name.startsWith('bevis_')))
      for (const [label, value] of Object.entries(labels)) {
        expect(`${name} ${label}="${value}"`).not.toMatch(
          /case_[a-z2-7]{5}|cred_[a-z2-7]{5}|dead_[a-z2-7]{12}|validering/,
        )
        expect(Object.keys(metricSpecs).some((known) => name.startsWith(known))).toBe(true)
      }
  })

  test('the relay may read the figures and nobody’s name', async () => {
    const relay = system.open('bevis_relay')
    const person = inInstitution(relay, norrsken, (tx) => tx.orm.execute('select person from cases'))
    await expect(person).rejects.toMatchObject({ cause: { code: '42501' } })
  })
})

test('docs/metrics.md is what the code says', () => {
  expect(readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsDocument)
})
