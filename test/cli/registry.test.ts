import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emitterUser } from '#connectors/platform/nats-users.ts'
import { openEmitterKey } from '#dev/secrets.ts'
import { demoFolder } from '../config/register-folder.ts'
import { createWorld, type World } from '../support/world.ts'
import { bevis } from './run-bevis.ts'

let world: World
const folder = mkdtempSync(join(tmpdir(), 'bevis-registry-'))
beforeAll(async () => {
  world = await createWorld()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await world.dispose()
})

const run = (...args: string[]) =>
  bevis(['registry', ...args], {
    env: { BEVIS_DATABASE_URL: world.url('bevis_api'), BEVIS_SECRETS_FILE: world.secretsFile },
  })

describe('bevis registry', () => {
  test('has nothing to show before a register was applied', async () => {
    const { code, stderr } = await run('show')
    expect([code, stderr]).toEqual([2, expect.stringContaining('registry apply')])
  })

  test('applies a folder, and a second time changes nothing', async () => {
    const first = await run('apply', demoFolder, '--json')
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.json()).toMatchObject({ institution: 'norrsken', revision: 1 })
    const second = await run('apply', demoFolder)
    expect(second).toMatchObject({ code: 0, stdout: 'Nothing changed; revision 1 of norrsken is in force.\n' })
  })

  test('tells no difference from what is in force', async () => {
    const { code, stdout } = await run('diff', demoFolder)
    expect([code, stdout]).toEqual([0, 'No difference; compared with revision 1 of norrsken.\n'])
  })

  test('tells field by field what a folder would change, never a name, and changes nothing', async () => {
    const copy = join(folder, 'changed')
    cpSync(demoFolder, copy, { recursive: true })
    const edit = (file: string, change: (document: Record<string, never>) => void) => {
      const document = JSON.parse(readFileSync(join(copy, file), 'utf8')) as Record<string, never>
      change(document)
      writeFileSync(join(copy, file), JSON.stringify(document))
    }
    const achievements = readdirSync(join(copy, 'achievements')).toSorted()
    const [first = ''] = achievements
    edit(join('achievements', first), (document) => Object.assign(document, { workloadHours: 4_321 }))
    let renamed = ''
    edit('people.json', (document) => {
      const [person] = document['people'] as unknown as { id: string; name: string }[]
      if (person === undefined) throw new Error('the demo register has nobody')
      person.name = 'Testperson Omdöpt'
      renamed = person.id
    })
    const { code, stdout } = await run('diff', copy)
    expect(code).toBe(1)
    expect(stdout).toMatch(/~ achievement .*\n {4}\/workloadHours {2}\d+ → 4321\n/)
    expect(stdout).toContain(`~ person ${renamed}\n    name or birth date (not shown)`)
    expect(stdout).toContain('0 added, 2 changed, 0 removed; compared with revision 1')
    expect(stdout).not.toContain('Omdöpt')
    expect((await run('diff', demoFolder)).code).toBe(0)
  })

  test('shows what is in force without a single name', async () => {
    const { code, stdout } = await run('show')
    expect(code).toBe(0)
    expect(stdout).toContain('klinisk-bedomning@1')
    const { people } = JSON.parse(readFileSync(join(demoFolder, 'people.json'), 'utf8')) as {
      people: { name: string }[]
    }
    const json = await run('show', '--json')
    for (const { name } of people) for (const text of [stdout, json.stdout]) expect(text).not.toContain(name)
  })

  test('tells every fault of a folder, and changes nothing', async () => {
    const copy = join(folder, 'faulty')
    cpSync(demoFolder, copy, { recursive: true })
    rmSync(join(copy, 'units.json'))
    writeFileSync(join(copy, 'mandates.json'), '{"mandates": 1}')
    for (const args of [
      ['apply', copy],
      ['apply', copy, '--check'],
    ]) {
      const { code, stdout, stderr } = await run(...args)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain('units.json is not there (file-missing)')
      expect(stderr).toContain('mandates.json /mandates')
    }
    expect((await run('show')).stdout).toMatch(/Revision +1\n/)
  })

  test('checks a folder without any server', async () => {
    expect(await bevis(['registry', 'apply', demoFolder, '--check'])).toMatchObject({ code: 0 })
  })

  test('prints for NATS exactly the rights that an emitter has', async () => {
    expect(await run('nats-config')).toMatchObject({ code: 0, stdout: '\n' })
    const { publicKey } = openEmitterKey(folder, 'norrsken', 'canvas-norrsken')
    const keys = join(folder, 'keys.json')
    writeFileSync(keys, JSON.stringify({ 'canvas-norrsken': { nkey: publicKey } }))
    expect(await run('apply', demoFolder, '--keys', keys)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('emitter canvas-norrsken') as string,
    })
    const { stdout } = await run('nats-config')
    const { publish, subscribe } = emitterUser('norrsken', 'canvas-norrsken', publicKey)
    expect(stdout.trim()).toBe(`{ nkey: ${publicKey}, permissions: ${JSON.stringify({ publish, subscribe })} }`)
  })

  test('foretells, and refuses, a move of the address of a log', async () => {
    const moved = join(folder, 'moved')
    cpSync(demoFolder, moved, { recursive: true })
    const file = join(moved, 'institution.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('bevis.norrsken.example', 'other.norrsken.example'))
    const foretold = await run('diff', moved, '--json')
    expect([foretold.code, foretold.json()]).toMatchObject([
      6,
      { same: false, conflicts: [{ code: 'origin-changed' }] },
    ])
    const { code, stderr } = await run('apply', moved)
    expect([code, stderr]).toEqual([6, expect.stringContaining('origin-changed')])
  })
})
