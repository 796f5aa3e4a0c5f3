/** The sandbox institution of a stack that people work with: without it an integrator's first event would need a register of their own. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyFolder, type Target } from './apply-register.ts'
import { openEmitterKey, openSigningKey } from './secrets.ts'
import { root } from './stack-state.ts'

const institution = 'sandbox'
const folder = join(root, 'dev', 'register', institution)

/** The emitter that is declared without keys: an integrator registers their own (docs/emitters.md). */
const withoutKeys = 'own-system'

interface Sandboxed extends Target {
  readonly dir: string
}

/**
 * Makes the keys of its emitters, once, and puts its register in force. A fault in its files is told, and yesterday's register
 * stays: people edit them to try things.
 */
export async function openSandbox(stack: Sandboxed, log: (line: string) => void): Promise<void> {
  log('Opening the sandbox institution …')
  try {
    const own = join(stack.dir, 'sandbox')
    mkdirSync(own, { recursive: true })
    const keys = join(own, 'emitters.keys.json')
    // What integrators registered by hand (docs/emitters.md) is still theirs tomorrow.
    const more = readdirSync(own).flatMap((name) => (name.endsWith('.keys.json') ? [join(own, name)] : []))
    const others = more.filter((file) => file !== keys)
    await applyFolder(stack, { folder, keys, overlay: keysOf(stack), more: others })
  } catch (error) {
    log(`The sandbox’s register is as it was: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function keysOf({ dir }: Sandboxed): Record<string, object> {
  const { emitters } = JSON.parse(readFileSync(join(folder, 'emitters.json'), 'utf8')) as {
    emitters: readonly { id: string }[]
  }
  const ready = emitters.filter(({ id }) => id !== withoutKeys)
  return Object.fromEntries(
    ready.map(({ id }) => [
      id,
      { nkey: openEmitterKey(dir, institution, id).publicKey, jwk: openSigningKey(dir, institution, id).publicJwk },
    ]),
  )
}
