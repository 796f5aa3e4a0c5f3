/** Finds, fetches or builds the Temporal and NATS servers: without it a fresh machine without Docker could run nothing. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildServers, findGo } from './build.ts'
import { download } from './download.ts'
import { withLock } from './lock.ts'
import { isAtLeast, RELEASE_HOST, releasePlatform, releases, type ServerRelease, type Tool } from './versions.ts'

export interface BinaryOptions {
  /** Folder with the pinned Go module (default: `tools/servers`). */
  readonly moduleDir?: string
  /** Per-user cache (default: `$XDG_CACHE_HOME/beviskedja`, else `~/.cache/beviskedja`). */
  readonly cacheRoot?: string
  /** Folders to look in first (default: PATH). */
  readonly path?: string
  /** Where release archives come from; false where downloads are not wanted (default: when `CI` is set). */
  readonly releaseHost?: string | false
  /** The accepted releases, to be replaced in tests only. */
  readonly accepted?: readonly ServerRelease[]
  readonly log?: (line: string) => void
}

export type Binaries = Readonly<Record<Tool, string>>

/**
 * Paths of both servers, by the first way that works: PATH, cache, official archive, build from source. Tells what it
 * does where that takes time. Throws one message with all the ways when none is open.
 */
export async function ensureBinaries(options: BinaryOptions = {}): Promise<Binaries> {
  const plan = withDefaults(options)
  const found = lookUp(plan)
  if (found.missing.length === 0) return complete(found.paths)
  const waiting = () => plan.log('Another terminal is making the servers ready; waiting for it …')
  return await withLock(`${plan.cache}.lock`, () => obtain(plan), waiting)
}

type Plan = Required<BinaryOptions> & { readonly cache: string }

function withDefaults(options: BinaryOptions): Plan {
  const moduleDir = options.moduleDir ?? fileURLToPath(new URL('../../tools/servers', import.meta.url))
  const cacheRoot = options.cacheRoot ?? join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'beviskedja')
  const sum = createHash('sha256')
    .update(readFileSync(join(moduleDir, 'go.sum')))
    .digest('hex')
  return {
    moduleDir,
    cacheRoot,
    cache: join(cacheRoot, `servers-${sum.slice(0, 16)}`),
    path: options.path ?? process.env['PATH'] ?? '',
    releaseHost: options.releaseHost ?? (process.env['CI'] ? false : RELEASE_HOST),
    accepted: options.accepted ?? releases,
    log: options.log ?? ((line) => console.error(line)),
  }
}

interface Found {
  readonly paths: ReadonlyMap<Tool, string>
  readonly missing: readonly ServerRelease[]
  /** What was on PATH but too old, for the final message. */
  readonly refused: readonly string[]
}

function lookUp(plan: Plan): Found {
  const paths = new Map<Tool, string>()
  const refused: string[] = []
  for (const release of plan.accepted) {
    const onPath = findOnPath(release.tool, plan.path)
    const version = onPath === undefined ? undefined : versionOf(onPath)
    const cached = join(plan.cache, release.tool)
    if (onPath !== undefined && version !== undefined && isAtLeast(version, release.atLeast)) {
      paths.set(release.tool, onPath)
    } else if (isExecutable(cached)) {
      paths.set(release.tool, cached)
    } else if (onPath !== undefined) {
      refused.push(`${onPath} is ${version ?? 'of unknown version'}, ${release.atLeast} or newer is needed`)
    }
  }
  return { paths, refused, missing: plan.accepted.filter(({ tool }) => !paths.has(tool)) }
}

async function obtain(plan: Plan): Promise<Binaries> {
  const reasons: string[] = []
  for (const release of lookUp(plan).missing) {
    const problem = await downloadRelease(plan, release)
    if (problem !== undefined) reasons.push(`${release.tool}: ${problem}`)
  }
  const missing = lookUp(plan).missing.map(({ tool }) => tool)
  if (missing.length > 0) {
    const problem = await build(plan, missing)
    if (problem !== undefined) reasons.push(problem)
  }
  const after = lookUp(plan)
  if (after.missing.length > 0) throw new Error(noWay(plan, after, reasons))
  return complete(after.paths)
}

async function downloadRelease(plan: Plan, release: ServerRelease): Promise<string | undefined> {
  if (plan.releaseHost === false) return 'downloads are off because CI is set'
  const platform = releasePlatform()
  const sha256 = release.sha256[platform]
  if (sha256 === undefined) return `no checksum is pinned for ${platform}, so no archive is used`
  return await download({
    url: plan.releaseHost + release.archive(platform),
    sha256,
    member: release.member(platform),
    target: join(plan.cache, release.tool),
    log: plan.log,
  })
}

async function build(plan: Plan, missing: readonly Tool[]): Promise<string | undefined> {
  const go = await findGo({ path: plan.path, cacheRoot: plan.cacheRoot, log: plan.log })
  if ('problem' in go) return go.problem
  return await buildServers({ go: go.command, moduleDir: plan.moduleDir, cache: plan.cache, missing, log: plan.log })
}

function noWay(plan: Plan, found: Found, reasons: readonly string[]): string {
  const tools = found.missing.map(({ tool }) => tool).join(' and ')
  const wanted = plan.accepted.map(({ tool, atLeast }) => `${tool} ${atLeast} or newer`).join(', ')
  return [
    `No way to get ${tools} worked:`,
    ...[...found.refused, ...reasons].map((reason) => `  - ${reason}`),
    'Any one of these is enough:',
    `  - put ${wanted} on PATH`,
    `  - put the binaries into ${plan.cache}`,
    '  - let this machine reach https://github.com (release archives, checksums are pinned), with CI unset',
    '  - have Go 1.26.4 or newer, or Python with pip, and let it reach the Go module proxy',
  ].join('\n')
}

function findOnPath(tool: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, tool))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function versionOf(file: string): string | undefined {
  try {
    const said = execFileSync(file, ['--version'], { encoding: 'utf8', stdio: 'pipe', timeout: 20_000 })
    return /(\d+\.\d+\.\d+)/.exec(said)?.[1]
  } catch {
    return undefined
  }
}

function complete(paths: ReadonlyMap<Tool, string>): Binaries {
  const temporal = paths.get('temporal')
  const nats = paths.get('nats-server')
  if (temporal === undefined || nats === undefined) throw new Error('The list of accepted servers is incomplete')
  return { temporal, 'nats-server': nats }
}

if (import.meta.main) {
  try {
    await ensureBinaries()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
