/** Cases per second on the automatic path, event on NATS to signed credential stored. */
import { type Bench, type Figure, interleaved, rate } from '../figure.ts'
import { byHand } from '../floors/by-hand.ts'
import type { Ground } from '../ground.ts'
import { compared } from '../results.ts'
import { untilSigned } from '../until.ts'
import { tellAttendance, webinarOf } from '../webinar.ts'

const groups = [
  { size: 50, overByHand: 2, overOneByOne: 15 },
  { size: 200, overByHand: 4, overOneByOne: 30 },
] as const

export const automatic: Figure = {
  name: 'automatic',
  title: 'cases/s from event to credential, in groups, beside no engine and beside one workflow per case',
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline'] as const) await ground.start(name)
    await together(ground, 50, 50)
    const hand = await byHand(ground)
    const cases = { grouped: sizes.cases, byHand: Math.ceil(sizes.cases / 4), oneByOne: Math.ceil(sizes.cases / 8) }
    const told = (what: string, measure: () => Promise<number>) => async () => {
      const found = await measure()
      say(`  ${what}: ${found.toFixed(1)} cases/s`)
      return found
    }
    const found = await interleaved(sizes.runs, {
      g50: told('groups of 50', () => together(ground, cases.grouped, 50)),
      g200: told('groups of 200', () => together(ground, cases.grouped, 200)),
      byHand: told('no engine', () => alone(ground, cases.byHand, hand)),
      oneByOne: told('one workflow per case', () => together(ground, cases.oneByOne, 1)),
    })
    return groups.flatMap(({ size, overByHand, overOneByOne }) => {
      const figure = `automatic: groups of ${size}`
      const row = { figure, unit: 'cases/s', ours: found[`g${size}`] }
      return [
        compared({
          ...row,
          beside: 'no engine, one case at a time',
          theirs: found.byHand,
          aim: { atLeast: overByHand },
        }),
        compared({ ...row, beside: 'one workflow per case', theirs: found.oneByOne, aim: { atLeast: overOneByOne } }),
      ]
    })
  },
}

/** Cases per second with at most `group` of them together. All processes run as in production; the relay sends meanwhile. */
export async function together(
  ground: Ground,
  cases: number,
  group: number,
  measured: (work: () => Promise<void>) => Promise<void> = (work) => work(),
): Promise<number> {
  const { admin, sender } = ground
  await ground.start('intake', { BEVIS_COHORT_SIZE: String(group) })
  const webinar = webinarOf(ground, cases)
  await tellAttendance(ground, webinar)
  let [began, ended] = [0, 0]
  await measured(async () => {
    began = performance.now()
    await sender.send(webinar.completions)
    ended = await untilSigned(admin, webinar.completions)
  })
  return rate(cases, began, ended)
}

async function alone(ground: Ground, cases: number, hand: Awaited<ReturnType<typeof byHand>>): Promise<number> {
  await ground.start('intake', { BEVIS_COHORT_SIZE: '200' })
  const webinar = webinarOf(ground, cases)
  await tellAttendance(ground, webinar)
  const began = performance.now()
  for (const completion of webinar.completions) await hand(completion)
  return rate(cases, began, performance.now())
}
