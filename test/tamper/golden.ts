/**
 * One honest world, made once by the real processes: issued cases, one that stands cleared and waits for its signature, a log that two
 * witnesses have cosigned. Each manipulation gets a copy of its own: database, files, keys, witnesses.
 */
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import postgres from 'postgres'
import { trailsPackage } from '#api/audit-package/trails-package.ts'
import { cosigner } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import type { HttpServer } from '#connectors/platform/listen.ts'
import { type LogLock, logLock } from '#connectors/platform/nats-lock.ts'
import { type Db, inInstitution, type Keys, openDb } from '#db/client.ts'
import { caseWorkflowId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { type LogNow, readCheckpoint, readLog } from '#db/log.ts'
import type { Role } from '#db/rights.ts'
import { databaseAt, roleUrl } from '#dev/roles.ts'
import { as, type CaseId, type Instant, type PersonId } from '#domain/words.ts'
import { logFiles } from '#workers/log/files.ts'
import { tellHeads } from '#workers/log/heads.ts'
import { logRound } from '#workers/log/keeper.ts'
import { openLogKey } from '#workers/log/keys.ts'
import type { Publisher } from '#workers/log/publish.ts'
import { policyWitnesses } from '#workers/log/witnesses.ts'
import { knownLogs } from '#workers/witness/known-logs.ts'
import { startWitness } from '#workers/witness/serve.ts'
import { openWitnessStore } from '#workers/witness/store.ts'
import { courseC, joined, offeringOf, webinar } from '../e2e/courses.ts'
import { norrsken } from '../e2e/emitters.ts'
import { type System, startSystem } from '../e2e/system.ts'

const witnessNames = ['first', 'partner'] as const

/** Everything a manipulation may touch; nobody else sees it. */
export interface Scene {
  readonly golden: Golden
  /** Superuser of this copy. */
  readonly admin: postgres.Sql
  /** A connection of its own under one of our roles. */
  as(role: Role): postgres.Sql
  /** The pool of one of our processes. */
  db(role: Role): Db
  /** Folder of an audit package of the first issued case, profile `court`. */
  readonly package: string
  /** Files of the log: `checkpoint`, `tile/…`. */
  readonly files: string
  readonly lock: LogLock
  /** Seed of the log's key, as a thief would have it. */
  readonly stolen: Uint8Array
  readonly witnesses: readonly HttpServer[]
  /** What the log's worker stands on; `quorum` false: a policy that asks no witness. */
  publisher(options?: { readonly quorum?: boolean }): Promise<Publisher>
  /** The log's worker, until it has nothing more to do; answers where the log then stands. */
  work(options?: { readonly quorum?: boolean }): Promise<LogNow>
}

export interface Golden {
  readonly system: System
  readonly origin: string
  readonly vkey: string
  readonly policyText: string
  /** The institution's own trail. */
  readonly ownTrail: string
  /** Two issued cases. */
  readonly issued: readonly CaseId[]
  /** Cleared, and not signed. */
  readonly cleared: CaseId
  stage<T>(act: (scene: Scene) => Promise<T>): Promise<T>
  dispose(): Promise<void>
}

export async function makeGolden(): Promise<Golden> {
  const system = await startSystem({ signer: false })
  // Learners of their own: what happens to one would raise the version of the other's running cases.
  const session = (learner: string, key: string) =>
    webinar(offeringOf(learner, 'validering-information', key), joined, { login: false })
  const cleared = await system.tell(session('10', 'cleared'))
  await system.until(cleared, ({ state }) => state === 'cleared')
  // Nobody signs it: the workflow that would ask for it is gone.
  await system.temporal.workflow.getHandle(caseWorkflowId(norrsken, cleared)).terminate('for the suite')
  await system.startSigner()
  const issued = [await system.tell(session('13', 'one')), await system.tell(session('14', 'two'))]
  for (const id of issued) await system.until(id, ({ state }) => state === 'issued')
  // One more waits for its examiner: a trail that has no end yet.
  const open = await system.tell(courseC(offeringOf('09', 'handledning-i-varden', 'open')))
  await system.until(open, ({ state }) => state === 'deciding')
  await system.rest()

  const folder = mkdtempSync(join(tmpdir(), 'bevis-tamper-'))
  const seeds = witnessNames.map(() => new Uint8Array(randomBytes(32)))
  const database = new URL(system.world.adminUrl).pathname.slice(1)
  const connection = await system.world.nats.connect(system.world.nats.identity('log'))
  const lock = await logLock(connection)
  const whole: { golden?: Golden } = {}
  const base = {
    folder,
    seeds,
    lock,
    adminUrl: system.world.adminUrl,
    secrets: system.world.secrets,
    golden: () => whole.golden ?? unfinished(),
  }
  mkdirSync(join(folder, 'policy'), { recursive: true })
  // The log of the system goes on here, with its key, under two witnesses of ours.
  cpSync(system.log.keysDir, join(folder, 'keys'), { recursive: true })
  cpSync(join(system.log.dir, norrsken), join(folder, 'log'), { recursive: true })
  const first = await openScene({ ...base, url: base.adminUrl })
  const { size } = await first.scene.work()
  await tellHeads(first.scene.db('bevis_sequencer'), norrsken, { size, everySeconds: 0 })
  await first.scene.work()
  // As somebody has it who asked for the first case; the entry that tells of it comes after the checkpoint.
  unpackInto(join(folder, 'package'), await exported(first.scene, issued.slice(0, 1)))
  await first.scene.work()
  const { origin, trail: ownTrail } = await inInstitution(first.scene.db('bevis_sequencer'), norrsken, readInstitution)
  const held = await lock.read(norrsken)
  await first.close()
  const { key } = await keyOf(folder, origin)
  // What was issued before was seen by the witness the system had then.
  const policyText = readFileSync(join(folder, 'policy', `${norrsken}.policy`), 'utf8').replace(
    'quorum both',
    `${systemWitness(system)}\ngroup either any both own\nquorum either`,
  )
  whole.golden = {
    system,
    issued,
    cleared,
    origin,
    ownTrail,
    policyText,
    vkey: key.signer.vkey,
    stage: async <T>(act: (scene: Scene) => Promise<T>): Promise<T> => {
      const copy = await copyOf({ adminUrl: base.adminUrl, database, folder })
      // The lock is outside every copy: it is put back to what the honest world had signed.
      const now = await lock.read(norrsken)
      if (held !== undefined && now?.note !== held.note) await lock.replace(norrsken, now, held.note)
      const { scene, close } = await openScene({ ...base, folder: copy.folder, url: copy.url })
      try {
        return await act(scene)
      } finally {
        await close()
        await copy.remove()
      }
    },
    dispose: async () => {
      rmSync(folder, { recursive: true, force: true })
      await system.dispose()
    },
  }
  return whole.golden
}

function systemWitness({ log }: System): string {
  const policy = readFileSync(join(log.policyDir, `${norrsken}.policy`), 'utf8')
  return policy.split('\n').find((line) => line.startsWith('witness own ')) ?? unfinished()
}

async function exported(scene: Scene, cases: readonly CaseId[]): Promise<Uint8Array> {
  const db = scene.db('bevis_api')
  const [officer] = await scene.admin<{ person: PersonId }[]>`
    select body ->> 'person' as person from register_item where kind = 'appointment' and body ->> 'role' = 'officer' limit 1`
  const caller = {
    person: officer?.person ?? unfinished(),
    humans: [],
    roles: ['officer'],
    appointed: ['officer'],
    loa: 3,
    acr: 'https://refeds.org/profile/mfa',
    authTime: as<Instant>(new Date().toISOString()),
  } as const
  const checkpoint = await inInstitution(db, norrsken, (tx) => readCheckpoint(tx))
  const place = { db, institution: norrsken, caller, policy: undefined }
  const scope = { profile: 'court', checkpoint: checkpoint ?? unfinished() } as const
  const parts: Uint8Array[] = []
  for await (const part of await trailsPackage(place, { purpose: 'audit', cases, scope })) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

/** A package may lie there as a folder, too. */
function unpackInto(folder: string, archive: Uint8Array): void {
  for (const [path, bytes] of Object.entries(unzipSync(archive))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

function unfinished(): never {
  throw new Error('the honest world is not finished')
}

interface At {
  readonly folder: string
  readonly seeds: readonly Uint8Array[]
  readonly lock: LogLock
  readonly adminUrl: string
  readonly url: string
  readonly secrets: Keys
  readonly golden: () => Golden
}

/** A copy of the database, which nobody may be using, and of the files. */
async function copyOf({ adminUrl, database, folder }: { adminUrl: string; database: string; folder: string }) {
  const name = `world_${randomBytes(8).toString('hex')}`
  const maintenance = postgres(databaseAt(adminUrl, 'postgres'), { max: 1, onnotice: () => undefined })
  await maintenance`create database ${maintenance(name)} template ${maintenance(database)}`
  const copy = mkdtempSync(join(tmpdir(), 'bevis-tamper-'))
  cpSync(folder, copy, { recursive: true })
  return {
    url: databaseAt(adminUrl, name),
    folder: copy,
    remove: async () => {
      await maintenance`drop database ${maintenance(name)} with (force)`
      await maintenance.end({ timeout: 5 })
      rmSync(copy, { recursive: true, force: true })
    },
  }
}

const keyOf = async (folder: string, origin: string) => {
  const at = { keysDir: join(folder, 'keys'), policyDir: join(folder, 'policy') }
  return { key: await openLogKey(at, { institution: norrsken, origin }) }
}

async function openScene({
  folder,
  seeds,
  lock,
  url,
  secrets,
  golden,
}: At): Promise<{ scene: Scene; close: () => Promise<void> }> {
  const admin = postgres(url, { max: 2, onnotice: () => undefined })
  const pools = new Map<string, Db>()
  const lines: postgres.Sql[] = []
  const db = (role: Role): Db => {
    const known = pools.get(role) ?? openDb(roleUrl(url, role), secrets, { max: 4 })
    pools.set(role, known)
    return known
  }
  const witnesses = await Promise.all(seeds.map((seed, index) => witnessAt(folder, index, seed)))
  writePolicyTemplate(folder, seeds, witnesses)
  const publisher: Scene['publisher'] = async ({ quorum = true } = {}) => {
    const { origin } = await inInstitution(db('bevis_sequencer'), norrsken, readInstitution)
    const { key } = await keyOf(folder, origin)
    const text = policyOf({ vkey: key.signer.vkey, seeds, witnesses, quorum })
    writeFileSync(join(folder, 'policy', `${norrsken}.policy`), text)
    return {
      db: db('bevis_sequencer'),
      institution: norrsken,
      lock,
      witnesses: policyWitnesses(),
      standing: async () => ({
        key,
        follows: undefined,
        policy: parsePolicy(text),
        files: logFiles(join(folder, 'log')),
      }),
    }
  }
  const work: Scene['work'] = async (options) => {
    const ready = await publisher(options)
    const dependencies = { db: ready.db, publisherOf: () => ready }
    while ((await logRound(dependencies, norrsken)) === 'more');
    const now = await inInstitution(ready.db, norrsken, readLog)
    if (now === undefined) throw new Error('the log has no state')
    return now
  }
  const scene: Scene = {
    get golden() {
      return golden()
    },
    admin,
    db,
    as: (role) => {
      const line = postgres(roleUrl(url, role), { max: 1, onnotice: () => undefined })
      lines.push(line)
      return line
    },
    package: join(folder, 'package'),
    files: join(folder, 'log'),
    lock,
    get stolen() {
      return new Uint8Array(
        Buffer.from(readFileSync(join(folder, 'keys', `${norrsken}.seed`), 'utf8').trim(), 'base64'),
      )
    },
    witnesses,
    publisher,
    work,
  }
  const close = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.close()))
    await Promise.all([admin, ...lines].map((line) => line.end({ timeout: 5 })))
    await Promise.all(witnesses.map((witness) => witness.close()))
  }
  return { scene, close }
}

function witnessAt(folder: string, index: number, seed: Uint8Array): Promise<HttpServer> {
  const name = witnessNames[index] ?? ''
  return openWitnessStore(join(folder, 'witness', name)).then((store) =>
    startWitness(
      {
        store,
        cosigners: [cosigner(`${name}.witness.example`, seed)],
        logs: knownLogs([join(folder, 'policy')], () => undefined),
        onTrouble: () => undefined,
      },
      { port: 0 },
    ),
  )
}

interface Witnessing {
  readonly vkey: string
  readonly seeds: readonly Uint8Array[]
  readonly witnesses: readonly HttpServer[]
  readonly quorum: boolean
}

/** C2SP tlog-policy: two witnesses, both of them. */
function policyOf({ vkey, seeds, witnesses, quorum }: Witnessing): string {
  return `log ${vkey}\n${witnessLines(seeds, witnesses)}quorum ${quorum ? 'both' : 'none'}\n`
}

function witnessLines(seeds: readonly Uint8Array[], witnesses: readonly HttpServer[]): string {
  const lines = seeds.map((seed, index) => {
    const name = witnessNames[index] ?? ''
    return `witness ${name} ${cosigner(`${name}.witness.example`, seed).vkey} ${witnesses[index]?.url ?? ''}\n`
  })
  return `${lines.join('')}group both all ${witnessNames.join(' ')}\n`
}

function writePolicyTemplate(folder: string, seeds: readonly Uint8Array[], witnesses: readonly HttpServer[]): void {
  writeFileSync(join(folder, 'policy', 'template.policy'), `${witnessLines(seeds, witnesses)}quorum both\n`)
}
