/** Processes that kill themselves at a chosen point: every step, before its effect, after it, and after its commit. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StackProcess } from '#dev/environment.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import { dice, shuffled } from '../dice.ts'
import { eventually, patiently, pidOf } from '../ground.ts'
import { handleLetters } from '../letters.ts'
import { answered, reviewed, takeOut } from '../packages.ts'
import { arm, disarmAll, firedBy, passedPoints, pointsOf, registeredSteps } from '../points.ts'
import { keepPrivate } from '../privacy.ts'
import { changeRegister } from '../proposals.ts'
import { patience, playRound, type Stage } from '../stage.ts'
import { type Batch, type Outcome, single } from './scenario.ts'

/** Deaths that make others do a step: only when intake or the API died does the relay signal a workflow. */
const before: Readonly<Record<string, string>> = {
  'relay signal': 'intake wake 1 before',
  'relay update': 'api POST /v1/institutions/:institution/cases/:id/decisions 1 after-commit',
}
/** These only once every case is open: whoever intake would wake from then on is told of evidence, not started. */
const late = 'relay signal'

/** Everything once without a fault, so that every point is known. A registered act or route that no play walks is a failure. */
export const rehearsal: Batch = single('rehearsal: every step is walked, nothing is killed', async (stage) => {
  const faults = await playRound(stage, { disturb: () => everybody(stage), withBad: true })
  const passed = new Set(passedPoints(stage.failpoints))
  const missed = registeredSteps().filter((step) => !pointsOf(step).every((point) => passed.has(point)))
  return [...faults, ...missed.map(({ process, step }) => `never walked: ${process} ${step}`)]
})

/** Every point known now that is wanted, in batches of `together`, in the order the seed gives. */
export function failpointBatches(
  { failpoints }: Pick<Stage, 'failpoints'>,
  { seed, together, isWanted }: { seed: number; together: number; isWanted: (point: string) => boolean },
): Batch[] {
  const known = [...registeredSteps().flatMap(pointsOf), ...passedPoints(failpoints), ...helped()]
  const points = shuffled([...new Set(known)].toSorted(), dice(seed)).filter(isWanted)
  return Array.from({ length: Math.ceil(points.length / together) }, (_, index) =>
    batchOf(points.slice(index * together, (index + 1) * together)),
  )
}

/** Steps that happen only after another death. */
function helped(): string[] {
  return Object.keys(before).flatMap((name) => {
    const [process = '', step = ''] = name.split(' ')
    return pointsOf({ process, step })
  })
}

/** What one death costs its process on a busy machine: the pause before it is started again, its start, the tasks it had in hand. */
export const deathMs = 15_000

const nameOf = (point: string): string => `dies at ${point}`

function batchOf(points: readonly string[]): Batch {
  return { names: points.map(nameOf), run: (stage) => runBatch(stage, points) }
}

async function runBatch(stage: Stage, points: readonly string[]): Promise<Outcome[]> {
  const faults = await armedRound(stage, points)
  let silent = points.filter((point) => firedBy(stage.failpoints, point) === undefined)
  // A point that others kept from being reached gets a round of its own.
  for (let again = 0; again < 2 && silent.length > 0; again++) {
    faults.push(...(await armedRound(stage, silent)))
    silent = silent.filter((point) => firedBy(stage.failpoints, point) === undefined)
  }
  return points.map((point) => {
    const because = silent.includes(point) ? [...faults, 'never fired'] : faults
    return because.length === 0
      ? { name: nameOf(point), outcome: 'passed' }
      : { name: nameOf(point), outcome: 'failed', because }
  })
}

async function armedRound(stage: Stage, points: readonly string[]): Promise<string[]> {
  for (const point of points) arm(stage.failpoints, point)
  const helpers = points.map((point) => point.split(' ').slice(0, 2).join(' '))
  const armHelpers = (steps: readonly string[]) => {
    for (const step of steps) if (before[step] !== undefined) arm(stage.failpoints, before[step])
  }
  armHelpers(helpers.filter((step) => step !== late))
  const disturb = async (begun: Promise<unknown>) => {
    const done = everybody(stage)
    await begun
    armHelpers(helpers.filter((step) => step === late))
    return done
  }
  const patienceMs = patience + points.length * deathMs
  try {
    const faults = await playRound(stage, { disturb, withBad: true, patienceMs })
    await waitUntil(() => points.every((point) => firedBy(stage.failpoints, point) !== undefined), 5_000)
    return [...faults, ...(await everyoneBack(stage, points))]
  } finally {
    // Whatever became of this round: the next one has points of its own.
    disarmAll(stage.failpoints)
  }
}

/** Whoever died has been started again: a dead process that stays away would be no crash but an outage. */
async function everyoneBack(stage: Stage, points: readonly string[]): Promise<string[]> {
  const faults: string[] = []
  for (const point of points) {
    const died = firedBy(stage.failpoints, point)
    const process = point.split(' ')[0] as StackProcess
    const isBack = () => ![undefined, died].includes(pidOf(stage.ground, process))
    if (died !== undefined && !(await waitUntil(isBack, 30_000))) faults.push(`${process} was not started again`)
  }
  return faults
}

/** What no play brings about: letters are handled, the register changes, persons are protected and erased, packages leave, what is hourly or nightly is due. */
async function everybody(stage: Stage): Promise<string[]> {
  const { patienceMs } = stage.ground
  const publication = async () => {
    await sleep(stage.random() * 3_000)
    await patiently(() => stage.line.client.schedule.getHandle('status-lists').trigger(), patienceMs)
  }
  const reconciliation = async () => {
    await patiently(() => stage.line.client.schedule.getHandle('reconciliation').trigger(), patienceMs)
  }
  await Promise.all([
    handleLetters(stage),
    changeRegister(stage),
    keepPrivate(stage),
    takeOut(stage),
    reviewed(stage),
    answered(stage),
    publication(),
    reconciliation(),
  ])
  await eventually(
    'publication, reconciliation and erasures have ended',
    async () => {
      const query = `ExecutionStatus = 'Running' and WorkflowType in ('statusLists', 'reconciliation', 'disposal', 'erasure')`
      for await (const { workflowId } of stage.line.client.workflow.list({ query })) return workflowId === undefined
      return true
    },
    patienceMs,
  )
  return []
}
