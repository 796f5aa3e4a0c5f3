/** Secrets of a stack, made once: without this every start would lock yesterday's data away. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NatsProcess } from '#connectors/platform/nats-users.ts'
import { createUserKey, type NKey } from '#connectors/platform/nkeys.ts'
import { writeWhole } from './servers/processes.ts'

interface SecretPaths {
  /** `{kek, hmac, codec}`, base64url. */
  readonly keys: string
  /** Opens the signing keys; only the signing process is told this path. */
  readonly signingSecret: string
  readonly signingKeys: string
  readonly natsSeed: (name: NatsProcess) => string
}

export interface StackSecrets {
  readonly paths: SecretPaths
  readonly postgresPassword: string
  readonly nats: Readonly<Record<NatsProcess, NKey>>
  readonly oidcKeys: readonly object[]
}

export interface EmitterKey {
  readonly publicKey: string
  readonly seedFile: string
}

const natsProcesses = ['intake', 'relay', 'log', 'api', 'admin'] as const
const random = () => randomBytes(32).toString('base64url')

/** Reads the secrets of the stack in `dir`, making what is missing. All files are for this user alone. */
export function openSecrets(dir: string): StackSecrets {
  const folder = join(dir, 'secrets')
  mkdirSync(join(folder, 'signing-keys'), { recursive: true, mode: 0o700 })
  const paths: SecretPaths = {
    keys: join(folder, 'kek.json'),
    signingSecret: join(folder, 'signing-secret'),
    signingKeys: join(folder, 'signing-keys'),
    natsSeed: (name) => join(folder, 'nkeys', `${name}.seed`),
  }
  once(paths.keys, () => JSON.stringify({ kek: random(), hmac: random(), codec: random() }))
  once(paths.signingSecret, random)
  return {
    paths,
    postgresPassword: once(join(folder, 'postgres-password'), random),
    nats: Object.fromEntries(
      natsProcesses.map((name) => [name, openKey(join(folder, 'nkeys'), name)]),
    ) as StackSecrets['nats'],
    oidcKeys: JSON.parse(once(join(folder, 'oidc-keys.json'), () => JSON.stringify([signingJwk()]))) as object[],
  }
}

/** The NATS identity of an emitter, made when first asked for; the register names its public key. */
export function openEmitterKey(dir: string, institution: string, source: string): EmitterKey {
  const folder = join(dir, 'secrets', 'nkeys', 'emitters')
  const name = `${institution}.${source}`
  return { publicKey: openKey(folder, name).publicKey, seedFile: join(folder, `${name}.seed`) }
}

/** The key an emitter signs its events with, made when first asked for: private JWK, the same as PEM, and the public part. */
export interface EmitterSigningKey {
  readonly jwk: JsonWebKey
  readonly publicJwk: JsonWebKey
  readonly pemFile: string
}

/** Kept beside the NATS seeds, in the shape `bevis event send` looks for; PEM for those who sign with openssl. */
export function openSigningKey(dir: string, institution: string, source: string): EmitterSigningKey {
  const file = join(dir, 'secrets', 'nkeys', 'emitters', `${institution}.${source}`)
  const named = { kid: `${source}-1`, alg: 'EdDSA' }
  const make = () =>
    JSON.stringify({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), ...named })
  const jwk = JSON.parse(once(`${file}.jwk.json`, make)) as JsonWebKey
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  once(`${file}.pem`, () => key.export({ format: 'pem', type: 'pkcs8' }).toString())
  return {
    jwk,
    publicJwk: { ...createPublicKey(key).export({ format: 'jwk' }), ...named },
    pemFile: `${file}.pem`,
  }
}

function openKey(folder: string, name: string): NKey {
  const made = createUserKey()
  const pair = once(join(folder, `${name}.json`), () => JSON.stringify(made))
  const key = JSON.parse(pair) as NKey
  once(join(folder, `${name}.seed`), () => `${key.seed}\n`)
  return key
}

function signingJwk(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: randomBytes(6).toString('hex') }
}

/** The file's text, written now if the file does not exist. */
function once(file: string, make: () => string): string {
  if (!existsSync(file)) writeWhole(file, make(), 0o600)
  return readFileSync(file, 'utf8')
}
