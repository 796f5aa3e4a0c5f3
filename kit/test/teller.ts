/** A small sending system, run as a process of its own so that it can be killed: tells facts 1 … n, goes on where it was. */
import { openEmitter } from '../emitter.ts'
import { httpDoor } from '../http-door.ts'
import { fact, origin } from './ground.ts'

const { folder, base, count, key } = JSON.parse(process.argv[2] ?? '') as {
  readonly folder: string
  readonly base: string
  readonly count: number
  readonly key: Record<string, string>
}
const emitter = await openEmitter({
  ...origin,
  folder,
  key,
  door: httpDoor({ base }),
  waits: { firstMs: 1, longestMs: 10 },
})
while (emitter.sequence < count) {
  await emitter.tell(fact(`fact-${emitter.sequence + 1}`))
  process.stdout.write('.')
}
await emitter.settled()
await emitter.close()
