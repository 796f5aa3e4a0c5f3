/** Who may say what on NATS (contracts.md §3, platform.md §4.4): without it a course's own system could report its own proctoring. */

export type NatsProcess = 'intake' | 'relay' | 'log' | 'api' | 'admin'

export interface NatsUser {
  readonly publicKey: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

export interface NatsAccount {
  readonly name: string
  readonly users: readonly NatsUser[]
  /** More entries for the list of users, in the server's own syntax: what `bevis registry nats-config` prints. */
  readonly moreUsers?: string
}

/**
 * What each of our processes may do, nothing more. Every identity reads answers under an inbox of its own
 * (`_INBOX_<name>`), so that none can listen to another's.
 */
export function processUser(name: NatsProcess, publicKey: string): NatsUser {
  const inbox = `_INBOX_${name}.>`
  switch (name) {
    case 'intake':
      return {
        publicKey,
        publish: [
          '$JS.API.CONSUMER.INFO.COMPLETIONS.intake',
          '$JS.API.CONSUMER.MSG.NEXT.COMPLETIONS.intake',
          '$JS.ACK.COMPLETIONS.intake.>',
          // What two persons decided to erase (nats-erase)
          '$JS.API.STREAM.MSG.GET.COMPLETIONS',
          '$JS.API.STREAM.MSG.DELETE.COMPLETIONS',
        ],
        subscribe: [inbox],
      }
    case 'relay':
      return {
        publicKey,
        publish: ['issuance.>', 'record.mark', '$JS.API.STREAM.MSG.GET.RECORD'],
        subscribe: [inbox],
      }
    case 'log':
      return {
        publicKey,
        publish: ['$KV.LOG_LOCK.*', '$JS.API.STREAM.MSG.GET.KV_LOG_LOCK'],
        subscribe: [inbox],
      }
    case 'api':
      return {
        publicKey,
        publish: ['$JS.API.STREAM.INFO.*', '$JS.API.CONSUMER.INFO.COMPLETIONS.intake'],
        subscribe: [inbox],
      }
    case 'admin':
      // Provisions, inspects and recovers, but has no right to publish an event in anybody's name.
      return {
        publicKey,
        publish: ['$JS.API.>', '$JS.ACK.>', '$KV.LOG_LOCK.*'],
        subscribe: [inbox, '$JS.EVENT.ADVISORY.>'],
      }
  }
}

/**
 * An emitter may publish under its own institution and source only, and read its own acknowledgements
 * (its client's inbox prefix: `_INBOX_<institution>_<source>`).
 */
export function emitterUser(institution: string, source: string, publicKey: string): NatsUser {
  return {
    publicKey,
    publish: [`completions.${institution}.${source}`],
    subscribe: [`_INBOX_${institution}_${source}.>`],
  }
}

/** An account as the server's configuration has it. */
export function accountBlock(account: NatsAccount): string {
  const users = account.users.map((user) => `    ${userEntry(user)}`).join('\n')
  return `  ${account.name} { jetstream: enabled, users: [\n${users}\n${account.moreUsers ?? ''}\n  ] }`
}

function userEntry(user: NatsUser): string {
  const permissions = { publish: user.publish, subscribe: user.subscribe }
  return `{ nkey: ${user.publicKey}, permissions: ${JSON.stringify(permissions)} }`
}
