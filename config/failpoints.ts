/**
 * Points at which a process can be told to die, for `npm run crash`. Without them a crash between two statements would be a
 * matter of luck. Off, they cost a comparison; on, a folder says which ones are armed, so that no restart is needed to arm one.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where in an effect: nothing done yet; done and not committed; committed and nobody told. */
export const moments = ['before', 'after-effect', 'after-commit'] as const
export type Moment = (typeof moments)[number]

/** What a process is doing: a name, and how many effects (transactions, messages) it has begun. */
interface Step {
  readonly name: string
  effects: number
}

interface Armed {
  readonly dir: string
  readonly process: string
  /** Points this process has passed, and how often. */
  readonly passed: Map<string, number>
}

let armed: Armed | undefined
const steps = new AsyncLocalStorage<Step>()

/**
 * Turns failpoints on for this process; without a folder they stay off. Only `config/env.ts` decides, and refuses it in
 * production. In the folder: `armed/<point>` holds at which pass the process dies, `passed/<point>` shows that a point exists,
 * `fired/<point>` that one has fired and which process died.
 */
export function armFailpoints(dir: string | undefined, process: string): void {
  armed = dir === undefined ? undefined : { dir, process, passed: new Map() }
  for (const folder of dir === undefined ? [] : ['armed', 'passed', 'fired']) {
    mkdirSync(join(dir ?? '', folder), { recursive: true })
  }
}

/** The name of a point as it is told, armed and counted. `effect` is 1 for a step's first transaction, 2 for any later one. */
export function pointName(at: { process: string; step: string; effect: 1 | 2; moment: Moment }): string {
  return [at.process, at.step, at.effect, at.moment].join(' ')
}

/** The file that stands for a point in each of the three folders. */
export function pointFile(dir: string, folder: 'armed' | 'passed' | 'fired', point: string): string {
  return join(dir, folder, encodeURIComponent(point))
}

/** Runs work under a step's name. One that touches nothing still has all three moments: its effect is its answer. */
export async function inStep<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (armed === undefined) return work()
  const step: Step = { name, effects: 0 }
  return steps.run(step, async () => {
    const result = await work()
    if (step.effects > 0) return result
    const pass = beginEffect()
    for (const moment of moments) pass(moment)
    return result
  })
}

/** Acts by name, each a step of its name: whoever registers a new one has its failpoints with it. */
export function namedSteps<Acts extends object>(acts: Acts): Acts {
  if (armed === undefined) return acts
  const named = Object.entries(acts).map(([name, act]: [string, (...args: unknown[]) => Promise<unknown>]) => [
    name,
    (...args: unknown[]) => inStep(name, () => act(...args)),
  ])
  return Object.fromEntries(named) as Acts
}

/** Begins a transaction, or the sending of a message, of the running step; the answer is called at its moments. */
export function beginEffect(): (moment: Moment) => void {
  if (armed === undefined) return off
  const here = armed
  const step = steps.getStore() ?? { name: 'unnamed', effects: 0 }
  step.effects += 1
  const effect = step.effects === 1 ? 1 : 2
  return (moment) => pass(here, pointName({ process: here.process, step: step.name, effect, moment }))
}

const off = (): void => undefined

function pass({ dir, passed }: Armed, point: string): void {
  const times = (passed.get(point) ?? 0) + 1
  passed.set(point, times)
  if (times === 1) writeFileSync(pointFile(dir, 'passed', point), '')
  if (isDue(dir, point, passed)) die(dir, point)
}

/** Counted from the pass after it was armed. */
function isDue(dir: string, point: string, passed: Map<string, number>): boolean {
  const file = pointFile(dir, 'armed', point)
  const countdown = `${point} armed`
  let wanted: number
  try {
    wanted = Number(readFileSync(file, 'utf8'))
  } catch {
    passed.delete(countdown)
    return false
  }
  const since = (passed.get(countdown) ?? 0) + 1
  passed.set(countdown, since)
  return since >= wanted
}

/** Whoever moves the file fires: of two processes that pass at once only one dies. It is on disk before we are gone. */
function die(dir: string, point: string): void {
  const fired = pointFile(dir, 'fired', point)
  try {
    renameSync(pointFile(dir, 'armed', point), fired)
  } catch {
    return
  }
  const file = openSync(fired, 'w')
  writeFileSync(file, String(process.pid))
  fsyncSync(file)
  closeSync(file)
  process.kill(process.pid, 'SIGKILL')
  // The signal needs a moment to arrive; not one statement more may run meanwhile.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
