/** What a stack remembers between starts: without it addresses in issued credentials would point nowhere after a restart. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { choosePorts, isFree } from './servers/ports.ts'
import { isAlive, type ProcessRecord, waitUntil, writeWhole } from './servers/processes.ts'

export const root = fileURLToPath(new URL('..', import.meta.url))

const portNames = [
  'api',
  'oidc',
  'postgres',
  'nats',
  'natsMonitor',
  'temporal',
  'temporalUi',
  'temporalHttp',
  'temporalMetrics',
  'intake',
  'witness',
] as const

type PortName = (typeof portNames)[number]
export type Ports = Readonly<Record<PortName, number>>

export interface Kept {
  readonly ports: Ports
  /** Base of every address we put into documents; never changes. */
  readonly publicUrl: string
}

/** Who runs the stack and how to reach it, while it runs. */
export interface Ready {
  readonly owner: ProcessRecord
  readonly adminUrl: string
  readonly processes: boolean
}

/** The folders and files of a stack. */
export function stackPaths(dir: string = join(root, '.bevis')) {
  const base = resolve(dir)
  return {
    base,
    kept: join(base, 'stack.json'),
    lock: join(base, 'run', 'stack.pid'),
    ready: join(base, 'run', 'ready.json'),
    run: join(base, 'run'),
    logs: join(base, 'logs'),
    /** Emitters' entries for the NATS user list: the output of `bevis registry nats-config`. */
    emitters: join(base, 'nats', 'emitters.conf'),
    /** What became of them: the entries in force, or why they were refused. */
    emittersTaken: join(base, 'nats', 'emitters.json'),
    cliEnvironment: join(base, 'secrets', 'cli.env'),
  }
}

export type StackPaths = ReturnType<typeof stackPaths>

/** Ports and public address: as chosen at the first start, which may name `BEVIS_PUBLIC_URL`. */
export async function openKept(paths: StackPaths): Promise<Kept> {
  const kept = existsSync(paths.kept) ? (JSON.parse(readFileSync(paths.kept, 'utf8')) as Partial<Kept>) : {}
  // A stack from before a name was added keeps the ports it has.
  const isWhole = portNames.every((name) => kept.ports?.[name] !== undefined)
  const taken = Object.values(kept.ports ?? {})
  const ports = isWhole
    ? (kept.ports as Ports)
    : { ...(await choosePorts(portNames, paths.base, taken)), ...kept.ports }
  const publicUrl = kept.publicUrl ?? (process.env['BEVIS_PUBLIC_URL'] || `http://127.0.0.1:${ports.api}`)
  if (!isWhole) writeWhole(paths.kept, `${JSON.stringify({ ports, publicUrl }, null, 2)}\n`)
  return { ports, publicUrl }
}

/** Throws where another program has taken a port of ours: moving would break every address already given out. */
export async function demandFreePorts(paths: StackPaths, { ports }: Kept): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    // Servers that were just ended may hold theirs a moment longer.
    if (await waitUntil(() => isFree(port), 5_000)) continue
    throw new Error(
      `Port ${port}, kept for ${name} in ${paths.kept}, is taken by another program. Stop that program; or, if no ` +
        'credential issued here matters, remove the file and new ports are chosen.',
    )
  }
}

/** The running stack's record; one whose owner has died counts as none. */
export function readReady(paths: StackPaths): Ready | undefined {
  try {
    const ready = JSON.parse(readFileSync(paths.ready, 'utf8')) as Ready
    return isAlive(ready.owner) ? ready : undefined
  } catch {
    return undefined
  }
}

export function writeReady(paths: StackPaths, ready: Ready): void {
  writeWhole(paths.ready, JSON.stringify(ready), 0o600)
}

export function removeReady(paths: StackPaths): void {
  rmSync(paths.ready, { force: true })
}
