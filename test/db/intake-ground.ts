/** What tests of intake and cases have in common: the demo institution, its emitters' keys, and events as those emitters send them. */
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair } from 'jose'
import postgres from 'postgres'
import { registerItems } from '#config/register/items.ts'
import { loadRegister } from '#config/register/load.ts'
import { type EventKey, signDetached } from '#credentials/signing/jws.ts'
import { type Db, openDb } from '#db/client.ts'
import { applyRegister } from '#db/register.ts'
import type { Role } from '#db/rights.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { createWorld, type World, type WorldOptions } from '../support/world.ts'

export const norrsken = as<InstitutionId>('norrsken')
const registerFolder = fileURLToPath(new URL('../../dev/register/norrsken', import.meta.url))

export interface Message {
  readonly subject: string
  readonly payload: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export interface EventDraft {
  readonly source: string
  readonly type: string
  readonly id?: string
  readonly data: { readonly [name: string]: unknown }
  readonly institution?: string
  readonly sequence?: number
}

export interface IntakeGround {
  readonly world: World
  /** Superuser; reads across all policies. */
  readonly admin: postgres.Sql
  as(role: Role): Db
  /** A message as its emitter sends it, signed where the emitter has a key. */
  readonly message: (draft: EventDraft) => Promise<Message>
  /** Key pairs of the emitters that sign. */
  readonly keys: ReadonlyMap<string, { readonly kid: string; readonly key: EventKey }>
  dispose(): Promise<void>
}

const signers = ['canvas-norrsken', 'provsal-omvardnad', 'provtjanst', 'osce-norrsken', 'bemanning', 'antagning']

export async function makeIntakeGround(options: WorldOptions = {}): Promise<IntakeGround> {
  const world = await createWorld(options)
  const open = new Map<Role, Db>()
  const asRole = (role: Role): Db => {
    const db = open.get(role) ?? openDb(world.url(role), world.secrets, { max: 10 })
    open.set(role, db)
    return db
  }
  const { keys, overlay } = await makeKeys()
  const loaded = loadRegister(registerFolder, { keys: overlay })
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems))
  const by = { ref: 'setup', kind: 'service', role: 'operator' } as const
  await applyRegister(asRole('bevis_api'), registerItems(loaded.register), { by })
  const admin = postgres(world.adminUrl, { max: 2, onnotice: () => undefined })
  return {
    world,
    admin,
    keys,
    as: asRole,
    message: async (draft) => {
      const payload = new TextEncoder().encode(JSON.stringify(eventOf(draft)))
      const signer = keys.get(draft.source)
      const headers: Record<string, string> =
        signer === undefined ? {} : { 'Bevis-Signature': await signDetached(signer.key, payload, signer.kid) }
      return { subject: `completions.${norrsken}.${draft.source}`, payload, headers }
    },
    dispose: async () => {
      await Promise.all([...open.values()].map((db) => db.close()))
      await admin.end({ timeout: 5 })
      await world.dispose()
    },
  }
}

async function makeKeys() {
  const keys = new Map<string, { kid: string; key: EventKey }>()
  const overlay: Record<string, { jwk: never; from: string }> = {}
  for (const id of signers) {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
    const kid = `${id}-key`
    keys.set(id, { kid, key: { alg: 'EdDSA', key: privateKey } })
    overlay[id] = { jwk: { ...(await exportJWK(publicKey)), kid } as never, from: '2024-01-01T00:00:00Z' }
  }
  return { keys, overlay }
}

function eventOf({ source, type, id = randomUUID(), data, institution = norrsken, sequence = 1 }: EventDraft) {
  return { specversion: '1.0', id, source, type, institution, sequence, data }
}

interface About {
  readonly learner?: string
  readonly offering?: string
  readonly attempt?: number
  readonly occasion?: string
  readonly id?: string
}

/** Events of the webinar platform: unsigned, band D–E, may introduce learners. */
export const webb = {
  completion: (about: About = {}): EventDraft => ({
    ...frame(about),
    type: 'org.beviskedja.completion.recorded.v1',
    data: { ...common(about), completedAt: '2026-09-01T15:00:00Z' },
  }),
  participation: (about: About & { teacher?: string } = {}): EventDraft => ({
    ...frame(about),
    type: 'org.beviskedja.participation.recorded.v1',
    data: {
      ...common(about),
      from: '2026-09-01T13:00:00Z',
      until: '2026-09-01T15:00:00Z',
      teaching: {
        organisation: 'norrsken',
        teachers: [{ scheme: 'anstallning', value: about.teacher ?? 'N-1006' }],
        complete: true,
      },
      attendance: {
        activity: 'webinar',
        form: 'live',
        setting: 'online',
        where: 'Webb',
        share: 0.95,
        discussion: true,
      },
    },
  }),
  login: (about: About & { alsoKnownAs?: readonly { scheme: string; value: string }[] } = {}): EventDraft => ({
    ...frame(about),
    type: 'org.beviskedja.identity.checked.v1',
    data: {
      ...common(about),
      at: '2026-09-01T13:00:00Z',
      check: {
        route: 'login',
        assertion: {
          issuer: 'https://idp.norrsken.example',
          acr: 'http://id.elegnamnden.se/loa/1.0/loa2',
          authTime: '2026-09-01T12:59:00Z',
        },
      },
      ...(about.alsoKnownAs === undefined ? {} : { alsoKnownAs: about.alsoKnownAs }),
    },
  }),
  withdrawal: (about: About & { withdraws: string }): EventDraft => ({
    ...frame(about),
    type: 'org.beviskedja.fact.withdrawn.v1',
    data: {
      ...common(about),
      at: '2026-09-03T09:00:00Z',
      withdraws: { id: about.withdraws },
      reason: 'registered for the wrong group',
    },
  }),
}

function frame({ id = randomUUID() }: About): { id: string; source: string } {
  return { id, source: 'webb' }
}

function common({ learner = 'w-0001', offering = 'etik-ht26', attempt = 1, occasion }: About) {
  return {
    learner: { scheme: 'webb', value: learner },
    achievement: 'etik-webbinarium',
    offering,
    attempt,
    ...(occasion === undefined ? {} : { occasion }),
  }
}
