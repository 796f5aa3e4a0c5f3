/** The list that `bevis reconcile` holds the database against is the one that migrations and the page of rights make. */
import { expect, test } from 'vitest'
import { inInstitution, openDb } from '#db/client.ts'
import { guardsNow } from '#db/queries/guards.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { createWorld } from '../support/world.ts'

test('db/guards.json says what guards a migrated database (vitest run test/db/guards.test.ts -u writes it)', async () => {
  const world = await createWorld()
  const db = openDb(world.url('bevis_pipeline'), world.secrets, { max: 1 })
  try {
    const lines = await inInstitution(db, as<InstitutionId>('norrsken'), guardsNow)
    await expect(`${JSON.stringify(lines, null, 2)}\n`).toMatchFileSnapshot('../../db/guards.json')
  } finally {
    await db.close()
    await world.dispose()
  }
})
