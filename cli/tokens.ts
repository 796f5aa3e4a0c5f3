/** Who is asking: an access token from a file, never from a flag where every process list would show it. */
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { readInput } from './input.ts'
import { demand, type Settings } from './settings.ts'

export const tokenOptions = {
  'token-file': { value: '<file>', says: 'access token for the API (or BEVIS_TOKEN_FILE); - reads standard input' },
  as: { value: '<person>', says: 'on a development stack: log in as this demo person (default officer-1)' },
} as const

/** The grant of the development stack's login; no real issuer has it. */
const devGrant = 'urn:bevis:dev:login'
const devClient = 'bevis-dev'
/** Who looks around when nobody is named: an officer of the demo register. */
const somebody = 'officer-1'

export interface TokenValues {
  readonly 'token-file'?: string
  readonly as?: string
}

/** @throws CliError `login/…` */
export async function accessToken(values: TokenValues, settings: Settings): Promise<string> {
  const file = values['token-file'] ?? (values.as === undefined ? settings.config.tokenFile : undefined)
  if (file !== undefined) return readInput(file).trim()
  if (settings.isDevelopmentStack) return await logInAs(values.as ?? somebody, settings)
  const what = values.as === undefined ? 'no access token is given' : '--as works on the stack of this checkout only'
  const mend = 'write a token from your institution’s login to a file and give --token-file <file>'
  throw new CliError({ exit: 'not-allowed', code: 'login/no-token', what, mend })
}

const answer = z.looseObject({ access_token: z.string().optional(), error_description: z.string().optional() })

async function logInAs(person: string, { config }: Settings): Promise<string> {
  const issuer = demand(config.oidcIssuer, 'BEVIS_OIDC_ISSUER')
  const form = { grant_type: devGrant, client_id: devClient, login: person, resource: config.oidcAudience }
  const found = answer.parse(await post(`${issuer}/token`, new URLSearchParams(form)))
  if (found.access_token !== undefined) return found.access_token
  const what = `${person} cannot log in: ${found.error_description ?? 'refused'}`
  throw new CliError({
    exit: 'not-allowed',
    code: 'login/refused',
    what,
    mend: 'demo people are in dev/register/people.json',
  })
}

async function post(url: string, body: URLSearchParams): Promise<unknown> {
  try {
    return await (await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(10_000) })).json()
  } catch (cause) {
    const mend = 'start the stack: bevis stack start'
    throw new CliError(
      { exit: 'unreachable', code: 'login/unreachable', what: 'the login does not answer', mend },
      { cause },
    )
  }
}
