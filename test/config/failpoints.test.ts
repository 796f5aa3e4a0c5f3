import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '#config/env.ts'
import { namedSteps, pointFile } from '#config/failpoints.ts'
import { root } from '../support/paths.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bevis-failpoints-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A process with two acts, one with two transactions; each transaction says that it was committed. */
const script = `
  const { armFailpoints, beginEffect, namedSteps } = await import('./config/failpoints.ts')
  armFailpoints(process.argv[1], 'worker')
  const transaction = async (name) => {
    const pass = beginEffect()
    pass('before')
    await new Promise((resolve) => setTimeout(resolve, 1))
    pass('after-effect')
    process.stdout.write(name + ' ')
    pass('after-commit')
  }
  const acts = namedSteps({
    sign: async () => { await transaction('plan'); await transaction('store'); await transaction('tell') },
    look: async () => 'nothing to write',
  })
  await Promise.all([acts.look(), acts.sign()])`

function run(): { signal: NodeJS.Signals | null; pid: number; out: string } {
  const { signal, pid, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, dir], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return { signal, pid, out: stdout.trim() }
}

function arm(point: string, pass = 1): void {
  mkdirSync(join(dir, 'armed'), { recursive: true })
  writeFileSync(pointFile(dir, 'armed', point), String(pass))
}

test('a new act has its points by itself, at every moment of its first and its later effects', () => {
  expect(run()).toMatchObject({ signal: null, out: 'plan store tell' })
  const passed = readdirSync(join(dir, 'passed')).map((name) => decodeURIComponent(name))
  const three = (step: string) => ['before', 'after-effect', 'after-commit'].map((moment) => `${step} ${moment}`)
  expect(passed.toSorted()).toEqual(
    [...three('worker sign 1'), ...three('worker sign 2'), ...three('worker look 1')].toSorted(),
  )
})

test.each([
  ['worker sign 1 before', ''],
  ['worker sign 1 after-effect', ''],
  ['worker sign 1 after-commit', 'plan'],
  ['worker sign 2 before', 'plan'],
  ['worker sign 2 after-commit', 'plan store'],
])('armed at %s the process dies there, by its own hand, and only once', (point, done) => {
  arm(point)
  const died = run()
  expect(died).toMatchObject({ signal: 'SIGKILL', out: done })
  expect(readFileSync(pointFile(dir, 'fired', point), 'utf8')).toBe(String(died.pid))
  expect(run()).toMatchObject({ signal: null, out: 'plan store tell' })
})

test('the pass at which it dies can be chosen; one that does not come leaves the point armed', () => {
  arm('worker sign 2 before', 2)
  expect(run()).toMatchObject({ signal: 'SIGKILL', out: 'plan store' })
  arm('worker sign 1 before', 2)
  expect(run()).toMatchObject({ signal: null })
  expect(existsSync(pointFile(dir, 'armed', 'worker sign 1 before'))).toBe(true)
})

test('off, acts are left as they are', () => {
  const acts = { sign: async () => undefined }
  expect(namedSteps(acts)).toBe(acts)
})

test('production refuses to be told where to die', () => {
  const said = (() => {
    try {
      readConfig('relay', { BEVIS_ENV: 'production', BEVIS_FAILPOINTS_DIR: dir })
      return 'nothing'
    } catch (error) {
      return JSON.stringify(error instanceof Error && 'problems' in error ? error.problems : error)
    }
  })()
  expect(said).toContain('lets whoever writes to that folder kill the process')
})
