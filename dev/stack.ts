/** The whole system on one machine: without it nobody could see a case run, and no test would meet a real server. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Role } from '#db/rights.ts'
import { bringUp } from './bring-up.ts'
import { useEmitters } from './emitters.ts'
import {
  type Addresses,
  type Environment,
  type ExtraEnvironment,
  environmentOf,
  type StackProcess,
  stackProcesses,
} from './environment.ts'
import { endLeftovers, stopWithUs } from './leftovers.ts'
import { openLog } from './log.ts'
import { roleUrl } from './roles.ts'
import { openSandbox } from './sandbox.ts'
import { type EmitterKey, openEmitterKey, openSecrets } from './secrets.ts'
import { tryLock, unlock } from './servers/lock.ts'
import { readLive, recordOf, send, start, stopRecorded, waitUntil } from './servers/processes.ts'
import {
  openKept,
  type Ports,
  type Ready,
  readReady,
  removeReady,
  root,
  type StackPaths,
  stackPaths,
  writeReady,
} from './stack-state.ts'
import type { Supervised } from './supervise.ts'
import { openWitness, type StackWitness } from './witness.ts'

export interface StackOptions {
  /** Folder of everything the stack keeps (default: `.bevis` in the checkout). */
  readonly dir?: string
  /** Says nothing while starting. */
  readonly quiet?: boolean
  /** False: servers and login only, none of our own processes. */
  readonly processes?: boolean
  /** Variables over the usual ones, by member: failpoints and clocks of tests. Asked at each start. */
  readonly extra?: ExtraEnvironment
  /** True: with the sandbox institution in force. */
  readonly sandbox?: boolean
}

export type StackMember = StackProcess | 'postgres' | 'nats' | 'temporal'

export interface Stack {
  readonly dir: string
  /** False where another process runs the stack and we only use it; then `stop` leaves it alone. */
  readonly owned: boolean
  readonly ports: Ports
  readonly urls: {
    /** Base of the API, and of every address in issued documents. */
    readonly public: string
    readonly oidcIssuer: string
    readonly nats: string
    readonly temporalUi: string
    /** `host:port`. */
    readonly temporal: string
  }
  /** The witness that runs here: its verifier key, its address, and the folder in which a policy file makes a log known to it. */
  readonly witness: StackWitness
  /** Superuser address of the database. */
  readonly adminUrl: string
  databaseUrl(role: Role): string
  /** The variables a process (or the command line) is given. */
  environment(name: StackProcess | 'cli'): Environment
  /** The NATS identity of an emitter: its public key is for the register, its seed for whoever sends. */
  emitterKey(institution: string, source: string): EmitterKey
  /** Puts the output of `bevis registry nats-config` in force and waits for it. */
  useEmitters(entries: string): Promise<void>
  /** Ends one member as a power cut would; the stack starts it again. */
  kill(name: StackMember): Promise<void>
  stop(): Promise<void>
}

const STARTING_MS = 20 * 60_000
const here = new Map<string, Stack>()

/**
 * Starts everything on this machine, or uses what runs already. First start: makes secrets, ports and databases; later
 * ones find yesterday's data. Ctrl-C, an exit or `stop` ends all that it started. Throws with the reason, and leaves nothing
 * running, where a part does not come up.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const paths = stackPaths(options.dir)
  const log = options.quiet === true ? () => undefined : (line: string) => console.error(line)
  const mine = here.get(paths.base)
  if (mine !== undefined) return { ...mine, owned: false, stop: async () => undefined }
  for (const deadline = Date.now() + STARTING_MS; Date.now() < deadline; ) {
    if (tryLock(paths.lock)) return await own(paths, options, log)
    const ready = readReady(paths)
    if (ready !== undefined) {
      log(`The stack is already running (process ${ready.owner.pid}).`)
      return await attach(paths, ready)
    }
    await waitUntil(() => readReady(paths) !== undefined || readLive(paths.lock) === undefined, 60_000)
  }
  throw new Error(`Another process has been starting the stack for too long; see ${paths.logs}`)
}

/** Stops the stack of this folder, whoever runs it, and what a killed one left behind. False where nothing ran. */
export async function stopStack(dir?: string): Promise<boolean> {
  const paths = stackPaths(dir)
  const owner = readLive(paths.lock)
  if (owner !== undefined) {
    send(owner.pid, 'SIGTERM')
    await waitUntil(() => readLive(paths.lock) === undefined, 60_000)
  }
  const left = await endLeftovers(paths)
  return owner !== undefined || left > 0
}

async function own(
  paths: StackPaths,
  { processes = true, sandbox = false, extra = () => ({}) }: StackOptions,
  log: (line: string) => void,
): Promise<Stack> {
  const running: Supervised[] = []
  const stop = once(async () => {
    here.delete(paths.base)
    removeReady(paths)
    for (const member of running.toReversed()) await member.stop()
    unlock(paths.lock)
  })
  const release = stopWithUs(paths, stop)
  try {
    const addresses = await bringUp({ paths, processes, extra, log, running })
    if (processes && sandbox) await openSandbox(describe(paths, addresses, true), log)
    writeReady(paths, { owner: recordOf(process.pid), adminUrl: addresses.adminUrl, processes })
    const owned = {
      ...describe(paths, addresses, true),
      stop: async () => {
        release()
        await stop()
      },
    }
    here.set(paths.base, owned)
    return owned
  } catch (error) {
    release()
    await stop()
    throw error
  }
}

async function attach(paths: StackPaths, ready: Ready): Promise<Stack> {
  const kept = await openKept(paths)
  const { base } = paths
  const witness = openWitness(base, kept.ports.witness)
  const own = { secrets: openSecrets(base), witness, log: openLog(base, witness) }
  return describe(paths, { ...kept, ...own, adminUrl: ready.adminUrl }, false)
}

function describe(paths: StackPaths, addresses: Addresses, owned: boolean): Stack {
  const { ports, publicUrl, adminUrl, witness } = addresses
  return {
    dir: paths.base,
    owned,
    ports,
    witness,
    urls: {
      public: publicUrl,
      oidcIssuer: `http://127.0.0.1:${ports.oidc}`,
      nats: `nats://127.0.0.1:${ports.nats}`,
      temporalUi: `http://127.0.0.1:${ports.temporalUi}`,
      temporal: `127.0.0.1:${ports.temporal}`,
    },
    adminUrl,
    databaseUrl: (role) => roleUrl(adminUrl, role),
    environment: (name) => environmentOf(name, addresses),
    emitterKey: (institution, source) => openEmitterKey(paths.base, institution, source),
    useEmitters: (entries) => useEmitters(paths, entries),
    kill: (name) => stopRecorded(join(paths.run, `${name}.pid`), 'SIGKILL'),
    stop: async () => undefined,
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

const usage = `Usage: node dev/stack.ts <dev|start|stop|status> [--json] [--dir <folder>] [--servers-only]
  dev     start everything and stay until Ctrl-C
  start   start everything and return; it goes on running
  stop    stop everything
  status  tell what runs, and where
  --servers-only  without our own processes`

interface CommandOptions extends StackOptions {
  readonly json: boolean
}

/** Exit code of one command (contracts.md §11). */
async function command(name: string, options: CommandOptions): Promise<number> {
  switch (name) {
    case 'dev':
      return await stay(options)
    case 'start':
      return await startApart(options)
    case 'stop':
      console.log((await stopStack(options.dir)) ? 'The stack has stopped.' : 'The stack was not running.')
      return 0
    case 'status':
      return await status(options)
    default:
      console.error(usage)
      return 2
  }
}

async function stay(options: CommandOptions): Promise<number> {
  const stack = await startStack({ ...options, sandbox: true })
  show(stack, options.json)
  if (!stack.owned) return 0
  console.error('Ctrl-C stops everything; the data stays.')
  return await new Promise(() => setInterval(() => undefined, 2 ** 30))
}

/** Leaves a process of its own behind that runs the stack. */
async function startApart(options: CommandOptions): Promise<number> {
  const paths = stackPaths(options.dir)
  if (readReady(paths) === undefined) {
    const logFile = join(paths.logs, 'stack.log')
    const args = [join(root, 'dev', 'stack.ts'), 'dev', '--dir', paths.base]
    if (options.processes === false) args.push('--servers-only')
    const keeper = start({
      command: process.execPath,
      args,
      cwd: root,
      logFile,
      pidFile: join(paths.run, 'starting.json'),
      outlivesUs: true,
    })
    await waitUntil(() => readReady(paths) !== undefined || keeper.hasExited(), STARTING_MS)
    rmSync(join(paths.run, 'starting.json'), { force: true })
    if (readReady(paths) === undefined) {
      const end = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ')
      console.error(`The stack did not start; the end of ${logFile}:\n  ${end}`)
      return 1
    }
  }
  show(await startStack({ ...options, quiet: true }), options.json)
  return 0
}

async function status(options: CommandOptions): Promise<number> {
  const paths = stackPaths(options.dir)
  const ready = readReady(paths)
  if (ready === undefined) {
    console.log(options.json ? JSON.stringify({ running: false }) : 'The stack is not running.')
    return 7
  }
  show(await attach(paths, ready), options.json)
  return 0
}

function show(stack: Stack, json: boolean): void {
  const members = ['postgres', 'nats', 'temporal', ...stackProcesses].map((name) => {
    const record = readLive(join(stackPaths(stack.dir).run, `${name}.pid`))
    return { name, pid: record?.pid ?? null }
  })
  if (json) {
    console.log(JSON.stringify({ running: true, dir: stack.dir, urls: stack.urls, members }))
    return
  }
  const { urls } = stack
  const running = members.flatMap(({ name, pid }) => (pid === null ? [] : [`${name} (${pid})`]))
  console.log(
    [
      `API and documents   ${urls.public}`,
      `Temporal            ${urls.temporalUi}   (${urls.temporal}, namespace default)`,
      `Login (OIDC)        ${urls.oidcIssuer}`,
      `NATS                ${urls.nats}`,
      `Witness             ${stack.witness.url}`,
      `Running             ${running.join(', ')}`,
      `Data and logs       ${stack.dir}`,
    ].join('\n'),
  )
}

/** Reads the arguments; undefined where they make no sense. */
function readArguments(args: readonly string[]): { name: string; options: CommandOptions } | undefined {
  const flags = { json: { type: 'boolean' }, dir: { type: 'string' }, 'servers-only': { type: 'boolean' } } as const
  try {
    const { positionals, values } = parseArgs({ args: [...args], options: flags, allowPositionals: true })
    const [name = '', ...more] = positionals
    const dir = values.dir === undefined ? {} : { dir: values.dir }
    const options = { json: values.json ?? false, processes: values['servers-only'] !== true, ...dir }
    return more.length === 0 ? { name, options } : undefined
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const asked = readArguments(process.argv.slice(2)) ?? { name: '', options: { json: false } }
  try {
    process.exitCode = await command(asked.name, asked.options)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
