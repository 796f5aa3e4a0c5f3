/** What the world asks us over HTTP, and what we ask the login. */
import { type Answer, attention, type Check, failed, ok, patienceMs, skipped, unreachable } from './check.ts'
import type { Patient } from './patient.ts'

/** Any page of ours that needs no database tells that it is our API that answers. */
const ownPage = '/problems/unavailable'

export function publicUrlCheck({ process: name, value }: Patient): Check {
  const base = value('BEVIS_PUBLIC_URL')
  return {
    id: 'public address',
    ask: async () => {
      if (base === undefined) return skipped('BEVIS_PUBLIC_URL is not set here')
      const page = await fetched(`${base}${ownPage}`)
      if (page === undefined) {
        const mend = `start bevis serve, or see DNS, certificate and proxy${name === 'api' ? '' : '; from inside a network it may be out of reach'}`
        return unreachable(`nobody answers at ${base}`, mend)
      }
      return Reflect.get(page, 'code') === 'unavailable'
        ? ok(`our API answers at ${base}`)
        : failed(`something else answers at ${base}`, 'point the address at bevis serve; it stands in every credential')
    },
  }
}

export function oidcCheck({ value }: Patient): Check {
  const issuer = value('BEVIS_OIDC_ISSUER')
  return {
    id: 'login',
    ask: async () => (issuer === undefined ? skipped('BEVIS_OIDC_ISSUER is not set here') : askIssuer(issuer)),
  }
}

async function askIssuer(issuer: string): Promise<Answer> {
  const document = await fetched(`${issuer}/.well-known/openid-configuration`)
  if (document === undefined)
    return unreachable(`${issuer} has no discovery document`, 'see BEVIS_OIDC_ISSUER, and whether the login is up')
  const named: unknown = Reflect.get(document, 'issuer')
  if (named !== issuer)
    return failed(
      `the login calls itself ${text(named)}, not ${issuer}`,
      'write BEVIS_OIDC_ISSUER exactly as the login does',
    )
  const keys: unknown = Reflect.get(document, 'jwks_uri')
  const set = typeof keys === 'string' ? await fetched(keys) : undefined
  const found: unknown = set === undefined ? undefined : Reflect.get(set, 'keys')
  return Array.isArray(found) && found.length > 0
    ? ok(`${issuer}, ${found.length} keys`)
    : attention(`${issuer} publishes no keys at ${text(keys)}`, 'without them no token can be checked')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200) : 'nothing'
}

async function fetched(url: string): Promise<object | undefined> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(patienceMs),
      headers: { accept: 'application/json' },
    })
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? body : {}
  } catch (error) {
    return error instanceof SyntaxError ? {} : undefined
  }
}
