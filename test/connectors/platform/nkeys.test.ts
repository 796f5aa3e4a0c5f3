import { nkeys } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { createUserKey } from '#connectors/platform/nkeys.ts'

test('a key made here is a user key to the NATS library, with the same public half', () => {
  for (let round = 0; round < 20; round++) {
    const { seed, publicKey } = createUserKey()
    const pair = nkeys.fromSeed(new TextEncoder().encode(seed))
    expect(pair.getPublicKey()).toBe(publicKey)
    const message = new TextEncoder().encode('who are you?')
    expect(nkeys.fromPublic(publicKey).verify(message, pair.sign(message))).toBe(true)
  }
})
