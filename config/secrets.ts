/** Secrets come from files, never from variables: without this file they would show in process lists and crash reports. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from './config-error.ts'

/**
 * The institution-side symmetric keys, 32 bytes each: `kek` wraps per-subject keys, `hmac` derives person references
 * (contracts §3, §10), `codec` encrypts Temporal payloads.
 */
export interface Secrets {
  readonly kek: Uint8Array
  readonly hmac: Uint8Array
  readonly codec: Uint8Array
}

const key = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'is not 32 bytes in base64url without padding')
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url')))
  .refine((bytes) => new Set(bytes).size >= 16, 'is not random')

const secrets = z
  .strictObject({ kek: key, hmac: key, codec: key })
  .refine(
    ({ kek, hmac, codec }) => new Set([kek, hmac, codec].map((bytes) => Buffer.from(bytes).toString('hex'))).size === 3,
    'uses one key for two purposes',
  )

const mendSecrets = 'write {"kek": …, "hmac": …, "codec": …}, each 32 random bytes in base64url without padding'

/**
 * Reads the secrets file.
 * @throws ConfigError `config/invalid` when it cannot be read or a key is malformed, repeated or plainly not random. The
 * message names the key, never its value.
 */
export function readSecrets(path: string): Secrets {
  const result = secrets.safeParse(parseJson(path))
  if (result.success) return result.data
  throw new ConfigError(
    'the process',
    result.error.issues.map((issue) => ({
      variable: `BEVIS_SECRETS_FILE ${issue.path.join('.')}`.trim(),
      what: issue.code === 'unrecognized_keys' ? 'has keys nobody knows' : issue.message,
      mend: mendSecrets,
    })),
  )
}

/**
 * Reads the secret that opens the signing keys: one line, 32 bytes in base64url. For the signing process only.
 * @throws ConfigError `config/invalid`
 */
export function readSigningSecret(path: string): Uint8Array {
  const variable = 'BEVIS_SIGNING_SECRET_FILE'
  const result = key.safeParse(readText(path, variable).trim())
  if (result.success) return result.data
  const what = result.error.issues[0]?.message ?? 'is not valid'
  throw new ConfigError('signing', [{ variable, what, mend: 'write 32 random bytes in base64url, one line' }])
}

/**
 * Reads an NKey user seed (`SU…`) for {@link readConfig}'s `natsSeedFile`.
 * @throws ConfigError `config/invalid`
 */
export function readNatsSeed(path: string): string {
  const variable = 'BEVIS_NATS_SEED_FILE'
  const seed = readText(path, variable).trim()
  if (/^SU[A-Z2-7]{56}$/.test(seed)) return seed
  throw new ConfigError('the process', [
    { variable, what: 'holds no NKey user seed', mend: 'write the seed (SU…), one line' },
  ])
}

/**
 * Reads a witness's key: the 32 bytes of an Ed25519 or ML-DSA-44 seed, as they are.
 * @throws ConfigError `config/invalid`
 */
export function readWitnessSeed(path: string, variable = 'BEVIS_WITNESS_KEY_FILE'): Uint8Array {
  const seed = Uint8Array.from(readBytes(path, variable))
  if (seed.length === 32 && new Set(seed).size >= 16) return seed
  const mend = 'make one with bevis witness key; whoever has its verifier key must be told of a new one'
  throw new ConfigError('witness', [{ variable, what: 'holds no key of 32 random bytes', mend }])
}

function readText(path: string, variable: string): string {
  return readBytes(path, variable).toString('utf8')
}

function readBytes(path: string, variable: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    throw new ConfigError('the process', [
      { variable, what: `cannot be read at ${path}`, mend: 'check that the file exists and this user may read it' },
    ])
  }
}

/** JSON.parse quotes the text it stumbles over, so its own message must not pass on. */
function parseJson(path: string): unknown {
  const variable = 'BEVIS_SECRETS_FILE'
  const text = readText(path, variable)
  try {
    return JSON.parse(text)
  } catch {
    throw new ConfigError('the process', [{ variable, what: 'is not JSON', mend: mendSecrets }])
  }
}
