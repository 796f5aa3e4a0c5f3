/** Ports chosen once and kept: without it issuer addresses and key ids would move at every start. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range the system hands out for outgoing connections, so a kept port is not taken by chance. */
const FIRST_PORT = 17_000
const BLOCKS = 750
const BLOCK_SIZE = 16

/** True when nobody listens on this port of the loopback address. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/**
 * Free neighbouring ports for these names, none of them in `kept`; `seed` (a path) spreads different checkouts over different blocks.
 */
export async function choosePorts<Name extends string>(
  names: readonly Name[],
  seed: string,
  kept: readonly number[] = [],
): Promise<Record<Name, number>> {
  const first = createHash('sha256').update(seed).digest().readUInt32BE(0)
  for (let attempt = 0; attempt < BLOCKS; attempt++) {
    const base = FIRST_PORT + ((first + attempt) % BLOCKS) * BLOCK_SIZE
    const block = names.map((name, place) => [name, base + place] as const)
    const free = await Promise.all(block.map(async ([, port]) => !kept.includes(port) && (await isFree(port))))
    if (free.every(Boolean)) return Object.fromEntries(block) as Record<Name, number>
  }
  throw new Error('No neighbouring free ports between 17000 and 29000 on 127.0.0.1')
}
