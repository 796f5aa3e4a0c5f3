/** Which failpoints there are: asked of the registered acts and routes, and of the system itself once it has run. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { pipelineActivities } from '#activities/pipeline.ts'
import { signingActivities } from '#activities/signing.ts'
import { createApp } from '#api/app.ts'
import type { ApiDependencies } from '#api/dependencies.ts'
import { moments, pointFile, pointName } from '#config/failpoints.ts'
import { openDb } from '#db/client.ts'
import { writeWhole } from '#dev/servers/processes.ts'

/** A step by the process it runs in. */
export interface Step {
  readonly process: string
  readonly step: string
}

/** Every act a worker registers, every route that changes something, every step of the log: none may stay untried because nobody thought of it. */
export function registeredSteps(): Step[] {
  // Opened lazily: nothing is ever sent on it.
  const db = openDb('postgres://nobody@127.0.0.1:1/none', { kek: new Uint8Array(32), hmac: new Uint8Array(32) })
  const keys = { activeKey: async () => undefined }
  const log = { log: { covers: async () => undefined }, policyOf: () => Promise.reject(new Error('nowhere')) }
  return [
    ...actsOf('pipeline', pipelineActivities({ db })),
    ...actsOf('signing', signingActivities({ db, keys, publicUrl: 'http://127.0.0.1:1', ...log })),
    ...named('log', ['integrate', 'lock', 'files', 'checkpoint', 'announce', 'heads', 'anchor', 'read-back']),
    ...named('witness', ['cosign']),
    ...routes({ db, publicUrl: 'http://127.0.0.1:1' } as ApiDependencies),
  ]
}

export function actsOf(process: string, acts: object): Step[] {
  return named(process, Object.keys(acts))
}

function named(process: string, steps: readonly string[]): Step[] {
  return steps.map((step) => ({ process, step }))
}

function routes(deps: ApiDependencies): Step[] {
  const steps = createApp(deps)
    .routes.filter(({ method }) => !['GET', 'ALL', 'HEAD', 'OPTIONS'].includes(method))
    .map(({ method, path }) => `${method} ${path}`)
  return [...new Set(steps)].map((step) => ({ process: 'api', step }))
}

/** The three points of a step's first effect; later effects are found when they happen. */
export function pointsOf(step: Step): string[] {
  return moments.map((moment) => pointName({ ...step, effect: 1, moment }))
}

/** Points the system has passed so far. */
export function passedPoints(dir: string): string[] {
  return namesIn(`${dir}/passed`)
}

/** Lets the next process that comes there die. */
export function arm(dir: string, point: string, pass = 1): void {
  mkdirSync(`${dir}/armed`, { recursive: true })
  rmSync(pointFile(dir, 'fired', point), { force: true })
  writeWhole(pointFile(dir, 'armed', point), String(pass))
}

export function disarmAll(dir: string): void {
  rmSync(`${dir}/armed`, { recursive: true, force: true })
  mkdirSync(`${dir}/armed`, { recursive: true })
}

/** The process that died there, once one has. */
export function firedBy(dir: string, point: string): number | undefined {
  const file = pointFile(dir, 'fired', point)
  if (!existsSync(file)) return undefined
  return Number(readFileSync(file, 'utf8')) || undefined
}

function namesIn(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .map((name) => decodeURIComponent(name))
        .toSorted()
    : []
}
