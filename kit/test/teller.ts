/** A small sending system, run as a process of its own so that it can be killed: tells facts 1 … n, goes on where it was. */
import { openEmitter } from '../emitter.ts'
import { httpDoor } from '../http-door.ts'
import { natsDoor } from '../nats-door.ts'
import { fact, origin } from './ground.ts'

const { folder, base, nats, count, key } = JSON.parse(process.argv[2] ?? '') as {
  readonly folder: string
  readonly base?: string
  readonly nats?: { readonly servers: string; readonly seed: string }
  readonly count: number
  readonly key: Record<string, string>
}
const emitter = await openEmitter({
  ...origin,
  folder,
  key,
  door: nats === undefined ? httpDoor({ base: base ?? '' }) : natsDoor({ ...origin, ...nats }),
  waits: { firstMs: 1, longestMs: 10 },
})
while (emitter.sequence < count) {
  const number = emitter.sequence + 1
  await emitter.tell(fact(`fact-${number}`, `kit-${number}`))
  process.stdout.write('.')
}
await emitter.settled()
await emitter.close()
