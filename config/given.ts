/** Which process is given which setting: what is not listed here for a process, it cannot be told. */
import type { z } from 'zod'
import type { FieldName, fields } from './settings.ts'

export const processes = ['intake', 'pipeline', 'signing', 'relay', 'log', 'api', 'witness', 'cli'] as const
/** A process of the product, or `keys`: `bevis keys`, run where the signing keys lie. Each is given exactly what it needs. */
export type ProcessName = (typeof processes)[number] | 'keys'

const everywhere = ['env', 'logLevel'] as const
/** What every process that runs cases may be told in tests of crashes. */
const crashing = ['failpointsDir'] as const
/** What every process of ours serves to operators, and where it listens. */
const operators = ['opsPort', 'host'] as const
/** Whom every process of ours tells what it spends its time on. */
const tracing = ['otlpEndpoint', 'otlpProtocol', 'otlpHeaders', 'tracesSampler', 'tracesSamplerArg'] as const
const temporal = ['temporalAddress', 'temporalNamespace'] as const
const nats = ['natsUrl', 'natsSeedFile'] as const
const signingKeys = ['signingSecretFile', 'signingKeysDir'] as const

/** Settings that lead to private keys, and the only processes that may be told them (contracts §8, audit-log §15). */
export const ownersOf: Partial<Record<FieldName, readonly ProcessName[]>> = {
  signingSecretFile: ['signing', 'keys'],
  signingKeysDir: ['signing', 'keys'],
  logKeysDir: ['log'],
  witnessKeyFile: ['witness'],
  witnessMlDsaKeyFile: ['witness'],
}

/** Who is given what. What opens a private key appears once (`ownersOf`). */
export const given = {
  intake: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    'databaseUrl',
    ...nats,
    ...temporal,
    'secretsFile',
    'publicUrl',
    'intakePort',
    'cohortSize',
  ],
  pipeline: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    'databaseUrl',
    ...temporal,
    'secretsFile',
    'publicUrl',
    'workflowBundle',
    'buildId',
  ],
  signing: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    'databaseUrl',
    ...temporal,
    'secretsFile',
    'publicUrl',
    ...signingKeys,
    'logPolicyDir',
  ],
  relay: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    'databaseUrl',
    ...nats,
    ...temporal,
    'secretsFile',
    'publicUrl',
  ],
  log: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    'databaseUrl',
    ...nats,
    'secretsFile',
    'logKeysDir',
    'logPolicyDir',
    'logDir',
    ...(['tsaUrl', 'tsaCertificatesFile', 'tsaPolicy', 'anchorEvery', 'headsEvery', 'logCheckEvery'] as const),
  ],
  api: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    ...([
      'databaseUrl',
      'secretsFile',
      'publicUrl',
      'oidcIssuer',
      'oidcAudience',
      'oidcCertified',
      'port',
      'drainSeconds',
      'intakeUrl',
      'logDir',
      'logPolicyDir',
    ] as const),
    ...temporal,
  ],
  // No database and none of its secrets: it watches what stands there.
  witness: [
    ...everywhere,
    ...operators,
    ...tracing,
    ...crashing,
    ...(['port', 'witnessName', 'witnessKeyFile', 'witnessMlDsaKeyFile', 'witnessDir', 'witnessLogsDirs'] as const),
  ],
  cli: [
    ...everywhere,
    ...crashing,
    ...([
      'databaseUrl',
      'ownerDatabaseUrl',
      'secretsFile',
      'publicUrl',
      'oidcIssuer',
      'oidcAudience',
      'tokenFile',
    ] as const),
    ...nats,
    ...temporal,
  ],
  // The database for one question: whether a key has still to sign something.
  keys: [...everywhere, 'databaseUrl', 'secretsFile', 'publicUrl', ...signingKeys],
} as const satisfies Record<ProcessName, readonly FieldName[]>

type Values<Names extends FieldName> = { readonly [F in Names]: z.output<(typeof fields)[F]['schema']> }

/** A process's settings. The command line has all but the defaulted ones optional: `bevis verify` needs no server at all. */
export type Config<P extends ProcessName> = { readonly process: P } & (P extends 'cli'
  ? Partial<Values<(typeof given)['cli'][number]>> & Values<'env' | 'logLevel' | 'temporalNamespace' | 'oidcAudience'>
  : Values<(typeof given)[P][number]>)
