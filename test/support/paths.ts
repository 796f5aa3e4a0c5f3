/** Where the tests keep their servers' data: without one place, two runs in a checkout could not share them. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

const base = join(root, '.bevis', 'test')

export const testPaths = {
  base,
  /** One file per test run that needs the servers. */
  users: join(base, 'users'),
  usersLock: join(base, 'users.lock'),
  keeperLock: join(base, 'keeper.lock'),
  keeperLog: join(base, 'logs', 'keeper.log'),
  keeperPid: join(base, 'run', 'keeper.pid'),
  /** Addresses, written when all servers answer. */
  ready: join(base, 'ready.json'),
  secrets: join(base, 'secrets.json'),
  accounts: join(base, 'accounts'),
  accountsLock: join(base, 'accounts.lock'),
  templateLock: join(base, 'template.lock'),
  bundleLock: join(base, 'bundle.lock'),
  bundles: join(base, 'bundles'),
  worlds: join(base, 'worlds'),
} as const
