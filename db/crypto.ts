/** Encryption per person. Without it erasing somebody would mean finding every copy; with it one key is destroyed (contracts §10). */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { sql } from 'drizzle-orm'
import { b64url, hex } from '#audit/digest.ts'
import { type Keys, list, type Tx } from '#db/client.ts'
import type { InstitutionId, PersonId } from '#domain/words.ts'

/** Seals and opens bytes of persons. `purpose` (`evidence`, `verdict:<gate>`, a row's id …) must be the same both times. */
export interface SubjectCipher {
  /** False for a person who was not asked for, and for one whose key is destroyed (erased): such a person never gets another. */
  knows(subject: PersonId): boolean
  /** @throws CryptoError `no-key` when the person was not among those asked for, or the key is gone */
  seal(subject: PersonId, purpose: string, bytes: Uint8Array): Uint8Array
  /** @throws CryptoError `no-key`, or `not-authentic` for a wrong purpose, person or institution and for changed bytes */
  open(subject: PersonId, purpose: string, bytes: Uint8Array): Uint8Array
}

/** For bytes that belong to nobody known yet: dead letters, events whose learner is unresolved. */
export interface InstitutionCipher {
  seal(purpose: string, bytes: Uint8Array): Uint8Array
  /** @throws CryptoError `not-authentic` */
  open(purpose: string, bytes: Uint8Array): Uint8Array
}

export class CryptoError extends Error {
  readonly code: 'no-key' | 'not-authentic'
  constructor(code: 'no-key' | 'not-authentic', what: string) {
    super(`${code}: ${what}`)
    this.code = code
  }
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/**
 * Cipher for a set of persons: reads their keys, creates those that are missing, three statements at most however many there are. Sealing
 * happens in memory, so ask once per transaction with everybody.
 */
export async function subjectCipher(tx: Tx, subjects: readonly PersonId[]): Promise<SubjectCipher> {
  const wanted = [...new Set(subjects)].toSorted()
  const found = await storedKeys(tx, wanted)
  const missing = wanted.filter((subject) => !found.has(subject))
  if (missing.length === 0) return cipherOver(tx, found)
  await createKeys(tx, missing)
  return cipherOver(tx, await storedKeys(tx, wanted))
}

/** The same for readers: creates nothing, so an erased person stays unknown instead of getting a key that opens nothing. */
export async function existingCipher(tx: Tx, subjects: readonly PersonId[]): Promise<SubjectCipher> {
  return cipherOver(tx, await storedKeys(tx, subjects))
}

/** Those of the persons whose key is destroyed. */
export async function erasedAmong(tx: Tx, subjects: readonly PersonId[]): Promise<PersonId[]> {
  if (subjects.length === 0) return []
  const rows = await tx.execute<{ subject: PersonId }>(sql`
    select subject from subject_key
    where institution = ${tx.institution} and subject = any(${list(subjects)}::text[]) and wrapped is null order by subject`)
  return rows.map(({ subject }) => subject)
}

/** Cipher under the institution's own key; `null` for events that did not even name one. */
export function institutionCipher(keys: Keys, institution: InstitutionId | null): InstitutionCipher {
  const key = derive(keys.kek, 'institution', institution ?? '')
  return {
    seal: (purpose, bytes) => seal(key, context(institution ?? '', purpose, ''), bytes),
    open: (purpose, bytes) => open(key, context(institution ?? '', purpose, ''), bytes),
  }
}

/** HMAC-SHA-256 of a person reference under the institution's key: found again, never read back (contracts §3). 32 bytes. */
export function referenceDigest(
  keys: Keys,
  institution: InstitutionId,
  reference: { readonly scheme: string; readonly value: string },
): Uint8Array {
  return hmac(derive(keys.hmac, 'reference', institution), JSON.stringify([reference.scheme, reference.value]))
}

/** HMAC-SHA-256 of content, so that "the same event again" can be told without an open digest of personal data. 32 bytes. */
export function contentDigest(keys: Keys, institution: InstitutionId | null, bytes: Uint8Array): Uint8Array {
  return hmac(derive(keys.hmac, 'content', institution ?? ''), bytes)
}

/** Pseudonym of a person in one institution's log (audit-log §10): base64url, the same every time, unlinkable to other logs. */
export function personPseudonym(keys: Keys, institution: InstitutionId, person: PersonId): string {
  return b64url(hmac(derive(keys.hmac, 'actor', institution), person))
}

/** Private part of the key that personal values in events are sealed to (db/intake-key.ts). 32 bytes. */
export function intakeSeed(keys: Keys, institution: InstitutionId): Uint8Array {
  return derive(keys.kek, 'intake-key', institution).export()
}

function cipherOver(tx: Tx, keys: ReadonlyMap<string, KeyObject>): SubjectCipher {
  const keyOf = (subject: PersonId): KeyObject => {
    const key = keys.get(subject)
    if (key === undefined) throw new CryptoError('no-key', subject)
    return key
  }
  return {
    knows: (subject) => keys.has(subject),
    seal: (subject, purpose, bytes) => seal(keyOf(subject), context(tx.institution, purpose, subject), bytes),
    open: (subject, purpose, bytes) => open(keyOf(subject), context(tx.institution, purpose, subject), bytes),
  }
}

/** Keys a transaction has unwrapped: every step of it asks for the same persons again. Gone with the transaction. */
const unwrapped = new WeakMap<Tx, Map<string, KeyObject>>()

function unwrappedIn(tx: Tx): Map<string, KeyObject> {
  const known = unwrapped.get(tx) ?? new Map<string, KeyObject>()
  unwrapped.set(tx, known)
  return known
}

async function storedKeys(tx: Tx, subjects: readonly PersonId[]): Promise<ReadonlyMap<string, KeyObject>> {
  const known = unwrappedIn(tx)
  const asked = subjects.filter((subject) => !known.has(subject))
  if (asked.length > 0) for (const [subject, key] of await readKeys(tx, asked)) known.set(subject, key)
  return new Map(
    subjects.flatMap((subject) => {
      const key = known.get(subject)
      return key === undefined ? [] : [[subject, key] as const]
    }),
  )
}

async function readKeys(tx: Tx, subjects: readonly PersonId[]): Promise<(readonly [string, KeyObject])[]> {
  const rows = await tx.execute<{ subject: string; wrapped: Uint8Array }>(sql`
    select subject, wrapped from subject_key
    where institution = ${tx.institution} and subject = any(${list(subjects)}::text[]) and wrapped is not null`)
  const wrapping = derive(tx.keys.kek, 'wrap', tx.institution)
  return rows.map(({ subject, wrapped }) => [
    subject,
    createSecretKey(open(wrapping, context(tx.institution, 'key', subject), wrapped)),
  ])
}

/**
 * Another transaction may have been first: of the keys drawn here only those that were stored count, the others are to be read. The
 * row of a destroyed key stays, so that none is stored in its place.
 */
async function createKeys(tx: Tx, subjects: readonly PersonId[]): Promise<void> {
  const wrapping = derive(tx.keys.kek, 'wrap', tx.institution)
  const drawn = new Map(subjects.map((subject) => [subject, randomBytes(keyBytes)]))
  const wrapped = [...drawn].map(([subject, key]) => hex(seal(wrapping, context(tx.institution, 'key', subject), key)))
  const stored = await tx.execute<{ subject: PersonId }>(sql`
    insert into subject_key (institution, subject, wrapped)
    select ${tx.institution}, u.subject, decode(u.wrapped, 'hex')
    from unnest(${list(subjects)}::text[], ${list(wrapped)}::text[]) with ordinality as u(subject, wrapped, place)
    order by u.place
    on conflict do nothing
    returning subject`)
  const known = unwrappedIn(tx)
  for (const { subject } of stored) known.set(subject, createSecretKey(drawn.get(subject) ?? new Uint8Array()))
}

/** Random bytes no nonce has been cut from. Drawn by the hundred: to ask the system for twelve takes as long as to seal a row. */
let random = Buffer.alloc(0)

function newNonce(): Uint8Array {
  if (random.length < nonceBytes) random = randomBytes(nonceBytes * 256)
  const nonce = random.subarray(0, nonceBytes)
  random = random.subarray(nonceBytes)
  return nonce
}

/** AES-256-GCM, fresh nonce: nonce ‖ ciphertext ‖ tag. */
function seal(key: KeyObject, about: Uint8Array, bytes: Uint8Array): Uint8Array {
  const nonce = newNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(about)
  return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()])
}

function open(key: KeyObject, about: Uint8Array, sealed: Uint8Array): Uint8Array {
  if (sealed.length < nonceBytes + tagBytes) throw new CryptoError('not-authentic', 'too short')
  const body = sealed.subarray(nonceBytes, sealed.length - tagBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(about)
    .setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    throw new CryptoError('not-authentic', 'bytes or context differ')
  }
}

/** Additional data: a sealed value moved to another row, person or institution does not open. */
function context(institution: string, purpose: string, id: string): Uint8Array {
  return Buffer.from(JSON.stringify([institution, purpose, id]))
}

/**
 * Keys derived from each secret this process holds, by their info: asked for with every reference and every row. Key objects, since
 * `node:crypto` makes one of bare bytes at every use, which takes longer than sealing a row.
 */
const derived = new WeakMap<Uint8Array, Map<string, KeyObject>>()

/** One key, one purpose, one institution (audit-log §4): RFC 5869 expands the secret for each. */
function derive(secret: Uint8Array, purpose: string, institution: string): KeyObject {
  const info = JSON.stringify(['bevis', purpose, institution])
  const ofSecret = derived.get(secret) ?? new Map<string, KeyObject>()
  derived.set(secret, ofSecret)
  const key = ofSecret.get(info) ?? createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', info, keyBytes)))
  ofSecret.set(info, key)
  return key
}

function hmac(key: KeyObject, data: Uint8Array | string): Uint8Array {
  return createHmac('sha256', key).update(data).digest()
}
