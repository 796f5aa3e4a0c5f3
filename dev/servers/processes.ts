/** Starting, recognising and ending programs: without it a stale pid file would make us kill a stranger or leave servers behind. */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a pid file holds. `birth` tells our process from a later one that was given the same number. */
export interface ProcessRecord {
  readonly pid: number
  readonly birth: string
}

export interface SpawnOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly pidFile: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** True where the program shall outlive us: we do not stay up for its sake. */
  readonly outlivesUs?: boolean
}

export interface Running {
  readonly pid: number
  /** Resolves when the process has ended, whatever the reason. */
  readonly exited: Promise<void>
  hasExited(): boolean
}

/** When the process with this number was born, or undefined where none (or only a zombie) has it. */
export function birthOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may itself hold spaces and parentheses; fields are counted after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}

/** The command line of a running process, empty where it cannot be read. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' })
  } catch {
    return ''
  }
}

export function recordOf(pid: number): ProcessRecord {
  return { pid, birth: birthOf(pid) ?? '' }
}

export function isAlive(record: ProcessRecord): boolean {
  return record.birth !== '' && birthOf(record.pid) === record.birth
}

/** The process a pid file speaks of if it still runs; a stale, foreign or broken file gives undefined. */
export function readLive(pidFile: string): ProcessRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(pidFile, 'utf8'))
    if (typeof record !== 'object' || record === null || !('pid' in record) || !('birth' in record)) return undefined
    const found = { pid: Number(record.pid), birth: String(record.birth) }
    return isAlive(found) ? found : undefined
  } catch {
    return undefined
  }
}

/** Writes a file whole or not at all. */
export function writeWhole(file: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.new`
  writeFileSync(temporary, content, { mode })
  renameSync(temporary, file)
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches it through us and in our order, with its
 * output in `logFile` and its record in `pidFile`.
 */
export function start(options: SpawnOptions): Running {
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', log, log],
    detached: true,
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.owner,
  })
  closeSync(log)
  if (options.outlivesUs === true) child.unref()
  let over = false
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      over = true
      if (readPid(options.pidFile) === child.pid) rmSync(options.pidFile, { force: true })
      resolve()
    }
    child.once('exit', end)
    child.once('error', end)
  })
  const pid = child.pid ?? -1
  if (pid > 0) writeWhole(options.pidFile, JSON.stringify(recordOf(pid)))
  return { pid, exited, hasExited: () => over }
}

function readPid(pidFile: string): number | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(pidFile, 'utf8'))
    return typeof record === 'object' && record !== null && 'pid' in record ? Number(record.pid) : undefined
  } catch {
    return undefined
  }
}

/** Ends a recorded process politely, after `graceMs` by force, and removes its pid file. Absent or stale: only the file goes. */
export async function stopRecorded(pidFile: string, signal: NodeJS.Signals, graceMs = 15_000): Promise<void> {
  const record = readLive(pidFile)
  if (record !== undefined) {
    send(record.pid, signal)
    if (!(await waitUntil(() => !isAlive(record), graceMs))) {
      send(record.pid, 'SIGKILL')
      await waitUntil(() => !isAlive(record), 5_000)
    }
  }
  if (readLive(pidFile) === undefined) rmSync(pidFile, { force: true })
}

/** Sends a signal; a process that is gone already is not an error. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Asks again until `done` says so; false when the time (milliseconds) has run out. */
export async function waitUntil(done: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    if (await done()) return true
    if (Date.now() > deadline) return false
    await sleep(50)
  }
}

/** Waits for a server to answer; tells the end of its log when it ended or took too long. */
export async function waitReady(
  name: string,
  server: Running & { readonly logFile: string },
  isReady: () => boolean | Promise<boolean>,
): Promise<void> {
  const ready = await waitUntil(async () => server.hasExited() || (await isReady()), 60_000)
  if (ready && !server.hasExited()) return
  const what = server.hasExited() ? 'ended while starting' : 'did not answer within 60 seconds'
  throw new Error(`${name} ${what}. ${logEnd(server.logFile)}`)
}

/** The last lines of a log, for an error message. */
export function logEnd(file: string): string {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15) : []
  return `The end of ${file}:\n  ${lines.join('\n  ')}`
}
