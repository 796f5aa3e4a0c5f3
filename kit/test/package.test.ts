/** The kit as a system gets it: packed, installed into an empty folder, used from plain JavaScript. Without it only our own checkout could. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServer } from './server.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
/** Inside the checkout, where the compiler is found. */
const workshop = join(root, '.bevis', 'test', `kit-${process.pid}`)
const elsewhere = mkdtempSync(join(tmpdir(), 'bevis-kit-'))

beforeAll(async () => {
  mkdirSync(workshop, { recursive: true })
  for (const name of readdirSync(join(root, 'kit'), { withFileTypes: true }))
    if (name.isFile()) cpSync(join(root, 'kit', name.name), join(workshop, name.name))
  const destination = ['--pack-destination', elsewhere]
  await run('npm', ['pack', ...destination], { cwd: workshop })
  await run('npm', ['pack', ...destination, '--ignore-scripts', join(root, 'node_modules', 'jose')], { cwd: workshop })
  writeFileSync(join(elsewhere, 'package.json'), '{ "name": "own-system", "private": true, "type": "module" }')
  const packed = readdirSync(elsewhere).filter((name) => name.endsWith('.tgz'))
  await run('npm', ['install', '--offline', '--ignore-scripts', ...packed.map((name) => `./${name}`)], {
    cwd: elsewhere,
  })
})
afterAll(() => {
  for (const folder of [workshop, elsewhere]) rmSync(folder, { recursive: true, force: true })
})

const program = `
import { readFileSync } from 'node:fs'
import { openEmitter } from 'beviskedja-emitter/emitter'
import { stableId } from 'beviskedja-emitter/event'
import { httpDoor } from 'beviskedja-emitter/http-door'

const emitter = await openEmitter({
  institution: 'sandbox',
  source: 'own-system',
  folder: 'queue',
  key: JSON.parse(readFileSync('key.json', 'utf8')),
  door: httpDoor({ base: process.argv[2] }),
})
await emitter.tell({
  type: 'org.beviskedja.completion.recorded.v1',
  id: stableId('completion', 1),
  data: {
    learner: { scheme: 'sandbox', value: 'learner-1' },
    achievement: 'test-event',
    offering: 'spring-2026',
    completedAt: '2026-11-20T15:00:00+01:00',
  },
})
await emitter.settled()
await emitter.close()
`

test('installed from its tarball, it tells an event from plain JavaScript', async () => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'own-system-1' }
  writeFileSync(join(elsewhere, 'key.json'), JSON.stringify(key))
  writeFileSync(join(elsewhere, 'own-system.js'), program)
  const server = await openServer()
  await run(process.execPath, ['--no-experimental-strip-types', 'own-system.js', server.base], { cwd: elsewhere })
  expect(server.came.map(({ event }) => event)).toMatchObject([{ sequence: 1, source: 'own-system' }])
  await server.close()
})

test('each of its doors opens, with types beside it, and nothing of ours is in it but what was built', async () => {
  const home = join(elsewhere, 'node_modules', 'beviskedja-emitter')
  const built = readdirSync(join(home, 'dist'))
  const { exports } = (await import(join(home, 'package.json'), { with: { type: 'json' } })).default as {
    exports: Record<string, string>
  }
  const names = Object.keys(exports).map((name) => name.slice(2))
  const opened = await run(
    process.execPath,
    ['-e', `Promise.all(${JSON.stringify(names)}.map((name) => import('beviskedja-emitter/' + name)))`],
    { cwd: elsewhere },
  )
  expect(opened.stderr).toBe('')
  expect(built).toEqual(expect.arrayContaining(names.flatMap((name) => [`${name}.js`, `${name}.d.ts`])))
  expect(readdirSync(home).toSorted()).toEqual(['README.md', 'dist', 'package.json'])
})
