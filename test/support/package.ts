/**
 * A small log in memory and audit packages out of it, with real keys, real proofs and real judgements, made without the product's own
 * writer of packages: what that writer gets wrong, the verifier must see.
 */
import { canonicalBytes, type Json } from '#audit/canonical.ts'
import { checkpointText } from '#audit/checkpoint.ts'
import { b64url, base64, sha256, utf8 } from '#audit/digest.ts'
import { disclose } from '#audit/disclosure.ts'
import { type EntryDraft, nextEntry } from '#audit/entry.ts'
import { type HeadProof, headsMap, inKeyOrder } from '#audit/heads.ts'
import { addSignatures, printSignature, signNote } from '#audit/note.ts'
import { cosigner, ed25519Signer } from '#audit/note-key.ts'
import { contentDigest, type Manifest, manifestBytes } from '#audit/package/manifest.ts'
import { zip } from '#audit/package/zip.ts'
import { parsePolicy } from '#audit/policy.ts'
import { printProof } from '#audit/tlog-proof.ts'
import {
  consistencyRanges,
  emptyEdge,
  extend,
  type Hash,
  inclusionRanges,
  leafHash,
  type Range,
  rootOf,
} from '#audit/tree.ts'
import type { LogProof } from '#credentials/formats/evidence.ts'
import type { Approval, CaseInput } from '#domain/case.ts'
import { extraOf } from '#domain/gates/extra.ts'
import { type CaseGate, caseGates, judge } from '#domain/gates/judge.ts'
import type { Band } from '#domain/words.ts'
import { filesIn, type PackageFiles } from '#verifier/files.ts'
import { inputDigestOf } from '#verifier/replay.ts'
import type { Trust } from '#verifier/trust.ts'
import { promised } from '../domain/fixtures.ts'

export const origin = 'audit.example.org/norrsken'
export const caseTrail = '9f0c4d2e-6a51-4c8e-9b7a-1f2e3d4c5b6a'
export const ownTrail = '00000000-0000-4000-8000-000000000001'

const seed = (byte: number) => new Uint8Array(32).fill(byte)
export const logKey = ed25519Signer(origin, seed(1))
export const witnesses = [cosigner('witness-one.example', seed(2)), cosigner('witness-two.example', seed(3))] as const

/** The trust of somebody who knows the log and demands one of two witnesses. */
export const policyText = [
  `log ${logKey.vkey}`,
  `witness one ${witnesses[0].vkey}`,
  `witness two ${witnesses[1].vkey}`,
  'group any-one any one two',
  'quorum any-one',
  '',
].join('\n')
export const trust: Trust = { policy: parsePolicy(policyText) }

/** Salts that are the same each time: nothing here is secret. */
let salts = 0
const nextSalt = () => sha256(`salt ${(salts += 1)}`).subarray(0, 16)

interface Secret {
  readonly name: string
  readonly value: Json
}

type Draft = EntryDraft & { readonly secrets?: readonly Secret[] }

interface Kept {
  readonly trail: string
  readonly n: number
  readonly leaf: Uint8Array
  readonly disclosures: readonly string[]
}

/** A log whose clock goes one second with each entry. */
export class MemoryLog {
  readonly entries: Kept[] = []
  readonly #heads = new Map<string, { n: number; hash: Hash }>()
  #clock: number

  constructor(start = '2026-11-20T09:00:00.000Z') {
    this.#clock = Date.parse(start)
  }

  get size(): number {
    return this.entries.length
  }

  append(trail: string, { secrets = [], ...draft }: Draft, at?: string): Kept {
    const head = this.#heads.get(trail) ?? { n: 0, hash: new Uint8Array() }
    const made = secrets.map(({ name, value }) => disclose(name, value, nextSalt()))
    const sealed = made.length === 0 ? draft : { ...draft, _sd: made.map(({ digest }) => digest).toSorted() }
    this.#clock += 1000
    const time = at ?? new Date(this.#clock).toISOString()
    const leaf = canonicalBytes(nextEntry(sealed, { log: origin, trail, ...head }, time))
    const kept = { trail, n: head.n + 1, leaf, disclosures: made.map(({ disclosure }) => disclosure) }
    this.#heads.set(trail, { n: kept.n, hash: leafHash(leaf) })
    this.entries.push(kept)
    return kept
  }

  root(size = this.size): Hash {
    return this.#over({ start: 0, size })
  }

  inclusion(index: number, size = this.size): Hash[] {
    return inclusionRanges(index, size).map((range) => this.#over(range))
  }

  consistency(from: number, to = this.size): Hash[] {
    return consistencyRanges(from, to).map((range) => this.#over(range))
  }

  #over({ start, size }: Range): Hash {
    return rootOf(
      extend(
        emptyEdge,
        this.entries.slice(start, start + size).map(({ leaf }) => leafHash(leaf)),
      ),
    )
  }

  ends(size = this.size) {
    const found = new Map<string, { trail: string; n: number; head: Hash }>()
    for (const { trail, n, leaf } of this.entries.slice(0, size)) found.set(trail, { trail, n, head: leafHash(leaf) })
    return inKeyOrder(origin, found.values())
  }

  /** A checkpoint signed by the log and cosigned by those given. */
  note(size = this.size, by: readonly (typeof witnesses)[number][] = [witnesses[0]], key = logKey): string {
    const text = checkpointText({ origin, size, root: this.root(size), extensions: [] })
    const lines = by.map((one) => {
      const signature = one.cosign(utf8(text), 1_795_000_000)
      return printSignature({ name: one.name, keyId: one.keyId, signature })
    })
    return addSignatures(signNote(text, [key]), lines)
  }

  proof(index: number, note: string, size = this.size): string {
    return printProof({ index, path: this.inclusion(index, size), checkpoint: note })
  }

  indexOf(trail: string, n: number): number {
    return this.entries.findIndex((entry) => entry.trail === trail && entry.n === n)
  }
}

const service = (ref: string, role = ref) => ({ ref, kind: 'service' as const, role })
const conductor = { ref: 'issuance', kind: 'workflow' as const, role: 'conductor' }
const human = (role: string, ref: string) => ({
  ref,
  kind: 'human' as const,
  role,
  authn: { acr: 'https://refeds.org/profile/mfa', auth_time: 1_795_000_000 },
})

export interface Judged {
  readonly n: number
  readonly inputBytes: Uint8Array
  readonly salt: Uint8Array
  readonly verdict: unknown
}

export interface ToldCase {
  readonly id: string
  readonly judged: readonly Judged[]
  readonly rules: ReadonlyMap<string, Uint8Array>
  readonly clearance: string
  readonly credential: string
  readonly document?: Document
}

export interface Document {
  readonly compact: string
  readonly kid: string
  /** Keys as the issuer publishes them. */
  readonly jwks: unknown
}

/** Given the proof of the clearance, the signed document. */
export type SignDocument = (proof: LogProof) => Promise<Document>

/** Tells a whole case of a band into its trail, as the product does: gates, decisions, clearance, signature, seal. */
export async function tellCase(
  log: MemoryLog,
  trail: string,
  told: { input: CaseInput; sign?: SignDocument | undefined },
): Promise<ToldCase> {
  const { input } = told
  const { id, evidenceVersion } = input.case
  const rules = canonicalBytes({ achievement: input.achievement, profiles: input.profiles }, { numbers: 'finite' })
  const rulesDigest = b64url(sha256(rules))
  const judged: Judged[] = []
  const gateIds: string[] = []
  const credential = `cred_${id.slice(5)}`
  const add = (draft: Draft) => log.append(trail, draft)
  const moved = (to: string, cause: string, more: { type: string; reason?: string; by?: string; data?: object }) =>
    add({
      id: `${id}:${to}:${more.by ?? evidenceVersion}${more.by === undefined && to === 'judging' ? '' : ''}`,
      type: more.type,
      actor: conductor,
      act: { meaning: 'case-moved', outcome: to, ...(more.reason === undefined ? {} : { reason: more.reason }) },
      data: { step: 'gates', cause, evidenceVersion, ...more.data },
    })
  const gate = (name: CaseGate, approvals: readonly Approval[]) => {
    const { achievement: _, profiles: __, ...facts } = { ...input, approvals }
    const inputBytes = canonicalBytes({ ...facts, rules: rulesDigest }, { numbers: 'finite' })
    const salt = nextSalt()
    const verdict = judge(name, { ...input, approvals })
    const kept = add({
      id: `${id}:${name}:${evidenceVersion}`,
      type: 'gate.judged/1',
      actor: service('pipeline', name),
      act: { meaning: 'gate-judged', outcome: verdict.outcome },
      data: { gate: name, outcome: verdict.outcome, rules: verdict.rules, band: verdict.band, evidenceVersion },
      secrets: [{ name: 'input', value: inputDigestOf(salt, inputBytes) }],
    })
    gateIds.push(`${id}:${name}:${evidenceVersion}`)
    judged.push({ n: kept.n, inputBytes, salt, verdict: { verdict, extra: extraOf(name, { ...input, approvals }) } })
  }
  add({
    id: `${id}:opened:1`,
    type: 'case.opened/1',
    actor: service('intake'),
    act: { meaning: 'case-opened', outcome: 'received' },
    data: {
      achievement: input.achievement.id,
      achievementVersion: input.achievement.version,
      promised: input.case.promised,
    },
    secrets: [{ name: 'event', value: 'digest-of-the-event' }],
  })
  moved('judging', 'gates-started', { type: 'case.judging/1' })
  for (const name of caseGates.slice(0, caseGates.indexOf('approval'))) gate(name, [])
  for (const [index, approval] of input.approvals.entries()) {
    const data = { for: 'approver' }
    moved('deciding', 'approval-demanded', {
      type: 'case.waiting/1',
      reason: 'approval',
      by: `${evidenceVersion}:${index}`,
      data,
    })
    add({
      id: `${id}:decision:${approval.id}`,
      type: 'decision.recorded/1',
      actor: human(approval.role, `pseudonym-of-${approval.role}`),
      act: { meaning: 'decision', outcome: approval.outcome, reason: 'meets-criteria' },
      data: {
        decision: approval.id,
        role: approval.role,
        outcome: approval.outcome,
        evidenceVersion,
        loa: approval.loa,
      },
      secrets: [{ name: 'seen', value: approval.seen }],
    })
    moved('judging', 'approved', { type: 'case.resumed/1', by: approval.id })
  }
  if (input.approvals.length > 0) gate('approval', input.approvals)
  gate('level', input.approvals)
  moved('cleared', 'all-passed', { type: 'case.cleared/1' })
  const clearance = `${id}:clearance:${evidenceVersion}`
  add({
    id: clearance,
    type: 'issuance.cleared/1',
    actor: service('pipeline', 'clearance'),
    act: { meaning: 'cleared', outcome: 'success' },
    data: { level: input.case.promised, evidenceVersion, verdicts: gateIds.toSorted(), credentials: [credential] },
  })
  const document = await told.sign?.(proofOfLast(log))
  if (document !== undefined) {
    sign(add, { id, credential, document })
    moved('issued', 'credential-stored', { type: 'case.issued/1' })
    seal(log, trail)
  }
  const kept = { id, judged, rules: new Map([[rulesDigest, rules]]), clearance, credential }
  return document === undefined ? kept : { ...kept, document }
}

/** As the signing worker puts it into a credential: the entry's bytes travel in the extra line. */
function proofOfLast(log: MemoryLog): LogProof {
  const index = log.size - 1
  const extra = log.entries[index]?.leaf ?? new Uint8Array()
  return { origin, index, text: printProof({ index, extra, path: log.inclusion(index), checkpoint: log.note() }) }
}

function seal(log: MemoryLog, trail: string) {
  const last = log.entries.findLast((entry) => entry.trail === trail)
  if (last === undefined) return
  const { n, leaf } = last
  log.append(trail, {
    id: `seal-after-${n}`,
    type: 'trail.sealed/1',
    actor: service('record', 'keeper'),
    act: { meaning: 'trail-sealed', outcome: 'success' },
    data: { count: n, head: b64url(leafHash(leaf)) },
  })
}

function sign(
  add: (draft: Draft) => Kept,
  { id, credential, document }: { id: string; credential: string; document: Document },
) {
  const { compact, kid } = document
  const digest = b64url(sha256(Buffer.from(compact.split('.')[1] ?? '', 'base64url')))
  for (const [type, meaning, more] of [
    ['signing.requested/1', 'signing.requested', {}],
    ['credential.issued/1', 'credential.issued', { formats: ['ob3-jwt'] }],
  ] as const) {
    add({
      id: `${id}:${meaning}:${credential}`,
      type,
      actor: service('signing', 'signer'),
      act: { meaning, outcome: 'success' },
      data: { credential, kid, ...more },
      secrets: [{ name: 'document', value: digest }],
    })
  }
}

/** Entries of the institution itself, so that the log is about more than one case. */
export function tellOwn(log: MemoryLog, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const kid = `kid-${log.size}`
    log.append(ownTrail, {
      id: `key:${kid}:created`,
      type: 'key.created/1',
      actor: service('registry'),
      act: { meaning: 'key.created', outcome: 'success' },
      data: { kid },
    })
  }
}

export function tellHeads(log: MemoryLog): { readonly n: number; readonly size: number } {
  const size = log.size
  const map = headsMap(origin)
  for (const end of log.ends(size)) map.add(end)
  const { root, size: trails } = map.finish()
  const { n } = log.append(ownTrail, {
    id: `log:heads:${size}`,
    type: 'log.heads/1',
    actor: service('sequencer'),
    act: { meaning: 'log.heads', outcome: 'success' },
    data: { asOfSize: size, mapRoot: root, trails },
  })
  return { n, size }
}

export type Files = Map<string, Uint8Array>

export interface Stamp {
  readonly size: number
  readonly note: string
  readonly reply: Uint8Array
  /** Of its entry in the institution's own trail. */
  readonly n: number
}

export interface PackageOf {
  readonly log: MemoryLog
  readonly trail: string
  readonly told: ToldCase
  readonly heads?: { readonly n: number; readonly size: number }
  readonly stamps?: readonly Stamp[]
  readonly note?: string
}

const json = (value: unknown) => canonicalBytes(value, { numbers: 'finite', nulls: 'allowed' })
const four = (n: number) => String(n).padStart(4, '0')

/** The files of a package about one trail, without the manifest. */
export function filesOf(of: PackageOf): Files {
  const { log, trail, told, note = log.note() } = of
  const own = log.entries.filter((entry) => entry.trail === trail)
  const files: Files = new Map([
    ['README.en.md', utf8('# Audit package\n')],
    ['checkpoint.txt', utf8(note)],
    ['keys/checkpoint.vkey', utf8(`${logKey.vkey}\n`)],
    ['policy.txt', utf8(policyText)],
  ])
  const put = (name: string, entry: Kept) => {
    files.set(`${name}.json`, entry.leaf)
    files.set(`${name}.tlog-proof`, utf8(log.proof(log.indexOf(entry.trail, entry.n), note)))
  }
  for (const entry of own) put(`trails/${trail}/${four(entry.n)}`, entry)
  const opened = Object.fromEntries(
    own.filter((one) => one.disclosures.length > 0).map((one) => [one.n, one.disclosures]),
  )
  files.set(`trails/${trail}/disclosures.json`, json(opened))
  for (const { n, inputBytes, salt, verdict } of told.judged) {
    files.set(`trails/${trail}/inputs/${four(n)}.json`, inputBytes)
    files.set(`trails/${trail}/inputs/${four(n)}.salt`, utf8(b64url(salt)))
    files.set(`trails/${trail}/verdicts/${four(n)}.json`, json(verdict))
  }
  for (const [digest, bytes] of told.rules) files.set(`rules/${digest}.json`, bytes)
  if (of.heads !== undefined) heads(files, of, { put, trail, made: of.heads })
  for (const stamp of of.stamps ?? []) anchor(files, of, { put, stamp })
  const { document } = told
  if (document !== undefined) {
    files.set(`trails/${trail}/credentials/${told.credential}.ob3-jwt.jwt`, utf8(document.compact))
    files.set('keys/issuer.jwks.json', json(document.jwks))
  }
  return files
}

function lineOf(trail: string, { index, n, head, path }: HeadProof) {
  return { trail, index, n, head, path }
}

type Put = (name: string, entry: Kept) => void

function heads(
  files: Files,
  { log }: PackageOf,
  { put, trail, made }: { put: Put; trail: string; made: { n: number; size: number } },
) {
  const map = headsMap(origin, [trail])
  for (const end of log.ends(made.size)) map.add(end)
  const { root, size, answers } = map.finish()
  const answer = answers.get(trail)
  const lines = answer?.kind === 'there' ? [lineOf(trail, answer.proof)] : []
  files.set('heads.json', json({ asOfSize: made.size, mapSize: size, mapRoot: root, trails: lines }))
  const entry = log.entries[log.indexOf(ownTrail, made.n)]
  if (entry !== undefined) put('heads/entry', entry)
}

function anchor(files: Files, { log }: PackageOf, { put, stamp }: { put: Put; stamp: Stamp }) {
  const entry = log.entries[log.indexOf(ownTrail, stamp.n)]
  if (entry !== undefined) put(`anchors/${stamp.size}`, entry)
  files.set(`anchors/${stamp.size}.checkpoint`, utf8(stamp.note))
  files.set(`anchors/${stamp.size}.tsr`, stamp.reply)
  files.set(
    `anchors/${stamp.size}.consistency`,
    utf8(
      log
        .consistency(stamp.size)
        .map((hash) => `${base64(hash)}\n`)
        .join(''),
    ),
  )
}

/** With a manifest that fits: what an attacker who may write the whole package would also do. */
export function sealed(files: ReadonlyMap<string, Uint8Array>, changes: Partial<Manifest> = {}): Files {
  const content = [...files].filter(([path]) => path !== 'manifest.json').toSorted(([a], [b]) => (a < b ? -1 : 1))
  const lines = content.map(([path, bytes]) => ({ path, sha256: b64url(sha256(bytes)), size: bytes.length }))
  const note = new TextDecoder().decode(files.get('checkpoint.txt')).split('\n')
  const manifest: Manifest = {
    v: 'bevis-package/1',
    kind: 'trail',
    log: origin,
    checkpoint: { size: Number(note[1]), root: b64url(Buffer.from(note[2] ?? '', 'base64')) },
    made: '2026-11-20T10:00:00.000Z',
    recorded: { trail: ownTrail, first: 99, last: 99 },
    profile: 'court',
    purpose: 'audit',
    requester: 'pseudonym-of-officer',
    content: contentDigest(lines),
    rules: content.flatMap(([path]) => /^rules\/(.{43})[.]json$/.exec(path)?.[1] ?? []),
    trails: trailLines(content),
    files: lines,
    withheld: [],
    ...changes,
  }
  return new Map([...content, ['manifest.json', manifestBytes(manifest)]])
}

function trailLines(content: readonly (readonly [string, Uint8Array])[]): Manifest['trails'] {
  const leaves = new Map<string, Uint8Array[]>()
  for (const [path, bytes] of content) {
    const trail = /^trails\/([^/]+)\/[0-9]+[.]json$/.exec(path)?.[1]
    if (trail !== undefined) leaves.set(trail, [...(leaves.get(trail) ?? []), bytes])
  }
  return [...leaves].map(([trail, own]) => ({
    trail,
    case: caseIn(own[0]),
    entries: own.length,
    head: b64url(leafHash(own.at(-1) ?? new Uint8Array())),
  }))
}

function caseIn(leaf: Uint8Array | undefined): string {
  return /"id":"(case_[a-z0-9_]+):/.exec(new TextDecoder().decode(leaf))?.[1] ?? 'case_unknown'
}

export async function zipped(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  async function* ordered() {
    for (const [path, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) yield { path, bytes }
  }
  const parts: Uint8Array[] = []
  for await (const part of zip(ordered())) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

export const opened = (files: ReadonlyMap<string, Uint8Array>) => async (): Promise<PackageFiles> => filesIn(files)

export interface Sound {
  readonly log: MemoryLog
  readonly told: ToldCase
  readonly of: PackageOf
  readonly files: Files
}

/** A case of a band, whole, in a log with more in it; signed where somebody signs. */
export async function soundPackage(band: Band = 'A', sign?: SignDocument): Promise<Sound> {
  salts = 0
  const log = new MemoryLog()
  tellOwn(log, 3)
  const told = await tellCase(log, caseTrail, { input: promised[band](), sign })
  tellOwn(log, 2)
  const heads = tellHeads(log)
  tellOwn(log, 1)
  const of: PackageOf = { log, trail: caseTrail, told, heads }
  return { log, told, of, files: sealed(filesOf(of)) }
}
