/**
 * Everything a fresh clone needs before `npm run demo`, `npm test` or `npm run dev`: without it the first command would fail
 * on missing packages. Runs on whatever Node the system has (20 or newer) and imports no package.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const node24 = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const lock = join(root, '.bevis', 'setup.pid')

takeTurn()
try {
  if (!isInstalled()) install()
  // Checking types and style needs no servers.
  if (process.env.npm_lifecycle_event !== 'precheck' && process.env.npm_lifecycle_event !== 'prefix') prepareServers()
} finally {
  rmSync(lock, { force: true })
}

/** True where node_modules holds what the lock file says. Content counts, not time: a checkout may touch either file. */
function isInstalled() {
  const installed = readJson(join(modules, '.package-lock.json'))?.packages
  const wanted = readJson(join(root, 'package-lock.json'))?.packages
  if (!installed || !wanted || !existsSync(node24)) return false
  const same = (path) => installed[path]?.version === wanted[path].version
  return (
    Object.keys(installed).every((path) => wanted[path] !== undefined && same(path)) &&
    Object.keys(wanted).every((path) => path === '' || wanted[path].optional || wanted[path].devOptional || same(path))
  )
}

function install() {
  say('Installing dependencies (npm ci; once, about a minute) …')
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const { status, error } = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status === 0 && existsSync(node24)) return
  give(
    'The dependencies could not be installed.',
    error ? `  ${error.message}` : `  npm ci ended with code ${status}; its own message is above.`,
    '  Needed: npm 10 or newer, and its registry within reach (npm ping tells).',
    '  If install scripts are switched off (npm config get ignore-scripts), switch them on: Node 24 comes through one.',
  )
}

function prepareServers() {
  const { status } = spawnSync(node24, [join(root, 'dev', 'servers', 'binaries.ts')], { cwd: root, stdio: 'inherit' })
  if (status !== 0) give('The Temporal and NATS servers are not ready; the ways to get them are above.')
}

/** Two terminals may start on a fresh clone at once; npm ci must not run twice in one folder. */
function takeTurn() {
  mkdirSync(join(root, '.bevis'), { recursive: true })
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!holderLives()) rmSync(lock, { force: true })
    else {
      if (!told) say('Another terminal is setting up this checkout; waiting for it …')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    }
  }
}

function holderLives() {
  try {
    const holder = Number(readFileSync(lock, 'utf8'))
    if (!holder) return true
    process.kill(holder, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function say(line) {
  process.stderr.write(`${line}\n`)
}

function give(...lines) {
  for (const line of lines) say(line)
  rmSync(lock, { force: true })
  process.exit(1)
}
