import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { inInstitution, sqlState, type Tx } from '#db/client.ts'
import { enqueue, listenOutbox, markDone, markFailed, markStarted, type OutboxDraft, takeDue } from '#db/outbox.ts'
import { type Ground, makeGround, north, south } from './ground.ts'

let ground: Ground
beforeAll(async () => {
  ground = await makeGround()
})
afterAll(() => ground.dispose())
beforeEach(async () => {
  await ground.admin`delete from outbox`
})

const pipeline = (work: (tx: Tx) => Promise<void>, institution = north) =>
  inInstitution(ground.as('bevis_pipeline'), institution, work)

const row = (id: string, more: Partial<OutboxDraft> = {}): OutboxDraft => ({
  id,
  kind: 'event',
  target: 'issuance.norrsken.case.step',
  payload: { id },
  ...more,
})

const due = (limit = 100) => takeDue(ground.as('bevis_relay'), { limit, leaseMs: 60_000 })

test('what is put in is taken once, of all institutions, with its payload', async () => {
  await pipeline((tx) => enqueue(tx, [row('a'), row('b', { kind: 'start', target: 'case/norrsken/b' })]))
  await pipeline((tx) => enqueue(tx, [row('c')]), south)
  const rows = await due()
  expect(rows.map(({ id, institution, kind, attempts }) => ({ id, institution, kind, attempts }))).toEqual([
    { id: 'a', institution: north, kind: 'event', attempts: 1 },
    { id: 'b', institution: north, kind: 'start', attempts: 1 },
    { id: 'c', institution: south, kind: 'event', attempts: 1 },
  ])
  expect(rows[0]?.payload).toEqual({ id: 'a' })
  expect(await due()).toEqual([])
})

test('what people decided goes before what is older, also where not everything can be taken', async () => {
  await pipeline((tx) => enqueue(tx, [row('a', { kind: 'start' }), row('b'), row('c', { kind: 'start' })]))
  await ground.admin`update outbox set due_at = due_at - interval '1 hour'`
  await inInstitution(ground.as('bevis_api'), north, (tx) => enqueue(tx, [row('d', { kind: 'update' })]))
  expect((await due(2)).map(({ id }) => id).toSorted()).toEqual(['a', 'd'])
  expect((await due(2)).map(({ id }) => id).toSorted()).toEqual(['b', 'c'])
})

test('the same row twice is one row, and one that was sent is not sent again', async () => {
  await pipeline((tx) => enqueue(tx, [row('a')]))
  await markDone(ground.as('bevis_relay'), ['a'])
  await pipeline((tx) => enqueue(tx, [row('a')]))
  expect(await due()).toEqual([])
})

test('nothing leaves when its transaction rolls back', async () => {
  const failure = pipeline(async (tx) => {
    await enqueue(tx, [row('a')])
    throw new Error('rolled back')
  })
  await expect(failure).rejects.toThrow('rolled back')
  expect(await due()).toEqual([])
})

test('a row with a head start waits, and whoever sends it directly takes it off the list', async () => {
  const api = ground.as('bevis_api')
  await inInstitution(api, north, (tx) => enqueue(tx, [row('a', { kind: 'update', dueInMs: 60_000 })]))
  expect(await due()).toEqual([])
  await ground.admin`update outbox set due_at = now()`
  await markStarted(api, south, ['a'])
  expect((await due()).map(({ id }) => id)).toEqual(['a'])
  await markStarted(api, north, ['a'])
  await ground.admin`update outbox set due_at = now()`
  expect(await due()).toEqual([])
})

test('a failing row comes again, later each time; an expired lease comes again too', async () => {
  await pipeline((tx) => enqueue(tx, [row('a')]))
  await due()
  const pauses: number[] = []
  for (let attempt = 0; attempt < 12; attempt++) {
    await markFailed(ground.as('bevis_relay'), ['a'])
    const [left] = await ground.admin`select extract(epoch from due_at - clock_timestamp()) as pause from outbox`
    pauses.push(Math.ceil(Number(left?.['pause'])))
    await ground.admin`update outbox set due_at = now()`
    expect((await due()).map(({ id }) => id)).toEqual(['a'])
  }
  expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses)
  expect(pauses.at(-1)).toBe(60)
})

test('several relays share the work and nobody gets a row twice', async () => {
  await pipeline((tx) =>
    enqueue(
      tx,
      Array.from({ length: 60 }, () => row(randomUUID())),
    ),
  )
  const taken = (await Promise.all(Array.from({ length: 6 }, () => due(10)))).flat().map(({ id }) => id)
  expect(taken).toHaveLength(60)
  expect(new Set(taken).size).toBe(60)
})

test('the relay hears of new rows', async () => {
  let rings = 0
  const heard = new Promise<void>((resolve) => {
    void listenOutbox(ground.as('bevis_relay'), () => {
      rings += 1
      if (rings === 1) void pipeline((tx) => enqueue(tx, [row('a')]))
      else resolve()
    }).then(async (listening) => {
      await heard
      await listening.stop()
    })
  })
  await heard
  expect(rings).toBe(2)
})

test('intake cannot leave an Update, nor mark an event as sent', async () => {
  const intake = ground.as('bevis_intake')
  const failure = await inInstitution(intake, north, (tx) => enqueue(tx, [row('a', { kind: 'update' })])).catch(
    (error: unknown) => error,
  )
  expect(sqlState(failure)).toBe('42501')
  await pipeline((tx) => enqueue(tx, [row('e')]))
  await markStarted(intake, north, ['e'])
  expect((await due()).map(({ id }) => id)).toEqual(['e'])
})
