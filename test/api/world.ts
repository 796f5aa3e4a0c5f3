/** An API on real servers with people who can log in: what every test of this room stands in. */
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { PostedEvent, ReplayOrder, Trouble } from '#api/dependencies.ts'
import { startApi } from '#api/serve.ts'
import { accessTokens } from '#connectors/identity/access-token.ts'
import type { HttpServer } from '#connectors/platform/listen.ts'
import { connectTemporal, type TemporalClient } from '#connectors/platform/temporal.ts'
import { type Db, openDb } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { RegisterItem, RegisterToApply } from '#db/register-items.ts'
import type { Role } from '#db/rights.ts'
import { getAccessToken, type LoginOptions } from '#dev/oidc-client.ts'
import { LOA_PREFIX } from '#dev/people.ts'
import { API_AUDIENCE, type OidcServer, startOidc } from '#dev/servers/oidc.ts'
import type { AppointedRole } from '#domain/register.ts'
import { as, type Instant, type InstitutionId, type OrganisationId, type PersonId } from '#domain/words.ts'
import { takeInPosted } from '#workers/intake/post.ts'
import { replayDeadLetters } from '#workers/intake/replay.ts'
import { type LogRounds, logRounds } from '../support/log-round.ts'
import { createWorld, type World } from '../support/world.ts'
import { achievement } from './achievement.ts'

export const institution = as<InstitutionId>('norrsken')
const otherInstitution = as<InstitutionId>('sorsken')
export const publicUrl = 'https://bevis.example'

/** Everybody is registered at `norrsken` except the stranger; `officer` holds that role at `sorsken` too, in nobody's eyes but its own. */
export const people = [
  'officer',
  'second-officer',
  'operator',
  'privacy',
  'second-privacy',
  'reviewer',
  'decider',
  'examiner',
  'learner',
] as const
export type Somebody = (typeof people)[number] | 'stranger'

const roles: Readonly<Partial<Record<Somebody, AppointedRole>>> = {
  officer: 'officer',
  'second-officer': 'officer',
  operator: 'operator',
  privacy: 'privacy-officer',
  'second-privacy': 'privacy-officer',
  reviewer: 'external-reviewer',
  decider: 'decision-maker',
  examiner: 'examiner',
}

export interface ApiWorld {
  readonly world: World
  readonly db: Db
  readonly api: HttpServer
  /** The log of `norrsken`, brought up to date by hand. */
  readonly log: LogRounds
  /** Folder whose logs are served; empty. */
  readonly logDir: string
  /** What the API told its keeper. */
  readonly troubles: readonly Trouble[]
  /** A pool under another role; closed with the world. */
  open(role: Role): Db
  /** Asks the API as somebody, or without a token. */
  ask(who: Somebody | undefined, path: string, request?: Asking): Promise<Response>
  token(who: Somebody, login?: LoginOptions): Promise<string>
  /** A sound token of another login service, which this API has not been told to trust. */
  elsewhere(who: Somebody): Promise<string>
  /** A sound token of this API's own login service, made out to another resource of the same house. */
  misdirected(who: Somebody): Promise<string>
  dispose(): Promise<void>
}

export interface Asking extends LoginOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export function personOf(who: Somebody): PersonId {
  return as<PersonId>(`pers_${who}`)
}

/** Makes a world with two registered institutions, a login service and a running API. */
export async function createApiWorld(options: { readonly temporal?: boolean } = {}): Promise<ApiWorld> {
  const world = await createWorld(options)
  const line = options.temporal === true ? await connectTemporal(world.temporal) : undefined
  const opened: Db[] = []
  const troubles: Trouble[] = []
  const open = (role: Role): Db => {
    const db = openDb(world.url(role), { kek: world.secrets.kek, hmac: world.secrets.hmac }, { max: 3 })
    opened.push(db)
    return db
  }
  const db = open('bevis_api')
  await applyRegister(db, registerOf(institution), { by: applier })
  await applyRegister(db, { ...registerOf(otherInstitution), items: [organisation()], references: [] }, { by: applier })
  const log = await logRounds(open('bevis_sequencer'), institution)
  const { oidc, key } = await startLogin()
  const logDir = join(dirname(world.secretsFile), 'log')
  const deps = {
    db,
    temporal: line,
    tokens: accessTokens({ issuer: oidc.issuer, audience: API_AUDIENCE }),
    login: { issuer: oidc.issuer, certified: ['loa2', 'loa3', 'loa4'] },
    publicUrl,
    logDir,
    policyOf: async (id: InstitutionId) => (id === institution ? log.policy : undefined),
    onTrouble: (trouble: Trouble) => troubles.push(trouble),
    ...(line === undefined ? {} : throughIntake(open('bevis_intake'), line.client)),
  }
  const api = await startApi(deps, { port: 0 })
  const token = (who: Somebody, login: LoginOptions = {}) => getAccessToken(oidc.issuer, who, login)
  return {
    world,
    db,
    api,
    log,
    logDir,
    troubles,
    open,
    token,
    elsewhere: async (who) => {
      const { oidc: other } = await startLogin()
      const made = await getAccessToken(other.issuer, who)
      await other.stop()
      return made
    },
    misdirected: async (who) => {
      const made = await token(who)
      const header = { alg: 'ES256', kid: key.kid, typ: 'at+jwt' }
      return new SignJWT({ ...decodeJwt(made), aud: 'urn:other' }).setProtectedHeader(header).sign(key)
    },
    ask: async (who, path, { method, headers, body, ...login } = {}) =>
      fetch(`${api.url}${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(who === undefined ? {} : { authorization: `Bearer ${await token(who, login)}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    dispose: async () => {
      await api.close()
      await oidc.stop()
      await line?.close()
      await Promise.all(opened.map((one) => one.close()))
      await world.dispose()
    },
  }
}

/** Intake's own functions under intake's own role. */
function throughIntake(db: Db, temporal: TemporalClient) {
  return {
    replay: (order: ReplayOrder) => replayDeadLetters({ db, temporal }, order),
    post: (events: readonly PostedEvent[]) => takeInPosted({ db, temporal }, events),
  }
}

export const applier = { ref: 'test', kind: 'service', role: 'registrar' } as const
const since = as<Instant>('2020-01-01T00:00:00.000Z')
const home = as<OrganisationId>('norrsken')

function organisation(): RegisterItem {
  return {
    kind: 'organisation',
    id: home,
    body: {
      id: home,
      name: { sv: 'Norrskens universitet', en: 'Norrsken University' },
      country: 'SE',
      roles: ['trains', 'examines', 'awards'],
      higherEducation: true,
    },
  }
}

export function registerOf(id: InstitutionId): RegisterToApply {
  const persons = people.map(
    (who): RegisterItem => ({
      kind: 'person',
      id: personOf(who),
      body: { id: personOf(who), protected: false, employments: [], managers: [] },
      personal: { name: `Test ${who}` },
    }),
  )
  const appointments = people.flatMap((who): RegisterItem[] => {
    const role = roles[who]
    if (role === undefined) return []
    const body = { id: `appointed-${who}`, person: personOf(who), role, by: home, order: 1, from: since }
    return [{ kind: 'appointment', id: body.id, body }]
  })
  return {
    institution: {
      id,
      origin: `bevis.example/${id}`,
      body: { name: { sv: `${id} universitet`, en: `${id} university` }, url: `https://${id}.example` },
    },
    items: [organisation(), achievement(), ...persons, ...appointments],
    references: people.map((who) => ({ scheme: 'oidc', value: who, person: personOf(who) })),
    links: [],
  }
}

async function startLogin(): Promise<{ readonly oidc: OidcServer; readonly key: JWK & { readonly kid: string } }> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' }
  const known: readonly Somebody[] = [...people, 'stranger']
  const oidc = await startOidc({
    port: 0,
    keys: [key],
    people: known.map((who) => ({ sub: who, name: `Test ${who}`, acr: `${LOA_PREFIX}3` })),
  })
  return { oidc, key }
}
