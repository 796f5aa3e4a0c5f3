/** The development server's configuration; what our processes may do stands in connectors/platform/nats-users.ts. */
import { accountBlock, type NatsAccount } from '#connectors/platform/nats-users.ts'

/** The server's whole configuration file. Synchronous writes: an acknowledged event survives a power cut. */
export function natsConfig(options: {
  readonly port: number
  readonly monitorPort: number
  readonly storeDir: string
  readonly accounts: readonly NatsAccount[]
}): string {
  return [
    'server_name: beviskedja',
    'listen: ' + JSON.stringify(`127.0.0.1:${options.port}`),
    'http: ' + JSON.stringify(`127.0.0.1:${options.monitorPort}`),
    'max_payload: 1048576',
    `jetstream { store_dir: ${JSON.stringify(options.storeDir)}, sync_interval: always }`,
    'accounts {',
    ...options.accounts.map(accountBlock),
    '}',
    '',
  ].join('\n')
}
