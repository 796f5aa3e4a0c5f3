/** What all cases of a package share: the checkpoint and what it is believed on, rules, time-stamps, instructions and the report. */
import { canonicalBytes } from '#audit/canonical.ts'
import { base64 } from '#audit/digest.ts'
import { reportPdf } from '#audit/package/pdf.ts'
import { type ReadmeFacts, readme } from '#audit/package/readme.ts'
import type { Report } from '#audit/package/report.ts'
import type { PackageFile } from '#audit/package/zip.ts'
import { parsePolicy } from '#audit/policy.ts'
import { tileTree } from '#audit/tile-tree.ts'
import type { Tx } from '#db/client.ts'
import { headsAsOf, newestHeads } from '#db/heads.ts'
import { type PublishedCheckpoint, readTileOf } from '#db/log.ts'
import { anchorsWithin, type LoggedAnchor } from '#db/queries/audit-package.ts'
import { readRules, rulesBytes } from '#db/rule-sets.ts'
import { publishedKeys } from '../issuer.ts'
import { readingRecord } from '../stored-log.ts'
import type { PersonLine } from './persons.ts'
import { entryFiles } from './trail-part.ts'
import { viewer } from './viewer.ts'

const languages = ['en', 'sv'] as const

/** Both READMEs. */
export function readmes(facts: ReadmeFacts): PackageFile[] {
  return languages.map((language) => textFile(`README.${language}.md`, readme(facts, language)))
}

/** Keys of the log, its witnesses and the credentials, and the institution's own policy where this process knows one. */
export async function keyFiles(tx: Tx, policy: string | undefined): Promise<PackageFile[]> {
  const keys = await publishedKeys(tx)
  const issuer = keys === undefined || keys.length === 0 ? [] : [jsonFile('keys/issuer.jwks.json', { keys })]
  if (policy === undefined) return issuer
  const { log, witnesses } = vkeysIn(policy)
  return [
    ...issuer,
    ...linesFile('keys/checkpoint.vkey', log),
    ...linesFile('keys/witnesses.vkey', witnesses),
    textFile('policy.txt', policy),
  ]
}

/** As the policy's lines spell them; it was parsed first, so that only a sound one is passed on. */
function vkeysIn(policy: string): { readonly log: string[]; readonly witnesses: string[] } {
  parsePolicy(policy)
  const words = policy.split('\n').map((line) => line.trim().split(/[ \t]+/))
  const of = (kind: string, at: number) => words.filter(([first]) => first === kind).flatMap((line) => line[at] ?? [])
  return { log: of('log', 1), witnesses: of('witness', 2) }
}

export async function ruleFiles(tx: Tx, digests: readonly string[]): Promise<PackageFile[]> {
  const rules = await readRules(tx, digests)
  return [...rules].map(([digest, one]) => ({ path: `rules/${digest}.json`, bytes: rulesBytes(one) }))
}

/** Where each trail stood as the newest manifest of heads under this checkpoint tells it; nothing where there is none yet. */
export async function headFiles(
  tx: Tx,
  trails: readonly string[],
  checkpoint: PublishedCheckpoint,
): Promise<PackageFile[]> {
  const told = await newestHeads(tx, checkpoint.size)
  if (told?.index === undefined) return []
  const { answers, root } = await headsAsOf(tx, told.asOfSize, trails)
  const lines = trails.flatMap((trail) => {
    const answer = answers.get(trail)
    if (answer?.kind !== 'there') return []
    const { index, n, head, path } = answer.proof
    return [{ trail, index, n, head, path }]
  })
  const { asOfSize, trails: mapSize, trail, n, index, leaf } = told
  const [entry, proof] = await entryFiles(tx, 'heads', [{ trail, n, index, leaf }], checkpoint)
  if (entry === undefined || proof === undefined) return []
  return [
    jsonFile('heads.json', { asOfSize, mapSize, mapRoot: root, trails: lines }),
    { path: 'heads/entry.json', bytes: entry.bytes },
    { path: 'heads/entry.tlog-proof', bytes: proof.bytes },
  ]
}

/**
 * The time-stamps that bracket these positions most narrowly: the first that covers each, and the last one told of before it. Without
 * positions, all there are. Only what the checkpoint covers itself is told of.
 */
export async function anchorFiles(
  tx: Tx,
  checkpoint: PublishedCheckpoint,
  indexes?: readonly number[],
): Promise<PackageFile[]> {
  const told = await anchorsWithin(tx, checkpoint.size)
  const chosen = indexes === undefined ? told : told.filter((one) => brackets(one, told, indexes))
  const tree = tileTree(readTileOf(tx))
  const files: PackageFile[] = []
  for (const { size, index, trail, n, leaf, note, token } of chosen) {
    const [entry, proof] = await entryFiles(tx, 'anchors', [{ trail, n, index, leaf }], checkpoint)
    const consistency = await readingRecord(`anchors/${size}.consistency`, () =>
      tree.consistency(size, checkpoint.size),
    )
    files.push(
      textFile(`anchors/${size}.checkpoint`, note),
      textFile(`anchors/${size}.consistency`, consistency.map((hash) => `${base64(hash)}\n`).join('')),
      { path: `anchors/${size}.json`, bytes: entry?.bytes ?? leaf },
      { path: `anchors/${size}.tlog-proof`, bytes: proof?.bytes ?? new Uint8Array() },
      { path: `anchors/${size}.tsr`, bytes: token },
    )
  }
  return files
}

/** True of the first anchor that covers one of the positions, and of the last one told of before it. */
function brackets(one: LoggedAnchor, all: readonly LoggedAnchor[], indexes: readonly number[]): boolean {
  return indexes.some((index) => {
    const first = all.find(({ size }) => index < size)
    const last = all.findLast((other) => other.index < index)
    return first === one || last === one
  })
}

export function personsFile(lines: readonly PersonLine[]): PackageFile[] {
  return lines.length === 0 ? [] : [jsonFile('persons.json', lines)]
}

export async function reportFiles(report: Report): Promise<PackageFile[]> {
  const files: PackageFile[] = []
  for (const language of languages) {
    files.push({ path: `report.${language}.pdf`, bytes: await reportPdf(report, language) })
  }
  return files
}

/** The page that verifies in a browser. */
export const viewerFile: PackageFile = { path: 'viewer.html', bytes: viewer }

export function jsonFile(path: string, value: unknown): PackageFile {
  return { path, bytes: canonicalBytes(value, { numbers: 'finite' }) }
}

export function textFile(path: string, text: string): PackageFile {
  return { path, bytes: Buffer.from(text) }
}

function linesFile(path: string, lines: readonly string[]): PackageFile[] {
  return lines.length === 0 ? [] : [textFile(path, `${lines.join('\n')}\n`)]
}
