/**
 * Judges an audit package for a stranger who has neither network nor access to us (audit-log §7.4). Pure: the files come through an
 * interface, trust comes from the caller, and the same package under the same trust gives the same report to the letter.
 */
import { b64url } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type Manifest, manifestPath, parseManifest } from '#audit/package/manifest.ts'
import { judgeAnchors } from '#verifier/anchors.ts'
import { type Heads, readHeads } from '#verifier/completeness.ts'
import { readPublications } from '#verifier/criteria.ts'
import { demandedOf, isDemanded } from '#verifier/demand.ts'
import type { PackageFiles } from '#verifier/files.ts'
import { type Ground, judgeTrail } from '#verifier/judge-trail.ts'
import { judgeNote } from '#verifier/log-proof.ts'
import { judgeFiles, type Material } from '#verifier/material.ts'
import { readPeople } from '#verifier/people.ts'
import { PackageProblem } from '#verifier/problem.ts'
import {
  type Answer,
  type Check,
  type CheckId,
  couldNotCheck,
  counted,
  failed,
  type PackageReport,
  passed,
  type TrailReport,
} from '#verifier/report.ts'
import { judgeSample } from '#verifier/sample.ts'
import type { Trust } from '#verifier/trust.ts'
import { reportOf } from '#verifier/verdict.ts'
import { judgeWholeLog } from '#verifier/whole-log.ts'

/** Opens the container only now, so that what is wrong with it is part of the report. */
export async function verifyPackage(open: () => Promise<PackageFiles>, trust: Trust): Promise<PackageReport> {
  const checks: Check[] = []
  const trails: TrailReport[] = []
  const add = (id: CheckId, answer: Answer) => checks.push({ id, ...answer })
  try {
    const files = await open()
    add(
      'container',
      passed(
        ...counted(
          files.names.length,
          ['En fil, en enda läsart.', 'One file, one single reading.'],
          [`${files.names.length} filer, en enda läsart.`, `${files.names.length} files, one single reading.`],
        ),
      ),
    )
    return await judge(files, { trust, checks, trails, add })
  } catch (error) {
    if (!(error instanceof PackageProblem)) throw error
    const id = checks.length === 0 ? 'container' : 'files'
    add(
      id,
      failed(`Underlaget går inte att läsa (${error.message}).`, `The package cannot be read (${error.message}).`),
    )
    return reportOf({ checks, trails, trust })
  }
}

interface Work {
  readonly trust: Trust
  readonly checks: Check[]
  readonly trails: TrailReport[]
  readonly add: (id: CheckId, answer: Answer) => void
}

async function judge(files: PackageFiles, { trust, checks, trails, add }: Work): Promise<PackageReport> {
  const manifest = await readManifest(files)
  if (typeof manifest === 'string') {
    add(
      'manifest',
      failed(`Förteckningen går inte att läsa (${manifest}).`, `The manifest cannot be read (${manifest}).`),
    )
    return reportOf({ checks, trails, trust })
  }
  add('manifest', passed('Förteckningen har en enda läsart.', 'The manifest has exactly one reading.'))
  const { answer, material } = await judgeFiles(files, manifest)
  add('files', answer)
  const note = await material.text(manifest.kind === 'log' ? 'checkpoint' : 'checkpoint.txt')
  const { checkpoint, witnesses, proved } = judgeNote(trust.policy, note, manifest)
  add('checkpoint', checkpoint)
  add('witnesses', witnesses)
  const { consistency, anchors, believed } = await judgeAnchors(material, proved, trust)
  if (consistency !== undefined) add('consistency', consistency)
  add('anchors', anchors)
  if (manifest.kind === 'log') add('log', await judgeWholeLog(material, proved?.judged))
  if (manifest.sample !== undefined) add('sample', await judgeSample(material, manifest, manifest.sample))
  const ground: Ground = {
    material,
    manifest,
    trust,
    proved,
    witnessed: witnesses.outcome === 'passed',
    heads: await headsOf(material, proved),
    anchors: believed,
    people: readPeople(await material.read('persons.json')),
    publications: await readPublications(material, proved),
  }
  for (const line of manifest.trails) trails.push(await judgeTrail(line, ground))
  if (trust.at !== undefined) add('clock', judgeClock(trust.at, { manifest, trails }))
  const { profile: stated } = manifest
  const demanded = demandedOf(trust, stated)
  // A case's package could be swapped for that of a log, in which there is no gate to judge.
  if (manifest.kind === 'log' && isDemanded({ id: 'replay' }, trust, demanded)) add('replay', noCases)
  return { ...reportOf({ checks, trails, trust, stated, demanded }), ...statedIn(manifest), ...provedBy(proved) }
}

const noCases = couldNotCheck('Underlaget är en hel logg, utan ärenden.', 'The package is a whole log, without cases.')

async function readManifest(files: PackageFiles): Promise<Manifest | string> {
  if (files.sizeOf(manifestPath) === undefined) return 'missing'
  try {
    const manifest = parseManifest(await files.read(manifestPath))
    return manifest.kind !== 'log' && manifest.trails.length === 0 ? 'no-trails' : manifest
  } catch (error) {
    if (error instanceof AuditError) return error.message
    throw error
  }
}

async function headsOf(material: Material, proved: Ground['proved']): Promise<Heads> {
  if (proved !== undefined) return readHeads(material, proved)
  const answer = couldNotCheck(
    'Utan underskriven loggtopp är inget slut bevisat.',
    'Without a signed checkpoint no end is proved.',
  )
  return { kind: 'none', answer }
}

/** Clocks drift; this far ahead is another matter. */
const toleranceMs = 5 * 60_000

/** Setting a clock forward shows in what it dates, once somebody looks from an honest one (audit-log §12, C4). */
function judgeClock(now: string, { manifest, trails }: Pick<Work, 'trails'> & { readonly manifest: Manifest }): Answer {
  const times = [manifest.made, ...trails.flatMap(({ timeline }) => timeline.map(({ at }) => at))]
  const latest = times.toSorted().at(-1) ?? manifest.made
  return Date.parse(latest) > Date.parse(now) + toleranceMs
    ? failed(
        `Något i underlaget är daterat ${latest}, senare än ${now}.`,
        `Something in the package is dated ${latest}, later than ${now}.`,
      )
    : passed('Ingenting är daterat i framtiden.', 'Nothing is dated in the future.')
}

function statedIn({ kind, profile, purpose, made, requester }: Manifest): Pick<PackageReport, 'stated'> {
  return { stated: { kind, profile, purpose, made, requester } }
}

function provedBy(proved: Ground['proved']): Pick<PackageReport, 'proved'> {
  if (proved === undefined) return {}
  const { checkpoint, witnesses } = proved.judged
  const { origin, size, root } = checkpoint
  const seen = witnesses.map(({ name, time }) => ({ name, time: new Date(time * 1000).toISOString() }))
  return { proved: { log: origin, size, root: b64url(root), witnesses: seen } }
}
