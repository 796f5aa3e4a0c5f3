/** Access tokens of demo people without a browser: without it neither demo nor tests could act through the API. */
import { API_AUDIENCE, DEV_CLIENT, DEV_LOGIN_GRANT } from './servers/oidc.ts'

export interface LoginOptions {
  /** Level to log in with; default: the highest this person can. */
  readonly acr?: string
  /** How many seconds ago the person logged in; default 0. */
  readonly authAgeSeconds?: number
}

/** Logs a demo person in at the development provider, over HTTP; gives an access token (RFC 9068) for the API. */
export async function getAccessToken(issuer: string, sub: string, options: LoginOptions = {}): Promise<string> {
  const form = new URLSearchParams({
    grant_type: DEV_LOGIN_GRANT,
    client_id: DEV_CLIENT,
    login: sub,
    resource: API_AUDIENCE,
  })
  if (options.acr !== undefined) form.set('acr', options.acr)
  if (options.authAgeSeconds !== undefined) form.set('auth_age', String(options.authAgeSeconds))
  const response = await fetch(`${issuer}/token`, { method: 'POST', body: form })
  const answer = (await response.json()) as { access_token?: string; error_description?: string; error?: string }
  if (answer.access_token === undefined) {
    throw new Error(`No token for ${sub}: ${answer.error_description ?? answer.error ?? response.status}`)
  }
  return answer.access_token
}
