import { expect, test } from 'vitest'
import { key, ownFolder } from './ground.ts'
import { runTeller } from './run-teller.ts'
import { answer, type Came, openServer } from './server.ts'

/** Same seed, same kills. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('killed at twelve moments, with a server that fails now and then, nothing is lost, doubled or out of order', async () => {
  const random = dice(7)
  const { base, came, close } = await openServer((_came, response) => {
    const luck = random()
    if (luck < 0.1) return answer(response, 503, {}, { 'retry-after': '0' })
    if (luck < 0.2) {
      response.destroy()
      return true
    }
    return undefined
  })
  const { folder, remove } = ownFolder()
  const count = 200
  const job = { folder, base, count, key }
  try {
    for (let kill = 1; kill <= 12; kill += 1) {
      const code = await runTeller(job, { after: Math.ceil(random() * 25), seen: () => came.length })
      expect(code, 'killed, not ended').toBeNull()
    }
    expect(await runTeller(job)).toBe(0)
    const first = new Map<string, Came>()
    for (const one of came) {
      const known = first.get(one.event.id)
      if (known === undefined) first.set(one.event.id, one)
      else expect([one.body, one.signature]).toEqual([known.body, known.signature])
    }
    expect([...first.values()].map(({ event }) => event.sequence)).toEqual(
      Array.from({ length: count }, (_none, index) => index + 1),
    )
  } finally {
    await close()
    remove()
  }
})
