/** The envelope of a trail's entries, `bevis-audit/1`; without it the log would be lines, not evidence (audit-log §4). */
import { canonicalBytes, parseStrict } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { entryProblem } from '#audit/entry-shape.ts'
import { type ActorKind, typeProblem } from '#audit/entry-types.ts'
import { AuditError } from '#audit/errors.ts'

/** Printable ASCII without spaces, at most 512 letters: a code, an id, an address; never a sentence and never a name. */
type Code = string

export interface Actor {
  /** Pseudonym of a person per log, or the service's name. */
  readonly ref: Code
  readonly kind: ActorKind
  readonly role: Code
  /** How a person was known; `auth_time` in seconds since 1970. */
  readonly authn?: { readonly acr: Code; readonly auth_time: number }
}

export interface Entry {
  readonly v: 'bevis-audit/1'
  /** Origin of the log, `<host>/<institution>`: an entry cannot be replayed into another log. */
  readonly log: Code
  /** Random UUID of the trail. */
  readonly trail: string
  /** 1, 2, 3 … without gaps. */
  readonly n: number
  /** base64url of the leaf hash of n−1; of the genesis for n = 1. */
  readonly prev: string
  /** `<case id>:<step>:<evidence version or decision id>`, unique in its trail (contracts §2). */
  readonly id: Code
  readonly type: string
  /** Database clock, UTC with milliseconds. */
  readonly at: string
  /** Claimed by the source; never used for ordering. */
  readonly occurred?: string
  readonly actor: Actor
  readonly act: { readonly meaning: Code; readonly reason?: Code; readonly outcome: Code }
  readonly proc?: { readonly wf?: Code; readonly run?: Code; readonly policy?: Code; readonly build?: Code }
  readonly src?: { readonly emitter: Code; readonly event?: Code }
  /** What the type tells, in codes, integers and lists of codes; required members per type in entry-types.ts. */
  readonly data?: Readonly<Record<string, Code | number | boolean | readonly Code[]>>
  /** Salted digests of every personal or confidential value (disclosure.ts). */
  readonly _sd?: readonly string[]
  /** Evidence blobs, encrypted elsewhere: digest of the ciphertext, bytes, media type. */
  readonly ev?: readonly { readonly digest: string; readonly size: number; readonly mt: Code }[]
}

/** What a caller knows before the database has told position and time. */
export type EntryDraft = Omit<Entry, 'v' | 'log' | 'trail' | 'n' | 'prev' | 'at'>

/** Where a trail stands: `n` 0 and no hash before its first entry. */
export interface TrailHead {
  readonly log: string
  readonly trail: string
  readonly n: number
  /** Leaf hash of entry n, 32 bytes; not read when n is 0. */
  readonly hash: Uint8Array
}

/** C2SP tlog-tiles stores an entry's length in 16 bits. */
const largestLeaf = 0xff_ff

/** Domain-separated hash that stands before a trail's first entry; 32 bytes. */
export function genesis(log: string, trail: string): Uint8Array {
  return sha256(`bevis-audit/1 genesis\n${log}\n${trail}`)
}

/** The entry that follows a head, at the database's time (RFC 3339 UTC with milliseconds). */
export function nextEntry(draft: EntryDraft, head: TrailHead, at: string): Entry {
  const { log, trail } = head
  const prev = head.n === 0 ? genesis(log, trail) : head.hash
  return { ...draft, v: 'bevis-audit/1', log, trail, n: head.n + 1, prev: b64url(prev), at }
}

/**
 * Leaf bytes of an entry: the UTF-8 of its JCS form.
 *
 * @throws AuditError `value-not-canonical`, `entry-malformed`, `entry-type-unknown`, `entry-type-violated`, `entry-too-large`
 */
export function buildLeaf(entry: Entry): Uint8Array {
  const leaf = canonicalBytes(entry)
  const shape = entryProblem(entry)
  if (shape !== undefined) throw new AuditError('entry-malformed', shape)
  const type = typeProblem(entry)
  if (type === 'unknown-type') throw new AuditError('entry-type-unknown', entry.type)
  if (type !== undefined) throw new AuditError('entry-type-violated', `${entry.type} ${type}`)
  if (leaf.length > largestLeaf) throw new AuditError('entry-too-large', entry.type)
  return leaf
}

/**
 * Reads a stored leaf. A type this version does not know is let through: whoever verifies reports it as not checked.
 *
 * @throws AuditError `bytes-not-json`, `bytes-not-canonical`, `entry-malformed`, `entry-too-large`
 */
export function parseLeaf(leaf: Uint8Array): Entry {
  if (leaf.length > largestLeaf) throw new AuditError('entry-too-large', '$')
  const value = parseStrict(leaf)
  const problem = entryProblem(value)
  if (problem !== undefined) throw new AuditError('entry-malformed', problem)
  return value as unknown as Entry
}
