import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ConfigError } from '#config/config-error.ts'
import { readConfig, variablesOf } from '#config/env.ts'
import { processes } from '#config/given.ts'
import { configurationDocument } from '../../tools/generate-configuration.ts'

const whole = {
  BEVIS_DATABASE_URL: 'postgres://bevis_api:Nq3v81xk@db:5432/bevis',
  BEVIS_NATS_URL: 'tls://nats:4222',
  BEVIS_NATS_SEED_FILE: '/run/secrets/nats.seed',
  BEVIS_TEMPORAL_ADDRESS: 'temporal:7233',
  BEVIS_SECRETS_FILE: '/run/secrets/bevis.json',
  BEVIS_PUBLIC_URL: 'https://bevis.example/',
  BEVIS_OIDC_ISSUER: 'https://login.example',
  BEVIS_PORT: '8080',
  BEVIS_WITNESS_NAME: 'witness.example/w1',
  BEVIS_LOG_POLICY_DIR: '/etc/bevis/policies',
  BEVIS_LOG_DIR: '/var/lib/bevis/log',
  BEVIS_WITNESS_DIR: '/var/lib/bevis/witness',
  BEVIS_WITNESS_LOGS_DIR: '/etc/bevis/logs',
}
const signing = { BEVIS_SIGNING_SECRET_FILE: '/run/secrets/signing', BEVIS_SIGNING_KEYS_DIR: '/var/lib/bevis/keys' }

describe('settings from the environment', () => {
  test('are typed, with defaults filled in', () => {
    expect(readConfig('api', whole)).toEqual({
      process: 'api',
      env: 'development',
      logLevel: 'info',
      databaseUrl: whole.BEVIS_DATABASE_URL,
      temporalAddress: 'temporal:7233',
      temporalNamespace: 'default',
      secretsFile: '/run/secrets/bevis.json',
      publicUrl: 'https://bevis.example',
      oidcIssuer: 'https://login.example',
      oidcAudience: 'urn:bevis:api',
      otlpProtocol: 'http/json',
      tracesSampler: 'parentbased_always_on',
      tracesSamplerArg: 1,
      port: 8080,
      logDir: '/var/lib/bevis/log',
      logPolicyDir: '/etc/bevis/policies',
    })
  })

  test('leave out what a process has no business with', () => {
    expect(readConfig('pipeline', whole)).not.toHaveProperty('natsUrl')
    expect(readConfig('pipeline', whole)).not.toHaveProperty('oidcIssuer')
  })

  test('tell all faults at once, each with where, what and how to mend', () => {
    const error = faultsOf(() =>
      readConfig('api', { BEVIS_DATABASE_URL: 'mysql://x', BEVIS_TEMPORAL_ADDRESS: 'temporal', BEVIS_PORT: '70000' }),
    )
    expect(error.code).toBe('config/invalid')
    expect(error.problems.map(({ variable, what }) => `${variable} ${what}`)).toEqual([
      'BEVIS_DATABASE_URL is not a URL with postgres: or postgresql:',
      'BEVIS_SECRETS_FILE is missing',
      'BEVIS_PUBLIC_URL is missing',
      'BEVIS_OIDC_ISSUER is missing',
      'BEVIS_PORT is not a port number',
      'BEVIS_LOG_DIR is missing',
      'BEVIS_LOG_POLICY_DIR is missing',
      'BEVIS_TEMPORAL_ADDRESS is not host:port',
    ])
    for (const { variable, what, mend } of error.problems)
      expect(error.message).toContain(`${variable} ${what}: ${mend}`)
  })

  test('never quote the value that is wrong', () => {
    const error = faultsOf(() => readConfig('api', { ...whole, BEVIS_DATABASE_URL: 'mysql://user:Nq3v81xk@db/x' }))
    expect(error.message).not.toContain('Nq3v81xk')
  })

  test('count an empty variable as absent', () => {
    expect(readConfig('api', { ...whole, BEVIS_LOG_LEVEL: '' }).logLevel).toBe('info')
    expect(faultsOf(() => readConfig('api', { ...whole, BEVIS_PORT: '' })).problems).toHaveLength(1)
  })

  test('ask the command line for nothing, but check what it is given', () => {
    expect(readConfig('cli', {})).toEqual({
      process: 'cli',
      env: 'development',
      logLevel: 'info',
      temporalNamespace: 'default',
      oidcAudience: 'urn:bevis:api',
    })
    expect(() => readConfig('cli', { BEVIS_NATS_URL: 'http://nats' })).toThrow(ConfigError)
  })
})

describe('the signing secret', () => {
  test('reaches the signing process', () => {
    expect(readConfig('signing', { ...whole, ...signing })).toMatchObject({
      signingSecretFile: signing.BEVIS_SIGNING_SECRET_FILE,
      signingKeysDir: signing.BEVIS_SIGNING_KEYS_DIR,
    })
    expect(faultsOf(() => readConfig('signing', whole)).problems).toHaveLength(2)
  })

  test.each(processes.filter((name) => !['signing', 'log', 'witness'].includes(name)))(
    'makes %s refuse to start',
    (name) => {
      const { problems } = faultsOf(() => readConfig(name, { ...whole, ...signing }))
      expect(problems.map(({ variable, what }) => [variable, what])).toEqual([
        ['BEVIS_SIGNING_SECRET_FILE', `must not reach ${name}`],
        ['BEVIS_SIGNING_KEYS_DIR', `must not reach ${name}`],
      ])
    },
  )
})

describe('the key of a witness', () => {
  const witness = { BEVIS_WITNESS_KEY_FILE: '/run/secrets/witness' }

  test('reaches the witness alone, and no other key reaches it', () => {
    expect(readConfig('witness', { ...whole, ...witness })).toMatchObject({ witnessKeyFile: '/run/secrets/witness' })
    const told = faultsOf(() => readConfig('log', { ...whole, ...witness, BEVIS_LOG_KEYS_DIR: '/keys' })).problems
    expect(told.map(({ what }) => what)).toEqual(['must not reach log'])
    expect(faultsOf(() => readConfig('witness', { ...whole, ...witness, ...signing })).problems).toHaveLength(2)
  })
})

describe('the checkpoint keys of the logs', () => {
  const keys = { BEVIS_LOG_KEYS_DIR: '/var/lib/bevis/log-keys' }

  test('reach the log process, which must not be told of the signing keys', () => {
    expect(readConfig('log', { ...whole, ...keys })).toMatchObject({ logKeysDir: keys.BEVIS_LOG_KEYS_DIR })
    expect(faultsOf(() => readConfig('log', { ...whole, ...keys, ...signing })).problems).toHaveLength(2)
  })

  test.each(processes.filter((name) => !['log', 'signing', 'witness'].includes(name)))(
    'make %s refuse to start',
    (name) => {
      const { problems } = faultsOf(() => readConfig(name, { ...whole, ...keys }))
      expect(problems.map(({ what }) => what)).toEqual([`must not reach ${name}`])
    },
  )

  test('make the signing process refuse to start: who signs credentials signs no checkpoints', () => {
    const { problems } = faultsOf(() => readConfig('signing', { ...whole, ...signing, ...keys }))
    expect(problems.map(({ what }) => what)).toEqual(['must not reach signing'])
  })
})

describe('production', () => {
  const production = { ...whole, BEVIS_ENV: 'production' }

  test('accepts https, real passwords and a NATS identity', () => {
    expect(readConfig('intake', production).env).toBe('production')
  })

  test.each([
    ['a public address without TLS', 'BEVIS_PUBLIC_URL', 'http://bevis.example'],
    ['an issuer without TLS', 'BEVIS_OIDC_ISSUER', 'http://login.example'],
    ['a public address of this machine', 'BEVIS_PUBLIC_URL', 'https://localhost:8080'],
    ['the development stack’s issuer', 'BEVIS_OIDC_ISSUER', 'http://127.0.0.1:9400'],
    ['an issuer on this machine', 'BEVIS_OIDC_ISSUER', 'https://[::1]:9400'],
    ['points where the process dies', 'BEVIS_FAILPOINTS_DIR', '/tmp/points'],
    ['a well-known password', 'BEVIS_DATABASE_URL', 'postgres://bevis_api:postgres@db/bevis'],
    ['no password', 'BEVIS_DATABASE_URL', 'postgres://bevis_api@db/bevis'],
  ])('refuses %s, which development accepts', (_what, variable, value) => {
    expect(readConfig('api', { ...whole, [variable]: value }).env).toBe('development')
    const { problems } = faultsOf(() => readConfig('api', { ...production, [variable]: value }))
    expect(problems.map((problem) => problem.variable)).toEqual([variable])
  })

  test('refuses secret files that everybody may read, all at once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bevis-open-'))
    const file = (name: string, mode: number) => {
      writeFileSync(join(folder, name), 'Nq3v81xk', { mode })
      return join(folder, name)
    }
    const files = (mode: number) => ({
      BEVIS_SECRETS_FILE: file(`keys-${mode}`, mode),
      BEVIS_SIGNING_SECRET_FILE: file(`signing-${mode}`, mode),
      BEVIS_DATABASE_URL: 'postgres://bevis_signing@db:5432/bevis',
      BEVIS_DATABASE_PASSWORD_FILE: file(`password-${mode}`, mode),
    })
    const given = { ...production, ...signing }
    expect(readConfig('signing', { ...given, ...files(0o400) }).env).toBe('production')
    expect(readConfig('signing', { ...given, ...files(0o644), BEVIS_ENV: 'development' }).env).toBe('development')
    const { problems } = faultsOf(() => readConfig('signing', { ...given, ...files(0o604) }))
    expect(problems.map(({ variable }) => variable)).toEqual([
      'BEVIS_SECRETS_FILE',
      'BEVIS_SIGNING_SECRET_FILE',
      'BEVIS_DATABASE_PASSWORD_FILE',
    ])
    rmSync(folder, { recursive: true })
  })

  test('refuses an anonymous line to NATS', () => {
    const { problems } = faultsOf(() => readConfig('relay', { ...production, BEVIS_NATS_SEED_FILE: undefined }))
    expect(problems.map((problem) => problem.variable)).toEqual(['BEVIS_NATS_SEED_FILE'])
  })
})

describe('the database password', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-env-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'password')
  writeFileSync(file, 'p@ss/w%rd\n', { mode: 0o600 })
  const open = 'postgres://bevis_api@db:5432/bevis'

  test('may come from a file, and is put where clients read it', () => {
    const settings = { ...whole, BEVIS_DATABASE_URL: open, BEVIS_DATABASE_PASSWORD_FILE: file }
    const { databaseUrl } = readConfig('api', { ...settings, BEVIS_ENV: 'production' })
    expect(decodeURIComponent(new URL(databaseUrl).password)).toBe('p@ss/w%rd')
    expect(new URL(databaseUrl).host).toBe('db:5432')
  })

  test('is given once, in a file that is there', () => {
    const twice = { ...whole, BEVIS_DATABASE_PASSWORD_FILE: file }
    expect(faultsOf(() => readConfig('api', twice)).message).toContain('one place')
    const absent = { ...whole, BEVIS_DATABASE_URL: open, BEVIS_DATABASE_PASSWORD_FILE: join(folder, 'absent') }
    expect(faultsOf(() => readConfig('api', absent)).message).toContain('cannot be read')
  })
})

test('docs/configuration.md is what the code says', () => {
  expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationDocument)
})

test('the list of variables for deployments agrees with what is read', () => {
  for (const name of processes) {
    const { required } = variablesOf(name)
    const missing = name === 'cli' ? [] : faultsOf(() => readConfig(name, {})).problems.map(({ variable }) => variable)
    expect(required).toEqual(missing)
  }
})

function faultsOf(read: () => unknown): ConfigError {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
