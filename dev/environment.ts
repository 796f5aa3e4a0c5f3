/** What each of our processes is told, and nothing more: without it the pipeline could read the signing key (contracts.md §4). */
import type { Role } from '#db/rights.ts'
import type { StackLog } from './log.ts'
import { roleUrl } from './roles.ts'
import type { StackSecrets } from './secrets.ts'
import { API_AUDIENCE } from './servers/oidc.ts'
import type { Kept } from './stack-state.ts'
import { type StackWitness, witnessName } from './witness.ts'

/** In the order they are started: the witness is there before whoever wants its cosignature. */
export const stackProcesses = ['witness', 'pipeline', 'signing', 'intake', 'relay', 'log', 'api'] as const
export type StackProcess = (typeof stackProcesses)[number]

export type Environment = Readonly<Record<string, string>>

/** Variables over the usual ones of a process of ours, or of Postgres. */
export type ExtraEnvironment = (member: StackProcess | 'postgres') => Environment

export interface Addresses extends Kept {
  readonly adminUrl: string
  readonly secrets: StackSecrets
  readonly witness: StackWitness
  readonly log: StackLog
}

/** Variables (`config/env.ts`) of one process, or of the command line of whoever develops here. */
export function environmentOf(name: StackProcess | 'cli', addresses: Addresses): Environment {
  const { ports, secrets, publicUrl, log } = addresses
  const base = (role: Role) => ({
    BEVIS_DATABASE_URL: roleUrl(addresses.adminUrl, role),
    BEVIS_TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    BEVIS_TEMPORAL_NAMESPACE: 'default',
    BEVIS_SECRETS_FILE: secrets.paths.keys,
    BEVIS_PUBLIC_URL: publicUrl,
  })
  const nats = (identity: 'intake' | 'relay' | 'log' | 'admin') => ({
    BEVIS_NATS_URL: `nats://127.0.0.1:${ports.nats}`,
    BEVIS_NATS_SEED_FILE: secrets.paths.natsSeed(identity),
  })
  const oidc = { BEVIS_OIDC_ISSUER: `http://127.0.0.1:${ports.oidc}`, BEVIS_OIDC_AUDIENCE: API_AUDIENCE }
  switch (name) {
    case 'witness':
      return {
        BEVIS_WITNESS_NAME: witnessName,
        BEVIS_WITNESS_KEY_FILE: addresses.witness.keyFile,
        BEVIS_WITNESS_DIR: addresses.witness.stateDir,
        BEVIS_WITNESS_LOGS_DIR: addresses.witness.logsDir,
        BEVIS_PORT: String(ports.witness),
      }
    case 'pipeline':
      return base('bevis_pipeline')
    case 'signing':
      return {
        ...base('bevis_signing'),
        BEVIS_SIGNING_SECRET_FILE: secrets.paths.signingSecret,
        BEVIS_SIGNING_KEYS_DIR: secrets.paths.signingKeys,
        BEVIS_LOG_POLICY_DIR: log.policyDir,
      }
    case 'intake':
      return { ...base('bevis_intake'), ...nats('intake'), BEVIS_INTAKE_PORT: String(ports.intake) }
    case 'relay':
      return { ...base('bevis_relay'), ...nats('relay') }
    case 'log':
      return {
        ...base('bevis_sequencer'),
        ...nats('log'),
        BEVIS_LOG_KEYS_DIR: log.keysDir,
        BEVIS_LOG_POLICY_DIR: log.policyDir,
        BEVIS_LOG_DIR: log.dir,
      }
    case 'api':
      return {
        ...base('bevis_api'),
        ...oidc,
        BEVIS_LOG_POLICY_DIR: log.policyDir,
        BEVIS_LOG_DIR: log.dir,
        // What a federation's metadata would say of a real issuer; without it no login counts (levels of the LoA table).
        BEVIS_OIDC_CERTIFIED: 'loa2,loa3,loa4',
        BEVIS_PORT: String(ports.api),
        BEVIS_INTAKE_URL: `http://127.0.0.1:${ports.intake}`,
      }
    case 'cli':
      return { ...base('bevis_api'), ...nats('admin'), ...oidc }
  }
}

/** Arguments of `cli/main.ts` that start a process. */
export function commandOf(name: StackProcess): readonly string[] {
  if (name === 'api') return ['serve']
  return name === 'witness' ? ['witness'] : ['work', name]
}
