import { beforeAll, describe, expect, test } from 'vitest'
import { installWorkerLog } from '#connectors/platform/worker-log.ts'
import { workflowBundlePath } from '../support/bundle.ts'
import { type Change, changedBundle } from './changed-bundle.ts'
import { recordings, replay } from './recording.ts'
import { stories } from './stories.ts'

const all = recordings()

/** A violation is what these tests ask for; it need not be told on the screen as well. */
beforeAll(() => installWorkerLog(() => undefined))

describe('cases that run already', () => {
  test('every story has been recorded', () => {
    const recorded = new Set([...all.keys()].map((name) => name.replace(/^.*[/]/, '')))
    expect([...recorded].toSorted()).toEqual(Object.keys(stories).toSorted())
  })

  test.each([...all])('%s goes on under the workflows of today', async (_name, recording) => {
    expect(await replay(await workflowBundlePath(), recording)).toBeUndefined()
  })
})

/** Changes that would break a running case; each is made in a copy of the workflows. */
const changes: Readonly<Record<string, Change & { readonly breaks: string }>> = {
  'one more gate': {
    file: 'workflows/gates.ts',
    from: 'await going.through(pipeline.clearance)',
    to: 'await pipeline.remind(it)\n  await going.through(pipeline.clearance)',
    breaks: 'issuance-automatic',
  },
  'two gates in another order': {
    file: 'workflows/gates.ts',
    from: /(through[(]pipeline[.])automatic([^]*?through[(]pipeline[.])clearance/,
    to: '$1clearance$2automatic',
    breaks: 'issuance-waits-for-evidence',
  },
  'a gate left out': {
    file: 'workflows/gates.ts',
    from: /await going[.]through[(]pipeline[.]automatic.*/,
    to: '',
    breaks: 'issuance-approved-after-return',
  },
  'gates asked about what they have shown': {
    file: 'workflows/gates.ts',
    from: 'levelShown !== true',
    to: 'levelShown !== null',
    breaks: 'issuance-approved-with-the-level-shown',
  },
  'a wait without its reminder': {
    file: 'workflows/issuance.ts',
    from: 'waiting.remindAt !== undefined',
    to: 'false',
    breaks: 'issuance-reminded-and-escalated',
  },
  'a cohort that signs before the others have left': {
    file: 'workflows/cohort.ts',
    from: /(await letGo[(]input, others, goesOn[)])([^]*?await signAndDeliver[(]input, cleared[)])/,
    to: '$2\n    $1',
    breaks: 'cohort-some-leave',
  },
  'decisions read side by side': {
    file: 'workflows/wake-ups.ts',
    from: 'if (before !== undefined) await before',
    to: '',
    breaks: 'issuance-decided-twice-at-once',
  },
  'lists published before the credential is revoked': {
    file: 'workflows/revocation.ts',
    from: /(await signing[.]revoke[^]*?)(await signing[.]publishStatusLists.*)/,
    to: '$2\n$1',
    breaks: 'revocation-approved',
  },
}

describe('the guard itself', () => {
  test('a copy without a change replays as the original does', async () => {
    const unchanged: Change = { file: 'workflows/issuance.ts', from: /$/, to: '\n' }
    const bundle = await changedBundle(unchanged)
    for (const recording of all.values()) expect(await replay(bundle, recording)).toBeUndefined()
  })

  test.each(Object.entries(changes))('refuses %s', async (_name, { breaks, ...change }) => {
    const bundle = await changedBundle(change)
    const broken = [...all].filter(([name]) => name.endsWith(`/${breaks}`))
    expect(broken).not.toEqual([])
    for (const [, recording] of broken) {
      // A timer that fires though nobody set it is told as a failed task, everything else by its own name.
      expect(['DeterminismViolationError', 'ReplayError']).toContain((await replay(bundle, recording))?.name)
    }
  })
})
