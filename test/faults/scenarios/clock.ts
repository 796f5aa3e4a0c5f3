/** Clocks of our processes, then of Postgres, hours ahead and hours behind, and right again: jumps in both directions. */
import { stackProcesses } from '#dev/environment.ts'
import type { Clocks } from '../clocks.ts'
import { killAndAwait } from '../ground.ts'
import { allPlays, type Play } from '../plays.ts'
import { playRound, type Stage } from '../stage.ts'
import { type Batch, outcomes, skipped } from './scenario.ts'

type Member = Parameters<Clocks['set']>[0]

export function clockBatches(clocks: Clocks): Batch[] {
  return [
    clockBatch(clocks, stackProcesses, 3),
    clockBatch(clocks, stackProcesses, -3),
    clockBatch(clocks, ['postgres'], 2),
    clockBatch(clocks, ['postgres'], -2),
  ]
}

function clockBatch(clocks: Clocks, members: readonly Member[], hours: number): Batch {
  const whose = members.length > 1 ? 'all our processes' : members.join('')
  const names = [`clock: ${whose} ${Math.abs(hours)} hours ${hours > 0 ? 'ahead' : 'behind'}, then right again`]
  return {
    names,
    run: async (stage) => {
      if (!clocks.canBeWrong) return skipped(names, 'libfaketime is not installed')
      const isAhead = members.includes('postgres') && hours > 0
      if (isAhead) stage.hoursAhead = hours
      const faults = await underWrongClock(stage, { clocks, members, hours })
      faults.push(...(await playRound(stage)))
      // Time is the database's: what it dated in the future is not yet valid for anybody else, and must not be told to be.
      if (isAhead && stage.early.size === 0) faults.push('no credential was dated ahead')
      return outcomes(names, faults)
    },
  }
}

async function underWrongClock(
  stage: Stage,
  { clocks, members, hours }: { clocks: Clocks; members: readonly Member[]; hours: number },
): Promise<string[]> {
  const setAll = async (ahead: number) => {
    for (const member of members) clocks.set(member, ahead)
    await Promise.all(members.map((member) => killAndAwait(stage.ground, member)))
  }
  await setAll(hours)
  try {
    return await playRound(stage, { plays: automatic, outside: false })
  } finally {
    await setAll(0)
  }
}

/** Cases in which nobody logs in: a login is refused, rightly, where clocks differ by hours. */
function automatic(run: string): Play[] {
  return allPlays(run).filter(({ key }) => ['band-e', 'band-f', 'band-d-e'].includes(key))
}
