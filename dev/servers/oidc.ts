/** An OIDC provider with demo people: without it nobody could act through the API on a developer's machine. Never for production. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errors, type Interaction, type OidcContext, Provider } from 'oidc-provider'
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js'
import type { DemoPerson } from '#dev/people.ts'
import { loginPage } from './oidc-login-page.ts'

export interface OidcOptions {
  /** 0 takes any free port. */
  readonly port: number
  readonly people: readonly DemoPerson[]
  /** Private signing keys (JWK); kept by the stack so that tokens outlive a restart. */
  readonly keys: readonly object[]
  /** Where browsers are sent back to after a login, for clients with a page. */
  readonly redirectUris?: readonly string[]
}

export interface OidcServer {
  readonly issuer: string
  readonly port: number
  stop(): Promise<void>
}

/** The one resource that access tokens are made out to (RFC 8707, RFC 9068). */
export const API_AUDIENCE = 'urn:bevis:api'
/** A login without a browser, for tests and the demo. */
export const DEV_LOGIN_GRANT = 'urn:bevis:dev:login'
export const DEV_CLIENT = 'bevis-dev'
export const BROWSER_CLIENT = 'bevis-console'

/** Logins may be forgotten at a restart. A class of our own says that we know, and saves a warning at each start. */
class ForgetfulStore extends MemoryAdapter {}

const resourceServer = {
  scope: '',
  audience: API_AUDIENCE,
  accessTokenFormat: 'jwt',
  accessTokenTTL: 3600,
  jwt: { sign: { alg: 'ES256' } },
}

/** Starts the provider on 127.0.0.1. */
export async function startOidc(options: OidcOptions): Promise<OidcServer> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const provider = makeProvider(issuer, options)
  const rest = provider.callback()
  server.on('request', (request, response) => {
    const answer = request.url?.startsWith('/interaction/')
      ? interact(provider, options.people, request, response)
      : rest(request, response)
    answer.catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' })
      response.end(error instanceof Error ? error.message : 'The login failed')
    })
  })
  return {
    issuer,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function makeProvider(issuer: string, options: OidcOptions): Provider {
  // Not `native`: the provider asks such clients for consent every time, and here nobody is asked.
  const client = { token_endpoint_auth_method: 'none', id_token_signed_response_alg: 'ES256' }
  const redirects = [...(options.redirectUris ?? [])]
  const provider = new Provider(issuer, {
    adapter: ForgetfulStore,
    clients: [
      { ...client, client_id: DEV_CLIENT, grant_types: [DEV_LOGIN_GRANT], response_types: [], redirect_uris: [] },
      ...(redirects.length === 0 ? [] : [{ ...client, client_id: BROWSER_CLIENT, redirect_uris: redirects }]),
    ],
    jwks: { keys: [...options.keys] },
    cookies: { keys: options.keys.map((key) => JSON.stringify(key)) },
    acrValues: [...new Set(options.people.map(({ acr }) => acr))],
    claims: { openid: ['sub'], profile: ['name'], acr: null, auth_time: null },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => resourceServer,
        useGrantedResource: () => true,
      },
    },
    interactions: { url: (_context: OidcContext, { uid }: Interaction) => `/interaction/${uid}` },
    findAccount: (_context: OidcContext, sub: string) => accountOf(options.people, sub),
    loadExistingGrant: grantAll,
    extraTokenClaims: authenticationOf,
    clientBasedCORS: () => true,
    ttl: { AccessToken: 3600, Session: 8 * 3600, Grant: 8 * 3600, Interaction: 600, IdToken: 3600 },
  })
  provider.registerGrantType(DEV_LOGIN_GRANT, (context) => logInWithoutBrowser(context, options.people), [
    'login',
    'acr',
    'auth_age',
  ])
  return provider
}

function accountOf(people: readonly DemoPerson[], sub: string) {
  const person = people.find((candidate) => candidate.sub === sub)
  return person && { accountId: sub, claims: () => ({ sub, name: person.name }) }
}

/** Everything here is our own, so nobody is asked for consent. */
async function grantAll(context: OidcContext & { oidc: { session: { accountId: string } } }): Promise<object> {
  const { provider, client, session, params } = context.oidc
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(typeof params['scope'] === 'string' ? params['scope'] : 'openid')
  grant.addResourceScope(API_AUDIENCE, '')
  await grant.save()
  return grant
}

/** Who logs in without a browser, remembered from the grant to the claims of its token. */
const devLogins = new WeakMap<OidcContext, { acr: string; auth_time: number }>()

/** How and when the person logged in (`acr`, `auth_time`): the API's step-up rules stand on both. */
function authenticationOf(context: OidcContext): object {
  const login = devLogins.get(context)
  if (login !== undefined) return login
  const code = context.oidc.entities.AuthorizationCode
  return code === undefined ? {} : { acr: code.acr, auth_time: code.authTime }
}

async function logInWithoutBrowser(context: OidcContext, people: readonly DemoPerson[]): Promise<void> {
  const { provider, client, params } = context.oidc
  const person = people.find(({ sub }) => sub === params['login'])
  if (person === undefined) throw new errors.InvalidGrant('no such demo person')
  const acr = params['acr'] ?? person.acr
  if (typeof acr !== 'string' || acr > person.acr)
    throw new errors.InvalidGrant('not a level this person can log in with')
  const age = Number(params['auth_age'] ?? 0)
  devLogins.set(context, { acr, auth_time: Math.floor(Date.now() / 1000) - age })
  const token = new provider.AccessToken({ client, accountId: person.sub, expiresIn: resourceServer.accessTokenTTL })
  token.resourceServer = new provider.ResourceServer(API_AUDIENCE, resourceServer)
  const value = await token.save()
  context.body = { access_token: value, token_type: token.tokenType, expires_in: token.expiration }
}

/** GET shows the demo people, POST logs one of them in. */
async function interact(
  provider: Provider,
  people: readonly DemoPerson[],
  ...[request, response]: [IncomingMessage, ServerResponse]
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response)
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(loginPage(uid, people))
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const sub = new URLSearchParams(Buffer.concat(chunks).toString()).get('sub')
  const person = people.find((candidate) => candidate.sub === sub)
  if (person === undefined) throw new Error('There is no such demo person')
  await provider.interactionFinished(request, response, { login: { accountId: person.sub, acr: person.acr } })
}
