/** What operators are told of a log: above all of one that gets nowhere. */
import { expect, test } from 'vitest'
import { metricsPage } from '#connectors/platform/metrics.ts'
import { tellFailed, tellLog, tellTaken } from '#workers/log/figures.ts'

async function told(name: string): Promise<number> {
  const { text } = await metricsPage()
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1))
}
const late = () => told('bevis_log_merge_delay_seconds_sum')
const count = () => told('bevis_log_merge_delay_seconds_count')

test('an entry that waits for several rounds is told with all of its wait, once', async () => {
  tellTaken('norrsken', 20)
  tellLog('norrsken', { kind: 'again', because: 'no-quorum' })
  tellTaken('norrsken', 0.1)
  expect(await count()).toBe(0)
  tellLog('norrsken', { kind: 'published', size: 7, clocks: new Map() })
  expect([await count(), Math.floor(await late())]).toEqual([1, 20])
  tellLog('norrsken', { kind: 'confirmed', size: 7 })
  expect(await count()).toBe(1)
})

test('a log of which nothing was ever heard but errors is there, and ages', async () => {
  tellFailed('sorsken')
  const series = (await metricsPage()).text.split('\n').filter((one) => one.includes('institution="sorsken"'))
  expect(new Set(series.map((one) => one.split('{')[0]))).toEqual(
    new Set(['bevis_log_frozen', 'bevis_log_size', 'bevis_log_unpublished_seconds']),
  )
})
