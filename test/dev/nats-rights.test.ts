import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jetStream, type NatsConnection, publishWithId } from '#connectors/platform/nats.ts'
import { createWorld, type EmitterIdentity, type World } from '../support/world.ts'

const payload = new TextEncoder().encode('{}')

describe('on NATS', () => {
  let world: World
  let lms: EmitterIdentity
  let emitter: NatsConnection
  beforeAll(async () => {
    world = await createWorld({ nats: true })
    lms = await world.nats.emitter('umu', 'lms')
    emitter = await world.nats.connect(lms)
  })
  afterAll(() => world.dispose())

  const publish = (connection: NatsConnection, subject: string) =>
    publishWithId(jetStream(connection), { subject, id: `${subject}-1`, payload })

  test('an emitter publishes under its own institution and source', async () => {
    expect(await publish(emitter, 'completions.umu.lms')).toMatchObject({ duplicate: false })
  })

  test.each([
    'completions.umu.proctor',
    'completions.other.lms',
    'completions.umu.lms.more',
    'issuance.umu.case',
    '$JS.API.STREAM.DELETE.COMPLETIONS',
  ])('an emitter is refused on %s', async (subject) => {
    await expect(publish(emitter, subject)).rejects.toThrow()
  })

  test.each(['completions.umu.lms', 'issuance.>', '_INBOX_intake.>', '>'])(
    'an emitter may not listen to %s',
    async (subject) => {
      const failed = new Promise((resolve) => {
        emitter.subscribe(subject, {
          callback: (error) => {
            if (error !== null) resolve(error)
          },
        })
      })
      expect(await failed).toBeInstanceOf(Error)
    },
  )

  test.each([
    ['intake', 'completions.umu.lms'],
    ['intake', 'issuance.umu.case'],
    ['relay', 'completions.umu.lms'],
    ['api', 'completions.umu.lms'],
    ['api', 'issuance.umu.case'],
    ['admin', 'completions.umu.lms'],
    ['admin', 'issuance.umu.case'],
  ] as const)('%s cannot publish on %s', async (name, subject) => {
    const connection = await world.nats.connect(world.nats.identity(name))
    await expect(publish(connection, subject)).rejects.toThrow()
  })

  test('the relay publishes what we tell the world', async () => {
    const relay = await world.nats.connect(world.nats.identity('relay'))
    expect(await publish(relay, 'issuance.umu.case')).toMatchObject({ duplicate: false })
  })

  test('intake reads and acknowledges events, and can take nothing else from the server', async () => {
    const intake = await world.nats.connect(world.nats.identity('intake'))
    const consumer = await jetStream(intake).consumers.get('COMPLETIONS', 'intake')
    const message = await consumer.next()
    expect(message?.subject).toBe('completions.umu.lms')
    expect(await message?.ackAck()).toBe(true)
    await expect(jetStream(intake).consumers.get('ISSUANCE', 'intake')).rejects.toThrow()
  })

  test('two worlds do not see each other’s messages', async () => {
    const other = await createWorld({ nats: true })
    const twin = await other.nats.emitter('umu', 'lms')
    expect(await publish(await other.nats.connect(twin), twin.subject)).toMatchObject({ seq: 1 })
    await other.dispose()
  })
})
