/** What a command knows of the world: its environment, or the stack of this checkout; without the second `npx bevis` would need ten variables. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { environmentOver, movedStackFolder, readConfig } from '#config/env.ts'
import type { Config } from '#config/given.ts'
import { CliError } from './cli-error.ts'

/** What a development stack keeps in the checkout. Read as files: it runs apart from us. */
const stackFolder = movedStackFolder() ?? fileURLToPath(new URL('../.bevis', import.meta.url))

export interface Settings {
  readonly config: Config<'cli'>
  /** True where the addresses are those of this checkout's own stack; only then may anyone log in as a demo person. */
  readonly isDevelopmentStack: boolean
  /** The database as its owner, where the stack runs here. */
  readonly ownerUrl?: string
  readonly stackFolder: string
}

/** @throws ConfigError with every fault of what is set */
export function settingsOf(): Settings {
  const stack = stackEnvironment()
  const set = environmentOver({})
  // Somebody else's addresses must never be mixed with ours: one address set by hand and the stack's are left alone.
  const isOwn = stack !== undefined && !addresses.some((name) => set[name] !== undefined)
  const config = readConfig('cli', isOwn ? environmentOver(stack) : set)
  const ownerUrl = isOwn ? ownerUrlOf() : undefined
  return { config, isDevelopmentStack: isOwn, stackFolder, ...(ownerUrl === undefined ? {} : { ownerUrl }) }
}

/** Settings of `bevis keys`: those of the signing process, or the stack's own key store. */
export function keySettings(): Config<'keys'> {
  const kept = readJson(join(stackFolder, 'stack.json'))
  const { dir, secretFile } = stackKeys()
  const stack = {
    ...stackDatabase(),
    BEVIS_SIGNING_SECRET_FILE: secretFile,
    BEVIS_SIGNING_KEYS_DIR: dir,
    BEVIS_PUBLIC_URL: typeof kept?.['publicUrl'] === 'string' ? kept['publicUrl'] : '',
  }
  const set = environmentOver({})
  const isOwn = kept !== undefined && !Object.keys(stack).some((name) => set[name] !== undefined)
  return readConfig('keys', isOwn ? environmentOver(stack) : set)
}

function stackDatabase(): Readonly<Record<string, string | undefined>> {
  const { BEVIS_DATABASE_URL, BEVIS_SECRETS_FILE } = stackEnvironment() ?? {}
  return { BEVIS_DATABASE_URL, BEVIS_SECRETS_FILE }
}

/** The value, or an error that says which setting it comes from. */
export function demand<T>(value: T | undefined, variable: string): T {
  if (value !== undefined) return value
  const mend = `set ${variable}, or start a stack in this checkout: bevis stack start`
  throw new CliError({ exit: 'usage', code: 'config/invalid', what: `${variable} is missing`, mend })
}

const addresses = [
  'BEVIS_DATABASE_URL',
  'BEVIS_NATS_URL',
  'BEVIS_TEMPORAL_ADDRESS',
  'BEVIS_PUBLIC_URL',
  'BEVIS_OIDC_ISSUER',
]

/** What the stack of this checkout says, if there is one. */
export function stackEnvironment(): Readonly<Record<string, string | undefined>> | undefined {
  try {
    return parseEnv(readFileSync(join(stackFolder, 'secrets', 'cli.env'), 'utf8'))
  } catch {
    return undefined
  }
}

/** The database's owner, while the stack of this checkout runs. */
export function ownerUrlOf(): string | undefined {
  const url = readJson(join(stackFolder, 'run', 'ready.json'))?.['adminUrl']
  return typeof url === 'string' ? url : undefined
}

/** Where the stack of this checkout keeps its signing keys. */
export function stackKeys(): { readonly dir: string; readonly secretFile: string } {
  const folder = join(stackFolder, 'secrets')
  return { dir: join(folder, 'signing-keys'), secretFile: join(folder, 'signing-secret') }
}

function readJson(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}
