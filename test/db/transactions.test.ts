/** One transaction, one institution: named with the first question, and nobody left behind asks in it afterwards. */
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inInstitution, openDb, type Tx } from '#db/client.ts'
import type { InstitutionId } from '#domain/words.ts'
import { type Ground, makeGround, north, south } from './ground.ts'

let ground: Ground
beforeAll(async () => {
  ground = await makeGround()
})
afterAll(() => ground.dispose())

const named = async (tx: Tx) => {
  const [row] = await tx.execute<{ name: string }>(sql`select current_setting('app.institution', true) as name`)
  return row?.name
}

describe('a transaction', () => {
  test('asks its first question in its institution, however many take turns on one connection', async () => {
    const one = openDb(ground.world.url('bevis_pipeline'), ground.world.secrets, { max: 1 })
    const turns: InstitutionId[] = Array.from({ length: 40 }, (_, turn) => (turn % 2 === 0 ? north : south))
    try {
      const found = await Promise.all(turns.map((institution) => inInstitution(one, institution, named)))
      expect(found).toEqual(turns)
    } finally {
      await one.close()
    }
  })

  test('refuses whoever asks after it has ended, so that nothing is done in the next one on its connection', async () => {
    const one = openDb(ground.world.url('bevis_pipeline'), ground.world.secrets, { max: 1 })
    const left: Promise<unknown>[] = []
    try {
      const failed = inInstitution(one, north, async (tx) => {
        const slow = async () => {
          await named(tx)
          await new Promise((resolve) => setTimeout(resolve, 50))
          return named(tx)
        }
        left.push(slow().catch((error: unknown) => error))
        await named(tx)
        throw new Error('given up')
      })
      await expect(failed).rejects.toThrow('given up')
      const next = inInstitution(one, south, async (tx) => {
        await Promise.all(left)
        return named(tx)
      })
      expect(await next).toBe(south)
      expect(await left[0]).toMatchObject({ cause: { message: 'asked after its transaction had ended' } })
    } finally {
      await one.close()
    }
  })
})
