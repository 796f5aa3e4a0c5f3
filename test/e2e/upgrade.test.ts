/** A rolling upgrade while cases run: a new build with changed workflows beside the old one (Worker Versioning, AUTO_UPGRADE, `patched`). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deploymentVersions, makeCurrent } from '#connectors/platform/deployment.ts'
import type { CaseId } from '#domain/words.ts'
import { type Change, changedBundle } from '../replay/changed-bundle.ts'
import { courseC, offeringOf } from './courses.ts'
import { expectSound } from './sound.ts'
import { type System, startSystem } from './system.ts'

const approve = { outcome: 'approve', reason: 'outcomes-shown' }
const patch = 'rounds-begin-with-a-reminder'

/** A changed order of steps as one would ship it: cases that are past that point keep the old one. */
const patchedRound: Change = {
  file: 'workflows/gates.ts',
  from: /(import type \{ CaseId \}[^]*?)(\n {2}await going\.through\(pipeline\.automatic)/,
  to: `import { patched } from '@temporalio/workflow'\n$1\n  if (patched('${patch}')) await pipeline.remind(it)$2`,
}

let system: System
beforeAll(async () => {
  system = await startSystem({ pipeline: false })
})
afterAll(async () => {
  await system.dispose()
})

test('running cases go over to the new build and end there, by the order they began with', async () => {
  const old = await system.startPipeline({ buildId: 'old' })
  await promoted('old')
  const running = await system.tell(courseC(offeringOf('10', 'handledning-i-varden', 'running')))
  await system.until(running, ({ state }) => state === 'deciding')

  await system.startPipeline({ buildId: 'new', workflowBundlePath: await changedBundle(patchedRound) })
  await promoted('new')
  await old.shutdown()
  expect(await deploymentVersions(system.temporal)).toContainEqual({ buildId: 'new', standing: 'current' })

  const fresh = await system.tell(courseC(offeringOf('09', 'handledning-i-varden', 'fresh')))
  for (const id of [running, fresh]) {
    await system.decideAsAsked(id, approve)
    await system.until(id, ({ state }) => state === 'issued')
  }
  expect(await historyOf(running)).toMatchObject({ builds: ['old', 'new'], failures: 0 })
  expect(await historyOf(fresh)).toMatchObject({ builds: ['new'], failures: 0 })
  expect((await historyOf(fresh)).firstPatched).toBe(true)
  expect((await historyOf(running)).firstPatched).toBe(false)
  await expectSound(system)
})

test('a build that nobody runs is refused, and the current one stays', async () => {
  expect(await makeCurrent(system.temporal, 'never-built')).toBe('unknown-version')
  expect(await deploymentVersions(system.temporal)).toContainEqual({ buildId: 'new', standing: 'current' })
})

/** The server learns of a version from its first poll. */
async function promoted(buildId: string): Promise<void> {
  await expect.poll(() => makeCurrent(system.temporal, buildId)).toBe('changed')
}

async function historyOf(id: CaseId) {
  const { events } = await system.temporal.workflow.getHandle(`case/norrsken/${id}`).fetchHistory()
  const all = events ?? []
  const builds = all.flatMap((event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? [])
  const failures = all.filter((event) => event.workflowTaskFailedEventAttributes != null).length
  const markers = all.flatMap((event) => event.markerRecordedEventAttributes?.markerName ?? [])
  return { builds: [...new Set(builds)], failures, firstPatched: markers.indexOf('core_patch') === 1 }
}
