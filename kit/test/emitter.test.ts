import { flattenedVerify, importJWK } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Door } from '../door.ts'
import { type Emitter, type EmitterOptions, openEmitter } from '../emitter.ts'
import { stableId } from '../event.ts'
import { httpDoor } from '../http-door.ts'
import { fact, key, origin, ownFolder, publicKey } from './ground.ts'
import { answer, type Mood, openServer } from './server.ts'

let ground: ReturnType<typeof ownFolder>
const open: { close(): Promise<void> }[] = []
beforeEach(() => {
  ground = ownFolder()
})
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close()
  ground.remove()
})

const waits = { firstMs: 1, longestMs: 20 }

async function server(mood?: Mood) {
  const opened = await openServer(mood)
  open.push(opened)
  return opened
}

async function emitter(door: Door, more: Partial<EmitterOptions> = {}): Promise<Emitter> {
  const opened = await openEmitter({ ...origin, folder: ground.folder, key, door, waits, ...more })
  open.push(opened)
  return opened
}

const text = (body: Buffer) => JSON.parse(body.toString()) as { id: string; sequence: number }

describe('an emitter', () => {
  test('sends each event once, in order, numbered without gaps, signed over the very bytes', async () => {
    const { base, came } = await server()
    const sender = await emitter(httpDoor({ base }))
    await Promise.all([sender.tell(fact('a')), sender.tell(fact('b')), sender.tellAll([fact('c'), fact('d')])])
    await sender.settled()
    expect(came.map(({ event }) => [event.id, event.sequence])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4],
    ])
    for (const { body, signature } of came) {
      const [head = '', , tail = ''] = signature.split('.')
      const jws = { protected: head, payload: body.toString('base64url'), signature: tail }
      const { protectedHeader } = await flattenedVerify(jws, await importJWK(publicKey, 'EdDSA'))
      expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: 'kit-1', typ: 'bevis-event+jws' })
    }
  })

  test('repeats the same bytes after 503, 429, a broken line and a proxy’s own answers, and not before Retry-After', async () => {
    const answers: Mood[] = [
      (_came, response) => answer(response, 503, { code: 'unavailable' }, { 'retry-after': '1' }),
      (_came, response) => answer(response, 429, { code: 'too_many_requests' }),
      (_came, response) => {
        response.destroy()
        return true
      },
      (_came, response) => {
        response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
        return true
      },
      (_came, response) => answer(response, 200, {}),
    ]
    const times: number[] = []
    const { base, came } = await server((one, response) => {
      times.push(performance.now())
      return answers[times.length - 1]?.(one, response)
    })
    const troubles: string[] = []
    const sender = await emitter(httpDoor({ base }), { onTrouble: (reason) => troubles.push(reason) })
    await sender.tell(fact('patient'))
    await sender.settled()
    expect(came).toHaveLength(6)
    expect(new Set(came.map(({ body, signature }) => `${body.toString('hex')} ${signature}`)).size).toBe(1)
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990)
    expect(troubles).toHaveLength(5)
    expect(sender.refused).toEqual([])
  })

  test('tells what was refused and goes on with the next', async () => {
    const problems = [{ code: 'unknown-achievement', pointer: '/data/achievement' }]
    const { base } = await server(({ event }, response) => {
      if (event.id === 'unread') return answer(response, 400, { code: 'invalid_request', errors: problems })
      const letter = { outcome: 'dead-letter', deadLetter: 'dl_1', code: 'unknown-achievement', problems }
      if (event.id === 'buried') return answer(response, 202, { events: [letter] })
      return undefined
    })
    const told: string[] = []
    const sender = await emitter(httpDoor({ base }), { onRefused: ({ letter }) => told.push(letter.id) })
    await sender.tellAll([fact('unread'), fact('buried'), fact('good')])
    await sender.settled()
    expect(told).toEqual(['unread', 'buried'])
    expect(sender.refused.map(({ refusal }) => refusal)).toEqual([
      { code: 'invalid_request', problems },
      { code: 'unknown-achievement', problems, deadLetter: 'dl_1' },
    ])
  })

  test('a refused event is mended under its own id and number, or offered again as it was', async () => {
    let strict = true
    const { base, came } = await server((_came, response) =>
      strict ? answer(response, 401, { code: 'emitter_not_authenticated' }) : undefined,
    )
    const sender = await emitter(httpDoor({ base }))
    await sender.tellAll([fact('one', 'wrong'), fact('two')])
    await sender.settled()
    strict = false
    await sender.mend(fact('one', 'right'))
    await sender.offerAgain('two')
    await sender.settled()
    expect(came.slice(2).map(({ event }) => [event.id, event.sequence])).toEqual([
      ['one', 1],
      ['two', 2],
    ])
    expect(text(came[2]?.body ?? Buffer.of())).toMatchObject({ data: { offering: 'right' } })
    expect(came[3]?.body).toEqual(came[1]?.body)
    expect(sender.refused).toEqual([])
    await expect(sender.offerAgain('two')).rejects.toMatchObject({ code: 'not-refused' })
  })

  test('without a network everything waits on disk, and the next process sends it under the same ids', async () => {
    const away = await emitter(httpDoor({ base: 'http://127.0.0.1:9' }))
    await away.tellAll([fact('kept-1'), fact('kept-2')])
    await expect(away.tell(fact('kept-1'))).rejects.toMatchObject({ code: 'id-in-use' })
    await away.close()
    await expect(away.tell(fact('late'))).rejects.toMatchObject({ code: 'closed' })
    const { base, came } = await server()
    const back = await emitter(httpDoor({ base }))
    expect(back.waiting).toBe(2)
    await back.tell(fact('new'))
    await back.settled()
    expect(came.map(({ event }) => [event.id, event.sequence])).toEqual([
      ['kept-1', 1],
      ['kept-2', 2],
      ['new', 3],
    ])
  })

  test('refuses what it could never send, before a number is given', async () => {
    const { base } = await server()
    const sender = await emitter(httpDoor({ base }))
    await expect(sender.tell(fact('large', 'x'.repeat(300_000)))).rejects.toMatchObject({ code: 'too-large' })
    expect(sender.sequence).toBe(0)
    await expect(emitter(httpDoor({ base }))).rejects.toMatchObject({ code: 'queue-in-use' })
    const folder = `${ground.folder}/other`
    await expect(emitter(httpDoor({ base }), { folder, key: publicKey })).rejects.toMatchObject({
      code: 'no-signing-key',
    })
  })
})

test('an id made from one’s own record is the same every time, and never that of another record', () => {
  expect(stableId('completion', 4001)).toBe(stableId('completion', '4001'))
  expect(stableId('a', 'bc')).not.toBe(stableId('ab', 'c'))
  expect(stableId('completion', 4001)).toMatch(/^[\w-]{43}$/)
})
