/** The whole system in one process over a world of its own: intake, gates, signing, relay and API, with the demo register in force. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import postgres from 'postgres'
import { policiesIn } from '#api/audit-package/policies.ts'
import { startApi } from '#api/serve.ts'
import { registerItems } from '#config/register/items.ts'
import type { Register } from '#config/register/load.ts'
import { accessTokens } from '#connectors/identity/access-token.ts'
import { jetStream, type NatsConnection } from '#connectors/platform/nats.ts'
import { markStore } from '#connectors/platform/nats-mark.ts'
import { connectTemporal, type TemporalClient } from '#connectors/platform/temporal.ts'
import type { RunningWorker } from '#connectors/platform/temporal-worker.ts'
import { type KeyStore, openKeyStore } from '#credentials/signing/keys.ts'
import { type Db, openDb } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { Role } from '#db/rights.ts'
import type { EventDraft } from '#dev/demo/emitters.ts'
import { readPeople } from '#dev/people.ts'
import { API_AUDIENCE, startOidc } from '#dev/servers/oidc.ts'
import type { CaseId } from '#domain/words.ts'
import { runIntake } from '#workers/intake.ts'
import { type RunningPipeline, startPipeline } from '#workers/pipeline.ts'
import { markKeeper } from '#workers/record-mark.ts'
import { runRelay } from '#workers/relay.ts'
import { startSigning } from '#workers/signing.ts'
import { demoRegister } from '../config/register-folder.ts'
import { startWorldLog, type WorldLog } from '../support/log.ts'
import { createWorld, type World } from '../support/world.ts'
import { caseOpenedBy, type Emitters, emittersOf } from './emitters.ts'
import { type CaseView, type People, peopleAt } from './people.ts'

export interface System {
  readonly world: World
  /** Superuser: sees across all policies. */
  readonly admin: postgres.Sql
  /** A pool under one role; closed with the system. */
  open(role: Role): Db
  readonly temporal: TemporalClient
  /** Where the API answers, which is also what credentials point to. */
  readonly publicUrl: string
  readonly keys: KeyStore
  readonly log: WorldLog
  readonly emitters: Emitters
  readonly people: People
  /** Sends everything in this order; answers with the case that the completion among it opens. */
  tell(events: readonly EventDraft[]): Promise<CaseId>
  /** Waits until the case shows what is asked for. @throws with where it stands instead */
  until(id: CaseId, holds: (view: CaseView) => boolean): Promise<CaseView>
  /** Whoever is asked decides, once somebody is; answers who. */
  decideAsAsked(id: CaseId, decision: object): Promise<string>
  startSigner(): Promise<void>
  /** One more pipeline worker, of a build and with the workflows it brings; stopped with the system if not before. */
  startPipeline(build?: PipelineBuild): Promise<RunningPipeline>
  /** Does something while this process is away; it comes back as after any restart. */
  without(process: 'intake' | 'pipeline', work: () => Promise<void>): Promise<void>
  /** Applies a changed demo register. */
  apply(change: (register: Register) => Register): Promise<void>
  /** Stops every process and closes every connection to the database; the world and the keys stay, to be looked at or copied. */
  rest(): Promise<void>
  dispose(): Promise<void>
}

export interface PipelineBuild {
  readonly buildId?: string
  readonly workflowBundlePath?: string
}

export interface SystemOptions {
  /** The register in force is the demo's after this change. */
  readonly register?: (register: Register) => Register
  /** False leaves the signing queue without a worker until `startSigner` is called. */
  readonly signer?: boolean
  /** False leaves the pipeline queue without a worker until `startPipeline` is called. */
  readonly pipeline?: boolean
}

const by = { ref: 'setup', kind: 'service', role: 'operator' } as const
const patienceMs = 30_000

export async function startSystem({
  register = (it) => it,
  signer = true,
  pipeline = true,
}: SystemOptions = {}): Promise<System> {
  const world = await createWorld({ nats: true, temporal: true })
  const opened: Db[] = []
  const open = (role: Role): Db => {
    const db = openDb(world.url(role), world.secrets, { max: 6 })
    opened.push(db)
    return db
  }
  const emitters = emittersOf(world)
  const registrar = open('bevis_api')
  const apply = async (change: (register: Register) => Register) => {
    await applyRegister(registrar, registerItems(change(demoRegister(emitters.overlay))), { by })
  }
  await apply(register)
  const running = await startProcesses(world, open)
  const { api, oidc, line, keys, troubles, publicUrl, startSigner, startPipeline: startOne, without } = running
  if (signer) await startSigner()
  if (pipeline) await startOne({})
  const people = peopleAt(api, oidc.issuer)
  const admin = postgres(world.adminUrl, { max: 2, onnotice: () => undefined })
  const until: System['until'] = async (id, holds) => {
    let last: CaseView | undefined
    for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
      last = await people.view(id).then(
        ({ view }) => view,
        () => undefined,
      )
      if (last !== undefined && holds(last)) return last
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const { state, step, level, evidenceLevel, waiting } = last ?? {}
    throw new Error(`${id} does not go on: ${JSON.stringify({ state, step, level, evidenceLevel, waiting, troubles })}`)
  }
  let rested: Promise<void> | undefined
  const system: System = {
    world,
    admin,
    open,
    temporal: line.client,
    publicUrl,
    startSigner,
    startPipeline: (build = {}) => startOne(build),
    without,
    keys,
    log: running.log,
    emitters,
    people,
    apply,
    until,
    tell: async (events) => {
      let id: CaseId | undefined
      for (const draft of events) {
        const sent = await emitters.send(draft)
        if (draft.type.includes('completion')) id = caseOpenedBy(sent)
      }
      if (id === undefined) throw new Error('no completion among the events')
      return id
    },
    decideAsAsked: async (id, decision) => {
      const sub = people.asked(await until(id, (view) => people.asked(view) !== undefined)) ?? ''
      const { status } = await people.decide(sub, id, decision)
      // Something came in between: a person would look again.
      if (status === 412) return system.decideAsAsked(id, decision)
      if (status !== 200 && status !== 202) throw new Error(`${sub} could not decide: ${status}`)
      await until(id, (view) => people.asked(view) !== sub)
      return sub
    },
    rest: async () => {
      rested ??= Promise.all([running.stop(), admin.end({ timeout: 5 })]).then(async () => {
        await Promise.all(opened.map((db) => db.close()))
      })
      await rested
    },
    dispose: async () => {
      await system.rest()
      rmSync(running.keysDir, { recursive: true, force: true })
      await world.dispose()
    },
  }
  return system
}

async function startProcesses(world: World, open: (role: Role) => Db) {
  const line = await connectTemporal(world.temporal)
  const log = await startWorldLog(world, open('bevis_sequencer'))
  const oidc = await startLogin()
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}`
  const api = await startApi(
    {
      db: open('bevis_api'),
      temporal: line,
      tokens: accessTokens({ issuer: oidc.issuer, audience: API_AUDIENCE }),
      login: { issuer: oidc.issuer, certified: ['loa2', 'loa3', 'loa4'] },
      publicUrl,
      logDir: log.dir,
      policyOf: policiesIn(log.policyDir),
    },
    { port },
  )
  const keysDir = join(dirname(world.secretsFile), 'keys')
  const keys = openKeyStore({ dir: keysDir, secret: randomBytes(32), base: publicUrl })
  const { temporal } = world
  const ownBundle = await world.workflowBundle()
  const pipelines: RunningPipeline[] = []
  const startOne = async ({ buildId, workflowBundlePath = ownBundle }: PipelineBuild) => {
    const dbs = { pipeline: open('bevis_pipeline'), cohorts: open('bevis_pipeline') }
    const started = await startPipeline({ temporal, dbs, workflowBundlePath, buildId })
    pipelines.push(started)
    return started
  }
  const signers: RunningWorker[] = []
  const startSigner = async () => {
    const { policyDir } = log
    signers.push(
      await startSigning({ temporal, client: line.client, db: open('bevis_signing'), keys, publicUrl, policyDir }),
    )
  }
  const connect = (name: 'intake' | 'relay') => world.nats.connect(world.nats.identity(name))
  const troubles: string[] = []
  const onTrouble = (error: unknown) => troubles.push(String(error))
  const intakeDb = open('bevis_intake')
  const relay = relayOf(open('bevis_relay'), line.client, await connect('relay'))
  const relaying = looping((signal) => runRelay(relay, signal))
  /** What starts each process that may be away, and gives what stops it. */
  const starts = {
    intake: async () => {
      const nats = await connect('intake')
      const taking = looping((signal) => runIntake({ db: intakeDb, temporal: line.client, nats, onTrouble }, signal))
      return async () => {
        await taking()
        await nats.close()
      }
    },
    pipeline: async () => {
      await startOne({})
      return stopPipelines
    },
  }
  const stopPipelines = async () => {
    await Promise.all(pipelines.splice(0).map((worker) => worker.shutdown()))
  }
  const stops = { intake: await starts.intake(), pipeline: stopPipelines }
  return {
    api,
    oidc,
    line,
    keys,
    keysDir,
    log,
    troubles,
    publicUrl,
    startSigner,
    startPipeline: startOne,
    without: async (process: keyof typeof starts, work: () => Promise<void>) => {
      await stops[process]()
      await work()
      stops[process] = await starts[process]()
    },
    stop: async () => {
      await Promise.all([relaying(), stops.intake()])
      await Promise.all([...pipelines, ...signers].map((worker) => worker.shutdown()))
      await log.stop()
      await api.close()
      await oidc.stop()
      await line.close()
    },
  }
}

function relayOf(db: Db, temporal: TemporalClient, connection: NatsConnection) {
  return { db, temporal, nats: jetStream(connection), record: markKeeper({ db, marks: markStore(connection) }) }
}

/** Runs until the answer is called, and waits for the end. */
function looping(run: (signal: AbortSignal) => Promise<void>): () => Promise<void> {
  const stop = new AbortController()
  const ended = run(stop.signal)
  return async () => {
    stop.abort()
    await ended
  }
}

/** The address stands in credentials, so it must be known before the API is there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function startLogin() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'ES256', use: 'sig' }
  return startOidc({ port: 0, keys: [key], people: readPeople() })
}
