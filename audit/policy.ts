/** Whom a verifier trusts: logs, witnesses and the quorum (C2SP tlog-policy); without it "witnessed" would mean whatever we like. */

import { sameBytes } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { cosignatureType, ed25519Type, type NoteVerifier, parseVerifierKey } from '#audit/note-key.ts'

/** Far more than the 32 of each kind that every implementation must read. */
const largestPolicy = 1024 * 1024
const mostLines = 4096

export interface PolicyLog {
  readonly key: NoteVerifier
  readonly url?: string
}

export interface PolicyWitness extends PolicyLog {
  /** Within the policy only; the key has a name of its own. */
  readonly name: string
}

/** Members are of earlier lines, so groups are judged in their order. */
export interface PolicyGroup {
  readonly name: string
  readonly threshold: number
  readonly members: readonly string[]
}

export interface Policy {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  readonly groups: readonly PolicyGroup[]
  /** Name of a witness or a group; undefined for `quorum none`. */
  readonly quorum: string | undefined
}

interface Draft {
  readonly logs: PolicyLog[]
  readonly witnesses: PolicyWitness[]
  readonly groups: PolicyGroup[]
  readonly names: Set<string>
  /** Names that are in a group: each counts in one way only. */
  readonly grouped: Set<string>
  quorum?: string
}

/**
 * Reads a policy. Names are compared letter by letter, without any Unicode folding; decode the file's octets as UTF-8.
 *
 * @throws AuditError `policy-malformed` with the line, or the key's own refusal (`key-…`, `base64-not-strict`)
 */
export function parsePolicy(text: string): Policy {
  const lines = text.split('\n')
  if (text.length > largestPolicy || lines.length > mostLines) throw new AuditError('policy-malformed', 'size')
  const draft: Draft = { logs: [], witnesses: [], groups: [], names: new Set(), grouped: new Set() }
  for (const [index, line] of lines.entries()) {
    if (!readLine(line, draft)) throw new AuditError('policy-malformed', `line ${index + 1}`)
  }
  if (draft.quorum === undefined) throw new AuditError('policy-malformed', 'quorum')
  const { logs, witnesses, groups, quorum } = draft
  return { logs, witnesses, groups, quorum: quorum === 'none' ? undefined : quorum }
}

/** False for a line that has no meaning where it stands. */
function readLine(line: string, draft: Draft): boolean {
  if (!/^[\t -~\u{80}-\u{10ffff}]*$/u.test(line)) return false
  const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== '')
  if (keyword === undefined || keyword.startsWith('#')) return true
  switch (keyword) {
    case 'log':
      return readLog(items, draft)
    case 'witness':
      return readWitness(items, draft)
    case 'group':
      return readGroup(items, draft)
    case 'quorum':
      return readQuorum(items, draft)
    default:
      return false
  }
}

function readLog([vkey, url, ...more]: readonly string[], { logs }: Draft): boolean {
  if (vkey === undefined || more.length > 0) return false
  const key = parseVerifierKey(vkey)
  if (key.type === cosignatureType || isKnown(key, logs)) return false
  logs.push({ key, ...(url === undefined ? {} : { url }) })
  return true
}

function readWitness([name, vkey, url, ...more]: readonly string[], draft: Draft): boolean {
  if (name === undefined || vkey === undefined || more.length > 0) return false
  const key = parseVerifierKey(vkey)
  if (key.type === ed25519Type || isKnown(key, draft.witnesses) || !define(name, draft)) return false
  draft.witnesses.push({ name, key, ...(url === undefined ? {} : { url }) })
  return true
}

function readGroup([name = '', least = '', ...members]: readonly string[], draft: Draft): boolean {
  if (members.length === 0) return false
  const threshold = thresholdOf(least, members.length)
  if (threshold === undefined || !members.every((member) => join(member, draft)) || !define(name, draft)) return false
  draft.groups.push({ name, threshold, members })
  return true
}

function readQuorum([name, ...more]: readonly string[], draft: Draft): boolean {
  if (name === undefined || more.length > 0 || draft.quorum !== undefined) return false
  draft.quorum = name
  return name === 'none' || draft.names.has(name)
}

/** The same key under two names would count twice. */
function isKnown(key: NoteVerifier, others: readonly PolicyLog[]): boolean {
  return others.some((other) => sameBytes(other.key.publicKey, key.publicKey))
}

function define(name: string, { names }: Draft): boolean {
  if (name === 'none' || names.has(name)) return false
  names.add(name)
  return true
}

function join(member: string, { names, grouped }: Draft): boolean {
  if (!names.has(member) || grouped.has(member)) return false
  grouped.add(member)
  return true
}

function thresholdOf(text: string, members: number): number | undefined {
  if (text === 'any') return 1
  if (text === 'all') return members
  const threshold = /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : Number.NaN
  return threshold <= members ? threshold : undefined
}

/** Whether those who cosigned (names of witnesses in the policy) are a quorum. */
export function isQuorum({ groups, quorum }: Policy, cosigned: Iterable<string>): boolean {
  const met = new Set(cosigned)
  for (const { name, threshold, members } of groups) {
    if (members.filter((member) => met.has(member)).length >= threshold) met.add(name)
  }
  return quorum === undefined || met.has(quorum)
}
