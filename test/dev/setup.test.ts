import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root } from '../support/paths.ts'
import { ownFolder } from './support.ts'

describe('set-up before a script', () => {
  let folder: ReturnType<typeof ownFolder>
  beforeEach(() => {
    folder = ownFolder()
    mkdirSync(join(folder.dir, 'tools'))
    mkdirSync(join(folder.dir, 'dev', 'servers'), { recursive: true })
    copyFileSync(join(root, 'tools', 'setup.mjs'), join(folder.dir, 'tools', 'setup.mjs'))
    // Says that it was asked for the servers, as the real one would look for them.
    writeFileSync(join(folder.dir, 'dev', 'servers', 'binaries.ts'), "console.error('servers looked for')\n")
    lock({ a: '1.0.0' })
    npm(0)
  })
  afterEach(() => folder.remove())

  const packages = (versions: Record<string, string>) =>
    Object.fromEntries(Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }]))
  const lock = (versions: Record<string, string>) =>
    writeFileSync(
      join(folder.dir, 'package-lock.json'),
      JSON.stringify({ packages: { '': {}, ...packages(versions) } }),
    )
  const installed = (versions: Record<string, string>) => {
    mkdirSync(join(folder.dir, 'node_modules', '.bin'), { recursive: true })
    const node = join(folder.dir, 'node_modules', '.bin', 'node')
    if (!existsSync(node)) symlinkSync(process.execPath, node)
    writeFileSync(
      join(folder.dir, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: packages(versions) }),
    )
  }
  /** An npm that notes its arguments and ends with this code. */
  const npm = (code: number) => {
    writeFileSync(join(folder.dir, 'npm.js'), `console.error('npm', process.argv[2]); process.exit(${code})`)
    chmodSync(join(folder.dir, 'npm.js'), 0o755)
  }
  const setUp = (event = 'pretest') => {
    const env = { PATH: '/usr/bin:/bin', npm_execpath: join(folder.dir, 'npm.js'), npm_lifecycle_event: event }
    const { status, stderr } = spawnSync(process.execPath, ['tools/setup.mjs'], {
      cwd: folder.dir,
      env,
      encoding: 'utf8',
    })
    return { status, stderr }
  }

  test('does nothing to packages that are what the lock file says', () => {
    installed({ a: '1.0.0' })
    expect(setUp()).toEqual({ status: 0, stderr: 'servers looked for\n' })
  })

  test.each([
    ['another version', { a: '0.9.0' }],
    ['a missing package', {}],
    ['a package too many', { a: '1.0.0', b: '1.0.0' }],
  ])('runs npm ci where there is %s', (_case, versions) => {
    installed(versions)
    expect(setUp().stderr).toContain('npm ci')
  })

  test('runs npm ci on a fresh clone, and says what to check where that fails', () => {
    npm(1)
    const { status, stderr } = setUp()
    expect(status).toBe(1)
    expect(stderr).toContain('npm ci')
    expect(stderr).toContain('The dependencies could not be installed.')
    expect(stderr).not.toContain('servers looked for')
    expect(existsSync(join(folder.dir, '.bevis', 'setup.pid'))).toBe(false)
  })

  test('goes on after a set-up that was killed', () => {
    installed({ a: '1.0.0' })
    mkdirSync(join(folder.dir, '.bevis'))
    writeFileSync(join(folder.dir, '.bevis', 'setup.pid'), '999999999')
    expect(setUp().status).toBe(0)
  })

  test('leaves the servers alone before a check', () => {
    installed({ a: '1.0.0' })
    expect(setUp('precheck')).toEqual({ status: 0, stderr: '' })
  })
})
