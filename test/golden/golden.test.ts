/**
 * What earlier releases exported, verified by this one (audit-log §12, K2). A package in a folder here is never changed and never taken
 * away: somebody may hold its twin. `tools/record-golden-packages.ts` adds those of a new release.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { b64url, sha256 } from '#audit/digest.ts'
import { contentDigest, type Manifest, manifestBytes, parseManifest } from '#audit/package/manifest.ts'
import { parsePolicy } from '#audit/policy.ts'
import { judgeBy, readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import { filesIn } from '#verifier/files.ts'
import type { CheckId, PackageReport } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { openZip } from '#verifier/zip.ts'
import { root } from '../support/paths.ts'

const folder = join(root, 'test', 'golden')
const releases = readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []))
const textOf = (release: string, name: string) => readFileSync(join(folder, release, name), 'utf8')

function trustOf(release: string): Trust {
  return {
    policy: parsePolicy(textOf(release, 'trust.policy')),
    stamp: judgeBy(readTrustedTsa(textOf(release, 'tsa.pem'))),
  }
}

const archive = (bytes: Uint8Array) => () =>
  openZip({ size: bytes.length, read: async (from, length) => bytes.subarray(from, from + length) })
const zipOf = (release: string, name: string) => new Uint8Array(readFileSync(join(folder, release, `${name}.zip`)))

async function contentOf(release: string, name: string): Promise<Map<string, Uint8Array>> {
  const files = await archive(zipOf(release, name))()
  const content = new Map<string, Uint8Array>()
  for (const file of files.names) content.set(file, await files.read(file))
  return content
}

const all = ({ checks, trails }: PackageReport) => [...checks, ...trails.flatMap((trail) => trail.checks)]
const ids = (report: PackageReport, outcome: string) => [
  ...new Set(all(report).flatMap((check) => (check.outcome === outcome ? [check.id] : []))),
]

interface Expected {
  readonly shows: PackageReport['shows']
  /** Of a reader who was promised that every gate can be judged again. */
  readonly demanding: PackageReport['outcome']
  readonly open: readonly CheckId[]
}

/** What each kind of package must come to, in every release. */
const expected: Readonly<Record<string, Expected>> = {
  court: { shows: 'judgements', demanding: 'passed', open: [] },
  accreditor: { shows: 'judgements', demanding: 'passed', open: ['documents'] },
  sample: { shows: 'judgements', demanding: 'passed', open: ['documents'] },
  log: { shows: 'entries', demanding: 'could-not-check', open: [] },
  public: { shows: 'entries', demanding: 'could-not-check', open: ['replay', 'separation', 'documents'] },
}

describe.each(releases)('packages of release %s', (release) => {
  test.each(Object.entries(expected))('%s', async (name, { shows, demanding, open }) => {
    const trust = trustOf(release)
    const report = await verifyPackage(archive(zipOf(release, name)), trust)
    expect([report.outcome, ids(report, 'failed'), ids(report, 'could-not-check')]).toEqual(['passed', [], open])
    expect(report.shows).toBe(shows)
    const strict = await verifyPackage(archive(zipOf(release, name)), { ...trust, profile: 'accreditor' })
    expect(strict.outcome).toBe(demanding)
  })

  test('one byte of any file of it: refused, whichever file it is', async () => {
    const whole = await contentOf(release, 'court')
    const trust = trustOf(release)
    for (const [index, [name, bytes]] of [...whole].entries()) {
      const changed = Uint8Array.from(bytes)
      const at = (index * 7919) % changed.length
      changed[at] = (changed[at] ?? 0) ^ 1
      const report = await verifyPackage(async () => filesIn(new Map(whole).set(name, changed)), trust)
      expect([name, report.outcome]).toEqual([name, 'failed'])
    }
  })

  test.each(Object.entries(tampers))('%s', async (_, { check, tamper }) => {
    const content = await contentOf(release, 'court')
    tamper(content)
    const report = await verifyPackage(async () => filesIn(refitted(content)), trustOf(release))
    expect(ids(report, 'failed')).toContain(check)
  })
})

type Content = Map<string, Uint8Array>

/** The manifest as somebody would write it who may rewrite the whole package. */
function refitted(content: Content): Content {
  const before = parseManifest(content.get('manifest.json') ?? new Uint8Array())
  const files = [...content]
    .filter(([path]) => path !== 'manifest.json')
    .map(([path, bytes]) => ({ path, sha256: b64url(sha256(bytes)), size: bytes.length }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const manifest: Manifest = { ...before, files, content: contentDigest(files) }
  return new Map(content).set('manifest.json', manifestBytes(manifest))
}

const named = (content: Content, pattern: RegExp): string => {
  const found = [...content.keys()].find((name) => pattern.test(name))
  if (found === undefined) throw new Error(`no ${String(pattern)}`)
  return found
}

const edited = (pattern: RegExp, change: (text: string) => string) => (content: Content) => {
  const name = named(content, pattern)
  const before = new TextDecoder().decode(content.get(name))
  if (change(before) === before) throw new Error(`${name} was not changed`)
  content.set(name, new TextEncoder().encode(change(before)))
}

const gone = (pattern: RegExp) => (content: Content) => {
  for (const name of content.keys()) if (pattern.test(name)) content.delete(name)
}

const lastDigit = (text: string) => text.replace(/[0-9A-Za-z](?=[^0-9A-Za-z]*$)/, (one) => (one === 'A' ? 'B' : 'A'))

const tampers: Readonly<Record<string, { readonly check: CheckId; readonly tamper: (content: Content) => void }>> = {
  'an entry edited: chain': {
    check: 'chain',
    tamper: edited(/\/0004[.]json$/, (text) => text.replace('"outcome":"', '"outcome":"x')),
  },
  'an entry edited: inclusion': {
    check: 'inclusion',
    tamper: edited(/\/0004[.]json$/, (text) => text.replace('"outcome":"', '"outcome":"x')),
  },
  'an entry taken out: sequence': { check: 'sequence', tamper: gone(/\/0005[.](json|tlog-proof)$/) },
  'a witness taken off: witnesses': {
    check: 'witnesses',
    tamper: edited(/^checkpoint[.]txt$/, (text) => text.replace(/— witness\S* .*\n/, '')),
  },
  'the log’s signature edited: checkpoint': {
    check: 'checkpoint',
    tamper: edited(/^checkpoint[.]txt$/, (text) =>
      text.replace(/(\n\n— \S+ .{20})(.)/, (_, start: string, one: string) => start + (one === 'A' ? 'B' : 'A')),
    ),
  },
  'the heads manifest edited: completeness': {
    check: 'completeness',
    tamper: edited(/^heads[.]json$/, (text) => text.replace(/"n":(\d+)/, (_, n: string) => `"n":${Number(n) - 1}`)),
  },
  'a time-stamp edited: anchors': { check: 'anchors', tamper: edited(/[.]tsr$/, (text) => `${text} `) },
  'a stamped checkpoint edited: consistency': {
    check: 'consistency',
    tamper: edited(/anchors.*[.]checkpoint$/, (text) => text.replace(/\n(\d)/, '\n1$1')),
  },
  'an input edited: replay': {
    check: 'replay',
    tamper: edited(/inputs\/.*[.]json$/, (text) => text.replace('"complete":true', '"complete":false')),
  },
  'a verdict edited: replay': {
    check: 'replay',
    tamper: edited(/verdicts\/.*[.]json$/, (text) => text.replace('"passed"', '"failed"')),
  },
  'a disclosure moved: disclosures': {
    check: 'disclosures',
    tamper: edited(/disclosures[.]json$/, (text) => text.replace(/"1":(\[[^\]]*\])/, '"2":$1')),
  },
  'a document edited: documents': { check: 'documents', tamper: edited(/[.]jwt$/, lastDigit) },
}
