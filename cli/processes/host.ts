/** Where a process listens: to this machine alone while somebody develops, to its network in production. */
import type { Config } from '#config/given.ts'

export function hostOf({ host, env }: Pick<Config<'api'>, 'host' | 'env'>): string {
  return host ?? (env === 'production' ? '0.0.0.0' : '127.0.0.1')
}
