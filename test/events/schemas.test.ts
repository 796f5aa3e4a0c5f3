/** Generated schemas are those of the code; a stale one would promise senders what intake refuses. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { generatedFiles, staleFiles } from '../../tools/generate-schemas.ts'

const folder = fileURLToPath(new URL('../../docs/events/', import.meta.url))

test('every committed schema is the one the code makes', () => {
  expect(staleFiles()).toEqual([])
})

test('there is a schema for each event type and one for the register', () => {
  const committed = readdirSync(folder).filter((name) => name.endsWith('.schema.json'))
  expect(committed).toHaveLength(9)
  expect([...generatedFiles().keys()]).toHaveLength(10)
})

test('no generated object lets unknown members pass', () => {
  for (const text of generatedFiles().values()) {
    const objects = text.match(/"type": "object"/g)?.length
    const closed = text.match(/"additionalProperties": false/g)?.length
    expect(objects).toBe(closed)
  }
})
