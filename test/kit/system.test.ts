/** The kit against the running system: what it tells becomes cases, over NATS and over HTTP, whatever is killed in between. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerItems } from '#config/register/items.ts'
import { applyRegister } from '#db/register.ts'
import { openEmitter } from '../../kit/emitter.ts'
import { httpDoor } from '../../kit/http-door.ts'
import { fact, key, origin, ownFolder, publicKey } from '../../kit/test/ground.ts'
import { runTeller } from '../../kit/test/run-teller.ts'
import { sandboxRegister } from '../config/register-folder.ts'
import { type Doors, openDoors } from './doors.ts'

let doors: Doors
const folders: ReturnType<typeof ownFolder>[] = []

beforeAll(async () => {
  doors = await openDoors()
  const register = sandboxRegister({ [origin.source]: { jwk: publicKey as never } })
  const by = { ref: 'setup', kind: 'service', role: 'operator' } as const
  await applyRegister(doors.system.open('bevis_api'), registerItems(register), { by })
})
afterAll(async () => {
  await doors.close()
  for (const { remove } of folders) remove()
})

function folder(): string {
  const own = ownFolder()
  folders.push(own)
  return own.folder
}

async function counts() {
  const [row] = await doors.system.admin`select
    (select count(*)::int from inbox where institution = 'sandbox') as inbox,
    (select count(*)::int from cases where institution = 'sandbox') as cases,
    (select count(distinct offering)::int from cases where institution = 'sandbox') as offerings,
    (select count(*)::int from dead_letter where institution = 'sandbox') as letters,
    (select count(*)::int from emitter_sequence where institution = 'sandbox') as numbers,
    (select max(sequence)::int from emitter_sequence where institution = 'sandbox') as highest`
  return row
}

/** Kills the teller four times in the middle, then lets it end. */
async function tellWithKills(job: object): Promise<void> {
  for (const after of [1, 4, 7, 3]) await runTeller(job, { after })
  expect(await runTeller(job)).toBe(0)
}

test('over NATS, killed four times: each fact one case, every number once, no dead letter', async () => {
  const { seed } = await doors.system.world.nats.emitter(origin.institution, origin.source)
  await tellWithKills({ folder: folder(), key, count: 30, nats: { servers: doors.system.world.nats.url, seed } })
  await expect.poll(counts).toEqual({ inbox: 30, cases: 30, offerings: 30, letters: 0, numbers: 30, highest: 30 })
})

test('the same facts told again over HTTP by a system that lost its queue change nothing', async () => {
  await tellWithKills({ folder: folder(), key, count: 30, base: doors.api.url })
  expect(await counts()).toMatchObject({ inbox: 30, cases: 30, letters: 0 })
})

test('over HTTP a dead letter is told with its faults, does not hold up the next, and is mended under its own number', async () => {
  const emitter = await openEmitter({ ...origin, folder: folder(), key, door: httpDoor({ base: doors.api.url }) })
  try {
    const wrong = fact('wrong', 'kit-31')
    const astray = { ...wrong, data: { ...wrong.data, achievement: 'test-evnet' } } as typeof wrong
    await emitter.tellAll([astray, fact('right', 'kit-32')])
    await emitter.settled()
    expect(emitter.refused).toMatchObject([
      { letter: { id: 'wrong' }, refusal: { code: 'unknown-achievement', deadLetter: expect.any(String) as string } },
    ])
    expect(await counts()).toMatchObject({ cases: 31, letters: 1 })
    await emitter.mend(wrong)
    await emitter.settled()
    expect(emitter.refused).toEqual([])
    expect(await counts()).toMatchObject({ cases: 32 })
  } finally {
    await emitter.close()
  }
})
