import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connectNats, jetStream, publishWithId } from '#connectors/platform/nats.ts'
import { consumeBatches } from '#connectors/platform/nats-batches.ts'
import { openStreams } from '#connectors/platform/nats-streams.ts'
import { emitterUser, processUser } from '#connectors/platform/nats-users.ts'
import { createUserKey } from '#connectors/platform/nkeys.ts'
import { ensureBinaries } from '#dev/servers/binaries.ts'
import { startNats } from '#dev/servers/nats.ts'
import { choosePorts } from '#dev/servers/ports.ts'

test('consuming goes on by itself when NATS was killed, and no event is lost', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'bevis-nats-'))
  const [admin, intake, emitter] = [createUserKey(), createUserKey(), createUserKey()]
  const users = [
    processUser('admin', admin.publicKey),
    processUser('intake', intake.publicKey),
    emitterUser('norrsken', 'lms', emitter.publicKey),
  ]
  const ports = await choosePorts(['nats', 'monitor'], dir)
  const binary = (await ensureBinaries())['nats-server']
  const options = { binary, dir, port: ports.nats, monitorPort: ports.monitor, accounts: [{ name: 'bevis', users }] }

  let server = await startNats(options)
  const { url } = server
  const connect = (seed: string, name: string) => connectNats({ url, seed, name })
  const lines = [
    await connect(admin.seed, 'admin'),
    await connect(intake.seed, 'intake'),
    await connect(emitter.seed, 'norrsken_lms'),
  ] as const
  await openStreams(lines[0])

  const seen = new Set<string>()
  const stop = new AbortController()
  const running = consumeBatches(
    lines[1],
    { stream: 'COMPLETIONS', consumer: 'intake', max: 10, expiresMs: 1_000 },
    async (batch) => {
      for (const { payload } of batch) seen.add(new TextDecoder().decode(payload))
      return batch.map(() => ({ kind: 'ack' }))
    },
    stop.signal,
  )
  const send = (text: string) =>
    publishWithId(jetStream(lines[2]), {
      subject: 'completions.norrsken.lms',
      id: text,
      payload: new TextEncoder().encode(text),
    })
  await send('before')
  await server.kill()
  server = await startNats(options)
  await expect
    .poll(
      async () =>
        await send('after').then(
          () => true,
          () => false,
        ),
    )
    .toBe(true)
  await expect.poll(() => [...seen].toSorted()).toEqual(['after', 'before'])

  stop.abort()
  await running
  for (const line of lines) await line.close()
  await server.stop()
  rmSync(dir, { recursive: true })
})
