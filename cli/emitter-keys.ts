/** The two keys of an emitter, from files: the NATS identity it connects with, and the key it signs with (contracts §3). */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { importJWK, type JWK } from 'jose'
import { readNatsSeed } from '#config/secrets.ts'
import { signDetached } from '#credentials/signing/jws.ts'
import type { Origin } from '#events/subjects.ts'
import { CliError } from './cli-error.ts'
import { readJsonInput } from './input.ts'
import type { Settings } from './settings.ts'

/** Where both are expected; each is only read when it is needed. */
export interface EmitterKeys {
  readonly seedFile: string
  readonly signingKeyFile: string
}

/** Keys in `folder`, or in the stack's own of this checkout. @throws CliError `emitter/no-key` */
export function emitterKeys(
  folder: string | undefined,
  { institution, source }: Origin,
  settings: Settings,
): EmitterKeys {
  const own = settings.isDevelopmentStack ? join(settings.stackFolder, 'secrets', 'nkeys', 'emitters') : undefined
  const where = folder ?? own
  const name = `${institution}.${source}`
  if (where === undefined) throw noKey('no folder of keys is named', `add --emitter-dir <folder> with ${name}.seed`)
  return { seedFile: join(where, `${name}.seed`), signingKeyFile: join(where, `${name}.jwk.json`) }
}

/** @throws CliError `emitter/no-key` */
export function natsSeed({ seedFile }: EmitterKeys): string {
  if (!existsSync(seedFile)) throw noKey(`${seedFile} is not there`, 'it holds the emitter’s NATS seed (SU…), one line')
  return readNatsSeed(seedFile)
}

/** Detached signature over exactly these bytes. @throws CliError `emitter/no-key` */
export async function signEvent({ signingKeyFile }: EmitterKeys, payload: Uint8Array): Promise<string> {
  if (!existsSync(signingKeyFile)) {
    throw noKey(`${signingKeyFile} is not there`, 'it holds the emitter’s private JWK with its kid; or add --unsigned')
  }
  const jwk = readJsonInput(signingKeyFile) as JWK
  const alg = jwk.crv === 'P-256' ? 'ES256' : jwk.crv === 'Ed25519' ? 'EdDSA' : undefined
  if (alg === undefined || jwk.d === undefined || jwk.kid === undefined) {
    throw noKey(`${signingKeyFile} holds no key that can sign`, 'write a private JWK, P-256 or Ed25519, with a kid')
  }
  const key = await importJWK(jwk, alg)
  if (key instanceof Uint8Array)
    throw noKey(`${signingKeyFile} holds a shared secret`, 'write a private JWK, P-256 or Ed25519')
  return signDetached({ alg, key }, payload, jwk.kid)
}

function noKey(what: string, mend: string): CliError {
  return new CliError({ exit: 'not-found', code: 'emitter/no-key', what, mend })
}
