/** Everything secret that docker-compose.yml wants, made once; without it an operator would have to invent fourteen files by hand. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { accountBlock, type NatsProcess, processUser } from '#connectors/platform/nats-users.ts'
import { createUserKey } from '#connectors/platform/nkeys.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'

/** As docker-compose.yml names them. */
const passwords = ['postgres', 'temporal', 'intake', 'pipeline', 'signing-role', 'relay', 'sequencer', 'api'] as const
const identities = ['intake', 'relay', 'log', 'admin'] as const satisfies readonly NatsProcess[]

export const init = command({
  takes: '<folder>',
  args: [1, 1],
  options: {},
  examples: [
    [
      'bevis deploy init ./deploy',
      'passwords, keys and NATS identities for docker-compose.yml; nothing is overwritten',
    ],
  ],
  run: async ({ args: [folder = ''], out }) => {
    const base = resolve(folder)
    refuseFilled(base)
    const secrets = join(base, 'secrets')
    mkdirSync(secrets, { recursive: true, mode: 0o700 })
    for (const name of passwords) keep(join(secrets, name), random())
    keep(join(secrets, 'keys.json'), JSON.stringify({ kek: random(), hmac: random(), codec: random() }))
    keep(join(secrets, 'signing'), random())
    keep(join(secrets, 'witness'), randomBytes(32))
    // What goes into them: docs/witness.md. The log worker adds a policy for each institution.
    mkdirSync(join(base, 'witness-logs'), { recursive: true })
    mkdirSync(join(base, 'policies'), { recursive: true })
    writeFileSync(join(base, 'policies', 'template.policy'), template, { flag: 'wx' })
    keep(join(base, 'nats-accounts.conf'), accountsWith(secrets))
    const files = [...readdirSync(secrets).map((name) => `secrets/${name}`), 'nats-accounts.conf']
    const text = [
      `${files.length} files in ${base}; keep a copy apart from the database's backups: without secrets/keys.json and`,
      'secrets/signing neither personal data nor signing keys can be read again.',
      'Next: give them to the user of the containers (chown -R 1000 <folder>/secrets <folder>/policies), then',
      'docs/operations.md#start.',
    ].join('\n')
    out.data(() => text, { folder: base, files })
    return 'ok'
  },
})

/** A second set of secrets over the first would lock everything away. */
function refuseFilled(base: string): void {
  const found = ['secrets', 'nats-accounts.conf'].find((name) => existsSync(join(base, name)))
  if (found === undefined) return
  const what = `${join(base, found)} is there already; nothing was changed`
  throw new CliError({
    exit: 'conflict',
    code: 'deploy/exists',
    what,
    mend: 'name an empty folder, or go on with that one',
  })
}

/** The NATS account of this installation, with the place for what bevis registry nats-config prints (docs/operations.md#emitters). */
function accountsWith(secrets: string): string {
  const users = identities.map((name) => {
    const { publicKey, seed } = createUserKey()
    keep(join(secrets, `${name}.seed`), `${seed}\n`)
    return processUser(name, publicKey)
  })
  const account = accountBlock({ name: 'bevis', users, moreUsers: '    # emitters: begin\n    # emitters: end' })
  return `accounts {\n${account}\n}\n`
}

/** For logs that come new; each institution's own file decides for it from then on. */
const template = `# Who must have seen a checkpoint before anything is signed by it (C2SP tlog-policy; docs/witness.md). Put in the witnesses you
# agreed with, for instance:
# witness partner witness.partner.example+… https://witness.partner.example
# quorum partner
quorum none
`

const random = () => randomBytes(32).toString('base64url')

function keep(file: string, content: string | Uint8Array): void {
  writeFileSync(file, content, { mode: 0o400, flag: 'wx' })
  chmodSync(file, 0o400)
}
