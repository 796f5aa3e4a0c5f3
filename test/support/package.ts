/**
 * Audit packages out of a small log in memory, made without the product's own writer of packages: what that writer gets wrong, the verifier must see.
 */
import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, base64, sha256, utf8 } from '#audit/digest.ts'
import { type HeadProof, headsMap } from '#audit/heads.ts'
import { contentDigest, type Manifest, manifestBytes } from '#audit/package/manifest.ts'
import { zip } from '#audit/package/zip.ts'
import { leafHash } from '#audit/tree.ts'
import type { Band } from '#domain/words.ts'
import { filesIn, type PackageFiles } from '#verifier/files.ts'
import { promised } from '../domain/fixtures.ts'
import { caseTrail, type Kept, logKey, MemoryLog, origin, ownTrail, policyText, resetSalts } from './memory-log.ts'
import { type SignDocument, type ToldCase, tellCase, tellHeads, tellOwn } from './told-case.ts'

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
  /** Entries that tell of criteria. */
  readonly criteria?: readonly Kept[]
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
  for (const entry of of.criteria ?? []) put(`criteria/${four(entry.n)}`, entry)
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
  resetSalts()
  const log = new MemoryLog()
  tellOwn(log, 3)
  const told = await tellCase(log, caseTrail, { input: promised[band](), sign })
  tellOwn(log, 2)
  const heads = tellHeads(log)
  tellOwn(log, 1)
  const of: PackageOf = { log, trail: caseTrail, told, heads }
  return { log, told, of, files: sealed(filesOf(of)) }
}
