/** The door of every route: token, role and institution are settled before anything else is looked at (contracts §7). */
import type { Context, MiddlewareHandler } from 'hono'
import type { TokenAnswer } from '#connectors/identity/access-token.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { type Access, access, type OperationId } from './access.ts'
import { findCaller } from './caller.ts'
import type { ApiEnv } from './dependencies.ts'
import { Problem } from './problem.ts'

/** How old a login may be when somebody approves, overrides or revokes (contracts §7). */
const freshLoginSeconds = 300

/** Middleware for one operation, by its line in `access.ts`. */
export function guard(operation: OperationId): MiddlewareHandler<ApiEnv> {
  const rule: Access = access[operation]
  return async (c, next) => {
    const institution = c.req.param('institution')
    if (institution !== undefined) c.set('institution', institutionOf(institution))
    if (rule.who !== 'anyone' && rule.who !== 'emitter') await admit(c, rule)
    await next()
  }
}

async function admit(c: Context<ApiEnv>, rule: Extract<Access, { who: readonly unknown[] }>): Promise<void> {
  const { deps, institution } = c.var
  const token = tokenOf(await deps.tokens.verify(c.req.header('authorization')))
  const caller = await findCaller(deps, institution, token)
  if (!rule.who.some((role) => caller.roles.includes(role))) throw new Problem('role_required')
  if (rule.freshLogin) {
    tokenOf(await deps.tokens.verify(c.req.header('authorization'), { maxAgeSeconds: freshLoginSeconds }))
  }
  c.set('caller', caller)
}

/** A path may only hold a slug: anything else names no institution of ours. */
function institutionOf(text: string): InstitutionId {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) throw new Problem('not_found')
  return as<InstitutionId>(text)
}

function tokenOf(answer: TokenAnswer): Extract<TokenAnswer, { kind: 'token' }>['token'] {
  switch (answer.kind) {
    case 'token':
      return answer.token
    case 'missing':
      throw new Problem('token_missing', challenge())
    case 'malformed':
    case 'invalid':
      throw new Problem('token_invalid', challenge({ error: 'invalid_token', error_description: answer.because }))
    case 'stale':
      throw new Problem('insufficient_user_authentication', {
        ...challenge({ error: 'insufficient_user_authentication', max_age: String(freshLoginSeconds) }),
        members: { maxAge: freshLoginSeconds },
      })
    case 'unreachable':
      throw new Problem('login_unreachable', { headers: { 'retry-after': '5' } })
  }
}

/** RFC 6750 §3; with `max_age` RFC 9470 §3, which tells a client to log the person in again. */
function challenge(parameters: Readonly<Record<string, string>> = {}): { headers: Record<string, string> } {
  const said = Object.entries({ realm: 'bevis', ...parameters }).map(([name, value]) => `${name}="${quoted(value)}"`)
  return { headers: { 'www-authenticate': `Bearer ${said.join(', ')}` } }
}

function quoted(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, "'")
}
