/** Database addresses of each role: without them every process would have to run as the superuser. */
import { createHmac } from 'node:crypto'
import { type Role, roles } from '#db/rights.ts'

/**
 * Roles belong to the whole cluster, and several stacks and test runs may share one (`DATABASE_URL`). So each password is
 * derived from what all of them know and only a superuser does: the superuser's own password.
 */
export function rolePasswords(adminUrl: string): Record<Role, string> {
  const url = new URL(adminUrl)
  const secret = decodeURIComponent(url.password)
  const password = (role: Role) => createHmac('sha256', secret).update(`bevis-role/1\0${role}`).digest('base64url')
  return Object.fromEntries(roles.map((role) => [role, password(role)])) as Record<Role, string>
}

/** The same server and superuser, another database. */
export function databaseAt(adminUrl: string, database: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${database}`
  return url.href
}

/** The same server and database, under a role of ours. */
export function roleUrl(adminUrl: string, role: Role): string {
  const url = new URL(adminUrl)
  url.username = role
  url.password = rolePasswords(adminUrl)[role]
  return url.href
}
