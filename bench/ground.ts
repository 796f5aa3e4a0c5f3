/** Real servers with durable settings in a folder of the bench's own, and our processes beside them as in production. */
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { readSecrets, type Secrets } from '#config/secrets.ts'
import { connectTemporal, type TemporalAddress, type TemporalLine } from '#connectors/platform/temporal.ts'
import { type Db, openDb } from '#db/client.ts'
import type { Role } from '#db/rights.ts'
import { Api } from '#dev/demo/api.ts'
import { Emitters } from '#dev/demo/emitters.ts'
import { applyDemoRegister } from '#dev/demo/register.ts'
import { commandOf, type Environment, type StackProcess } from '#dev/environment.ts'
import { removeCluster } from '#dev/servers/postgres.ts'
import { type Running, readLive, start, stopRecorded, waitUntil } from '#dev/servers/processes.ts'
import { type Stack, type StackMember, startStack, stopStack } from '#dev/stack.ts'
import { root, stackPaths } from '#dev/stack-state.ts'
import { declareLearners } from './learners.ts'
import { Sender } from './sender.ts'

export type BenchProcess = StackProcess | 'people' | 'cohorts'

export interface Ground {
  readonly stack: Stack
  /** Superuser: counts what is there, whoever's it is. */
  readonly admin: postgres.Sql
  readonly secrets: Secrets
  readonly temporal: TemporalLine
  readonly temporalAddress: TemporalAddress
  readonly sender: Sender
  /** The people of the register; a login serves them for a minute. */
  readonly api: Api
  /** A pool under one role, as that process has it; closed with the ground. */
  readonly open: (role: Role) => Db
  /**
   * Starts a process of ours and waits until it works; one that runs is left alone unless it was started otherwise. `people` and
   * `cohorts` are the pipeline as two processes, one per queue, as docker-compose.yml has it.
   */
  start(name: BenchProcess, extra?: Environment): Promise<void>
  /** A script of the bench as a process of its own; resolves when it says that it works. */
  startScript(script: string, environment: Environment): Promise<{ stop(): Promise<void> }>
  stop(name: BenchProcess): Promise<void>
  pidOf(member: StackMember): number | undefined
  close(): Promise<void>
}

/** Starts the servers on nothing at all, and puts the demo institution in force with learners enough for every figure. */
export async function openGround(say: (line: string) => void): Promise<Ground> {
  const paths = stackPaths(join(root, '.bevis', 'bench'))
  await stopStack(paths.base)
  removeCluster(paths.base)
  rmSync(paths.base, { recursive: true, force: true })
  const stack = await startStack({ dir: paths.base, processes: false })
  const emitters = new Emitters(stack, 'bench')
  await countStatements(stack)
  say('Applying the register …')
  await applyDemoRegister(stack, emitters, declareLearners(paths.base))
  const secrets = readSecrets(stack.environment('cli')['BEVIS_SECRETS_FILE'] ?? '')
  const temporalAddress = { address: stack.urls.temporal, namespace: 'default', codecKey: secrets.codec }
  const temporal = await connectTemporal(temporalAddress)
  const admin = postgres(stack.adminUrl, { max: 4, onnotice: () => undefined })
  const sender = new Sender(stack)
  const pools: Db[] = []
  const running = new Map<string, string>()
  const pidFile = (name: string) => join(paths.run, `${name}.pid`)
  const stop = async (name: string) => {
    running.delete(name)
    await stopRecorded(pidFile(name), 'SIGTERM', 20_000)
  }
  const begin = async (name: string, args: readonly string[], environment: Environment) => {
    const { PATH, HOME, LANG, TZ } = process.env
    const logFile = join(paths.logs, `${name}.log`)
    closeSync(openSync(logFile, 'a'))
    const from = statSync(logFile).size
    const child = start({
      command: process.execPath,
      args: [...profiling(name, paths.base), ...args],
      cwd: root,
      env: { PATH, HOME, LANG, TZ, ...environment },
      logFile,
      pidFile: pidFile(name),
    })
    try {
      await untilWorking(name, { child, logFile, from })
    } catch (error) {
      // Nobody else knows of it, and it would outlive what it was started for.
      await stop(name)
      throw error
    }
  }
  return {
    stack,
    admin,
    secrets,
    temporal,
    temporalAddress,
    sender,
    api: new Api(stack, 60_000),
    open: (role) => {
      const db = openDb(stack.databaseUrl(role), secrets)
      pools.push(db)
      return db
    },
    start: async (name, extra = {}) => {
      const wanted = JSON.stringify(extra)
      if (running.get(name) === wanted) return
      await stop(name)
      const { process, args } = runOf(name)
      await begin(name, [join(root, 'cli', 'main.ts'), ...args], { ...stack.environment(process), ...extra })
      running.set(name, wanted)
    },
    startScript: async (script, environment) => {
      await begin(script, [join(root, 'bench', 'floors', `${script}.ts`)], environment)
      running.set(script, '')
      return { stop: () => stop(script) }
    },
    stop,
    pidOf: (member) => readLive(pidFile(member))?.pid,
    close: async () => {
      for (const name of running.keys()) await stop(name)
      await Promise.all(pools.map((db) => db.close()))
      await sender.close()
      await emitters.close()
      await temporal.close()
      await admin.end({ timeout: 5 })
      await stack.stop()
      removeCluster(paths.base)
    },
  }
}

/** The library must be there when Postgres starts. */
async function countStatements(stack: Stack): Promise<void> {
  const sql = postgres(stack.adminUrl, { max: 1, onnotice: () => undefined })
  await sql`alter system set shared_preload_libraries = 'pg_stat_statements'`
  await stack.kill('postgres')
  const isBack = () =>
    sql`create extension if not exists pg_stat_statements`.then(
      () => true,
      () => false,
    )
  if (!(await waitUntil(isBack, 60_000))) throw new Error('Postgres did not come back with pg_stat_statements')
  await sql`create schema bench`
  await sql.end({ timeout: 5 })
}

/** `BEVIS_BENCH_PROFILE=pipeline npm run bench` leaves a CPU profile of that process in `.bevis/bench/profiles`. */
function profiling(name: string, base: string): string[] {
  const wanted = (process.env['BEVIS_BENCH_PROFILE'] ?? '').split(',')
  return wanted.includes(name) ? ['--cpu-prof', `--cpu-prof-dir=${join(base, 'profiles', name)}`] : []
}

interface Coming {
  readonly child: Running
  readonly logFile: string
  /** Where in the log this start begins. */
  readonly from: number
}

async function untilWorking(name: string, { child, logFile, from }: Coming): Promise<void> {
  const said = () => (existsSync(logFile) ? readFileSync(logFile).subarray(from).toString() : '')
  const isUp = () => /"(working|listening)/.test(said())
  await waitUntil(() => child.hasExited() || isUp(), 60_000)
  if (child.hasExited() || !isUp()) throw new Error(`${name} did not come up: ${said().slice(-2_000)}`)
}

function runOf(name: BenchProcess): { readonly process: StackProcess; readonly args: readonly string[] } {
  if (name !== 'people' && name !== 'cohorts') return { process: name, args: commandOf(name) }
  const queue = name === 'people' ? 'pipeline' : 'cohorts'
  return { process: 'pipeline', args: [...commandOf('pipeline'), '--queue', queue] }
}
