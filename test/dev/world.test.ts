import { Client, Connection } from '@temporalio/client'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jetStream, publishWithId } from '#connectors/platform/nats.ts'
import { createWorld, type World } from '../support/world.ts'

describe('a world of a test file', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ nats: true, temporal: true })
  })
  afterAll(() => world.dispose())

  test('has a migrated database that each role can enter', async () => {
    for (const role of ['bevis_intake', 'bevis_auditor'] as const) {
      const sql = postgres(world.url(role), { max: 1 })
      const [row] = await sql`select current_user as name, to_regclass('public.institution') is not null as migrated`
      expect(row).toEqual({ name: role, migrated: true })
      await sql.end()
    }
  })

  test('lets an emitter publish under its own name only', async () => {
    const lms = await world.nats.emitter('umu', 'lms')
    const js = jetStream(await world.nats.connect(lms))
    const message = { id: '1', payload: new Uint8Array([1]) }
    expect(await publishWithId(js, { ...message, subject: lms.subject })).toMatchObject({ seq: 1 })
    await expect(publishWithId(js, { ...message, subject: 'completions.umu.proctor' })).rejects.toThrow()
  })

  test('has a namespace that knows our search attributes', async () => {
    const connection = await Connection.connect({ address: world.temporal.address })
    const client = new Client({ connection, namespace: world.temporal.namespace })
    const { count } = await client.workflow.count('BevisState = "open"')
    expect(count).toBe(0)
    await connection.close()
  })
})
