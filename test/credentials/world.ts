/** A small issuing world for the tests: a key store on disk, a published key set and a status list, all real. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type IssuedDocument, issue } from '#credentials/signing/issue.ts'
import { type KeyStore, openKeyStore, type SigningKey } from '#credentials/signing/keys.ts'
import { type Prepared, type PrepareRequest, prepare } from '#credentials/signing/prepared.ts'
import { type StatusListRequest, signStatusList } from '#credentials/status/list-credential.ts'
import type { VerifyContext } from '#credentials/verify.ts'
import type { Band } from '#domain/words.ts'
import { base, issuer, request } from './sample.ts'

export const caseId = 'case_aebagbafaydqqcik'
export const now = '2026-03-02T10:00:00.000Z'
export const listUrl = `${issuer.id}/status-lists/1`

export interface World {
  /** Folder of the key store. */
  readonly dir: string
  readonly keys: KeyStore
  readonly key: SigningKey
  readonly close: () => Promise<void>
}

export async function openWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'bevis-world-'))
  const keys = openKeyStore({ dir, secret: new Uint8Array(32).fill(1), base })
  await keys.createKey('norrsken', '2026-01-01T00:00:00.000Z')
  return { dir, keys, key: await keyAt(keys, now), close: () => rm(dir, { recursive: true }) }
}

export async function keyAt(keys: KeyStore, at: string): Promise<SigningKey> {
  const key = await keys.activeKey('norrsken', at)
  if (key === undefined) throw new Error('no key')
  return key
}

export function prepareRequest(band: Band, changes: Partial<PrepareRequest> = {}): PrepareRequest {
  return { ...request(band), caseId, formats: ['ob3-jwt'], ...changes }
}

export function token(band: Band, changes: Partial<PrepareRequest> = {}): Prepared {
  const outcome = prepare(prepareRequest(band, changes))
  if (outcome.kind !== 'prepared') throw new Error(JSON.stringify(outcome.findings))
  return outcome.token
}

export async function issued(
  keys: KeyStore,
  band: Band,
  changes: Partial<PrepareRequest> = {},
): Promise<IssuedDocument> {
  const outcome = await issue(token(band, changes), keys, { institution: 'norrsken', caseId })
  const [document] = outcome.kind === 'issued' ? outcome.documents : []
  if (document === undefined) throw new Error(JSON.stringify(outcome))
  return document
}

export function statusList(key: SigningKey, changes: Partial<StatusListRequest> = {}): Promise<string> {
  return signStatusList(
    {
      url: listUrl,
      issuer: issuer.id,
      purpose: 'revocation',
      set: [],
      at: '2026-03-02T09:00:00.000Z',
      validUntil: '2026-03-03T09:00:00.000Z',
      ttl: 300_000,
      ...changes,
    },
    key,
  )
}

/** What a verifier can reach: the key set and one list. */
export function reach(keys: KeyStore, list: string, changes: Partial<VerifyContext> = {}): VerifyContext {
  return {
    now,
    resolveKeys: async (id) =>
      id === issuer.id ? { kind: 'found', value: (await keys.jwks('norrsken')).keys } : { kind: 'not-found' },
    resolveStatusList: async (url) => (url === listUrl ? { kind: 'found', value: list } : { kind: 'not-found' }),
    ...changes,
  }
}
