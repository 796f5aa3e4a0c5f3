/** Institutions' signing keys on disk, private halves encrypted; without it there is nobody to sign for an institution (audit-log §15). */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose'
import { isObject } from '#credentials/bytes.ts'
import { CredentialError } from '#credentials/errors.ts'
import { algOf, type PublicJwk, publicJwk, type SigningAlg } from '#credentials/signing/public-key.ts'
import { type Sealed, seal, unseal } from '#credentials/signing/seal.ts'

/** `retiring` may still sign what is dated inside its window; of a `retired` key the private half is destroyed. */
export type KeyStatus = 'active' | 'retiring' | 'retired'

/** Public half with its window: all that verifying needs, for ever. `until` is exclusive. */
export interface PublicKeyRow {
  readonly institution: string
  /** `<base>/institutions/<id>/keys/<RFC 7638 thumbprint>`: dereferences to the JWK (Open Badges 3.0 §8.2.3). */
  readonly kid: string
  readonly jwk: PublicJwk
  readonly alg: SigningAlg
  readonly from: string
  readonly until?: string
  readonly status: KeyStatus
}

/** A key that can sign; the bytes never leave the process. */
export interface SigningKey {
  readonly institution: string
  readonly kid: string
  readonly alg: SigningAlg
  readonly key: CryptoKey
}

/** An entry of the served key set; `nbf` and `exp` (seconds) are its window, as in OpenID Federation's key history. */
export type PublishedJwk = PublicJwk & {
  readonly kid: string
  readonly alg: SigningAlg
  readonly use: 'sig'
  readonly nbf: number
  readonly exp?: number
}

export interface KeyStore {
  /** New key for an institution, valid from `at` on; ES256 where nothing is said, because every verifier knows it. */
  createKey(institution: string, at: string, alg?: SigningAlg): Promise<PublicKeyRow>
  /** New key from `at` on, of the present key's kind unless said; every earlier one ends there and becomes `retiring`. Returns the new one. */
  rotate(institution: string, at: string, alg?: SigningAlg): Promise<PublicKeyRow>
  /** Destroys the private half. Documents signed with it go on verifying. @throws CredentialError `key-unknown` */
  retire(institution: string, kid: string): Promise<PublicKeyRow>
  /** The key whose window holds `at`, newest first; undefined when there is none that may sign. */
  activeKey(institution: string, at: string): Promise<SigningKey | undefined>
  /** All public halves, of every institution, retired ones too. */
  publicKeys(): Promise<PublicKeyRow[]>
  jwks(institution: string): Promise<{ readonly keys: readonly PublishedJwk[] }>
}

interface KeyFile extends PublicKeyRow {
  readonly sealed?: Sealed
}

interface StoreOptions {
  /** Folder of the store; one folder per institution, one file per key, readable by the owner only. */
  readonly dir: string
  /** 32 bytes that encrypt the private halves. */
  readonly secret: Uint8Array
  /** Public base URL without trailing slash; chosen once, because every `kid` begins with it (contracts §2). */
  readonly base: string
}

/**
 * Opens the file key store. Files are read afresh on every call, so a rotation in one process is seen by the next signature in
 * another.
 *
 * @throws CredentialError `key-secret-length`; later `key-secret-wrong` or `key-file-damaged` when a key is used
 */
export function openKeyStore({ dir, secret, base }: StoreOptions): KeyStore {
  if (secret.length !== 32) throw new CredentialError('key-secret-length', 'secret')

  const createKey = async (institution: string, at: string, alg: SigningAlg = 'ES256'): Promise<PublicKeyRow> => {
    const pair = await generateKeyPair(alg, { extractable: true })
    const jwk = publicJwk(await exportJWK(pair.publicKey))
    if (jwk === undefined) throw new CredentialError('key-file-damaged', 'new key')
    const kid = `${base}/institutions/${institution}/keys/${await calculateJwkThumbprint(jwk)}`
    const row: PublicKeyRow = { institution, kid, jwk, alg, from: at, status: 'active' }
    const privateJwk = Buffer.from(JSON.stringify(await exportJWK(pair.privateKey)))
    await writeKey(dir, { ...row, sealed: seal(privateJwk, secret, kid) })
    return row
  }

  const rotate = async (institution: string, at: string, alg?: SigningAlg): Promise<PublicKeyRow> => {
    const before = await readKeys(dir, institution)
    const present = presentKey(before)
    // The new key first: a crash in between leaves two that may sign, never none.
    const fresh = await createKey(institution, at, alg ?? present?.alg)
    for (const file of before) {
      if (file.until !== undefined) continue
      await writeKey(dir, { ...file, until: at, status: 'retiring' })
    }
    return fresh
  }

  const retire = async (institution: string, kid: string): Promise<PublicKeyRow> => {
    const file = (await readKeys(dir, institution)).find((one) => one.kid === kid)
    if (file === undefined) throw new CredentialError('key-unknown', kid)
    const row: PublicKeyRow = { ...publicRow(file), status: 'retired' }
    await writeKey(dir, row)
    return row
  }

  const activeKey = async (institution: string, at: string): Promise<SigningKey | undefined> => {
    const usable = (await readKeys(dir, institution)).filter((file) => file.sealed !== undefined && holds(file, at))
    const file = usable.toSorted(newestFirst)[0]
    return file?.sealed === undefined ? undefined : openKey(file, unseal(file.sealed, secret, file.kid))
  }

  return {
    createKey,
    rotate,
    retire,
    activeKey,
    publicKeys: async () => {
      const institutions = await listed(dir)
      return (await Promise.all(institutions.map((one) => readKeys(dir, one)))).flat().map(publicRow)
    },
    jwks: async (institution) => ({ keys: (await readKeys(dir, institution)).map(publishedJwk) }),
  }
}

/** The key whose window is open, newest first: the one that a rotation ends. */
export function presentKey(rows: readonly PublicKeyRow[]): PublicKeyRow | undefined {
  return rows.filter(({ until }) => until === undefined).toSorted(newestFirst)[0]
}

/** A public row as an entry of the institution's key set (RFC 7517); `exp` is rounded up, as a document's moment is rounded down. */
export function publishedJwk({ jwk, kid, alg, from, until }: PublicKeyRow): PublishedJwk {
  const window = { nbf: seconds(from), ...(until === undefined ? {} : { exp: Math.ceil(Date.parse(until) / 1000) }) }
  return { ...jwk, kid, alg, use: 'sig', ...window }
}

function holds({ from, until }: PublicKeyRow, at: string): boolean {
  const moment = Date.parse(at)
  return Date.parse(from) <= moment && (until === undefined || moment < Date.parse(until))
}

function newestFirst(a: PublicKeyRow, b: PublicKeyRow): number {
  return Date.parse(b.from) - Date.parse(a.from) || (a.kid < b.kid ? -1 : 1)
}

function seconds(at: string): number {
  return Math.floor(Date.parse(at) / 1000)
}

async function openKey({ institution, kid, jwk, alg }: KeyFile, privateJwk: Uint8Array): Promise<SigningKey> {
  const secretHalf: unknown = JSON.parse(Buffer.from(privateJwk).toString('utf8'))
  // A swapped public half would publish one key and sign with another.
  if (!isObject(secretHalf) || !isDeepStrictEqual(publicJwk(secretHalf), jwk) || algOf(jwk) !== alg) {
    throw new CredentialError('key-file-damaged', kid)
  }
  const key = await importJWK(secretHalf, alg)
  if (key instanceof Uint8Array) throw new CredentialError('key-file-damaged', kid)
  return { institution, kid, alg, key }
}

function publicRow({ institution, kid, jwk, alg, from, until, status }: KeyFile): PublicKeyRow {
  return { institution, kid, jwk, alg, from, status, ...(until === undefined ? {} : { until }) }
}

/** An institution's id becomes a folder name: a slug and nothing else. */
function folder(dir: string, institution: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(institution)) throw new CredentialError('institution-id-malformed', 'institution')
  return join(dir, institution)
}

async function listed(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).toSorted((a, b) => (a < b ? -1 : 1))
  } catch (error) {
    if (isObject(error) && error['code'] === 'ENOENT') return []
    throw error
  }
}

async function readKeys(dir: string, institution: string): Promise<KeyFile[]> {
  const home = folder(dir, institution)
  const names = (await listed(home)).filter((name) => name.endsWith('.json'))
  return Promise.all(names.map((name) => readKey(join(home, name), institution)))
}

async function readKey(path: string, institution: string): Promise<KeyFile> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (!isObject(value) || value['institution'] !== institution || !isObject(value['jwk'])) {
    throw new CredentialError('key-file-damaged', path.slice(path.lastIndexOf('/') + 1))
  }
  return value as unknown as KeyFile
}

/** Written aside and renamed, so that a crash leaves the old file or the new one, never half. */
async function writeKey(dir: string, file: KeyFile): Promise<void> {
  const home = folder(dir, file.institution)
  await mkdir(home, { recursive: true, mode: 0o700 })
  const path = join(home, `${file.kid.slice(file.kid.lastIndexOf('/') + 1)}.json`)
  const aside = `${path}.${process.pid}.new`
  await writeFile(aside, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600, flush: true })
  await rename(aside, path)
}
