/** Servers killed at seeded moments while cases run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { killAndAwait } from '../ground.ts'
import { playRound, type Stage } from '../stage.ts'
import { type Batch, outcomes } from './scenario.ts'

const servers = ['nats', 'postgres', 'temporal'] as const
/** Kills in one round of plays. */
const together = 5
/** Longest pause between two kills: long enough for cases to go on, short enough to hit again before all is mended. */
const longestPauseMs = 6_000

/** `kills` deaths of servers, each at a moment of its own. */
export function killBatches(kills: number): Batch[] {
  return Array.from({ length: Math.ceil(kills / together) }, (_, index) => {
    const numbers = Array.from(
      { length: Math.min(together, kills - index * together) },
      (__, at) => index * together + at,
    )
    const killed = (number: number) => servers[number % servers.length] ?? 'nats'
    const names = numbers.map((number) => `server killed: ${killed(number)}, number ${number + 1}`)
    return {
      names,
      run: async (stage) =>
        outcomes(names, await playRound(stage, { disturb: () => killAll(stage, numbers.map(killed)) })),
    }
  })
}

async function killAll({ ground, random }: Stage, members: readonly (typeof servers)[number][]): Promise<string[]> {
  for (const member of members) {
    await sleep(500 + random() * longestPauseMs)
    await killAndAwait(ground, member)
  }
  return []
}
