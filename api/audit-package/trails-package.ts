/** A package of cases: read once to know what it will hold, recorded, and read again as it leaves, so that it never lies anywhere whole. */
import { b64url } from '#audit/digest.ts'
import { parseLeaf } from '#audit/entry.ts'
import { contentDigest, type FileLine, type Manifest, type SampleLine, withheldOrder } from '#audit/package/manifest.ts'
import { openings } from '#audit/package/profiles.ts'
import { type Report, type ReportedTrail, reportedEntries } from '#audit/package/report.ts'
import { type PackageFile, zip } from '#audit/package/zip.ts'
import type { AppendedEntry } from '#db/audit-log.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { humansOf } from '#db/humans.ts'
import { readInstitution } from '#db/institution.ts'
import type { LoggedEntry, PublishedCheckpoint } from '#db/log.ts'
import { casesToExport, looksWithin, personsBehind, publicationsWithin } from '#db/queries/audit-package.ts'
import type { CaseId, InstitutionId, PersonId } from '#domain/words.ts'
import { actorOf } from '../caller.ts'
import { viewingTypes } from '../case-access.ts'
import type { Caller } from '../identity.ts'
import { institutionName } from '../issuer.ts'
import { Problem } from '../problem.ts'
import { joinedLines } from './persons.ts'
import { recordExport, type Why } from './record.ts'
import {
  anchorFiles,
  headFiles,
  jsonFile,
  keyFiles,
  personsFile,
  readmes,
  reportFiles,
  ruleFiles,
  textFile,
  viewerFile,
} from './shared-files.ts'
import { demandSize, inOrder, lineOf, type Part, packageFiles } from './stream.ts'
import { entryFiles, knownOf, type Scope, type TrailPart, trailPart } from './trail-part.ts'

export interface Place {
  readonly db: Db
  readonly institution: InstitutionId
  readonly caller: Caller
  /** The institution's own tlog-policy, where this process knows it. */
  readonly policy: string | undefined
}

export interface TrailsOrder extends Why {
  readonly cases: readonly CaseId[]
  readonly scope: Scope
  readonly sample?: { readonly line: SampleLine; readonly population: readonly object[] }
}

type Read = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

/** What is known of a case's part without its bytes. */
interface Listed extends Omit<TrailPart, 'files'> {
  readonly files: readonly FileLine[]
}

/**
 * The archive's bytes. The export is recorded when this returns.
 *
 * @throws Problem `not_found`, `not_in_log_yet`, `log_frozen`, `record_damaged`, `several_subjects`
 */
export async function trailsPackage(place: Place, order: TrailsOrder): Promise<AsyncGenerator<Uint8Array>> {
  const { db, institution, caller } = place
  const { scope, sample } = order
  const read = <T>(work: (tx: Tx) => Promise<T>) => inInstitution(db, institution, work)
  const cases = await read((tx) => inTrailOrder(tx, order))
  const parts: Listed[] = []
  for (const id of cases) {
    const { files, ...rest } = await read((tx) => trailPart(tx, id, scope))
    parts.push({ ...rest, files: files.map(lineOf) })
  }
  const shared = await sharedPart(read, { place, order, parts })
  const files = inOrder([...parts.flatMap((part) => part.files), ...shared.map(lineOf)])
  demandSize(files)
  const content = contentDigest(files)
  const manifest = await read(async (tx): Promise<Manifest> => {
    const told = { ...order, cases, profile: scope.profile, checkpoint: scope.checkpoint.size, content }
    const recorded = await recordExport(tx, caller, told)
    return {
      ...(await manifestHead(tx, { checkpoint: scope.checkpoint, why: order, recorded, caller })),
      kind: sample === undefined ? 'trail' : 'sample',
      profile: scope.profile,
      content,
      files,
      rules: rulesOf(parts),
      trails: parts.map(({ line }) => line),
      withheld: parts
        .flatMap(({ withheld }) => withheld)
        .toSorted((a, b) => (withheldOrder(a) < withheldOrder(b) ? -1 : 1)),
      ...(sample === undefined ? {} : { sample: sample.line }),
    }
  })
  const again = cases.map((id): Part => ({ files: async () => (await read((tx) => trailPart(tx, id, scope))).files }))
  const isBefore = ({ path }: PackageFile) => path < 'trails/'
  const held = (some: readonly PackageFile[]): Part => ({ files: async () => some })
  const before = held(shared.filter(isBefore))
  const after = held(shared.filter((file) => !isBefore(file)))
  return zip(packageFiles([before, ...again, after], manifest))
}

/** @throws Problem `not_found`, `several_subjects` */
async function inTrailOrder(tx: Tx, { cases, scope }: TrailsOrder): Promise<CaseId[]> {
  const wanted = [...new Set(cases)]
  const found = await casesToExport(tx, wanted)
  if (found.length < wanted.length) throw new Problem('not_found')
  if (openings[scope.profile].access) {
    const persons = [...new Set(found.map(({ person }) => person))]
    const humans = await humansOf(tx, persons)
    const [first = []] = humans.values()
    if (persons.some((person) => !first.includes(person))) throw new Problem('several_subjects')
  }
  return found.map(({ id }) => id)
}

/** What every manifest says of where and when. */
export async function manifestHead(
  tx: Tx,
  {
    checkpoint,
    why,
    recorded,
    caller,
  }: {
    readonly checkpoint: PublishedCheckpoint
    readonly why: Why
    readonly recorded: readonly AppendedEntry[]
    readonly caller: Caller
  },
) {
  const { origin, trail } = await readInstitution(tx)
  const numbers = recorded.map(({ n }) => n)
  return {
    v: 'bevis-package/1' as const,
    log: origin,
    checkpoint: { size: checkpoint.size, root: b64url(checkpoint.root) },
    made: recorded[0]?.at ?? '',
    recorded: { trail, first: Math.min(...numbers), last: Math.max(...numbers) },
    purpose: why.purpose,
    ...(why.reason === undefined ? {} : { reason: why.reason }),
    requester: actorOf(caller, tx, 'officer').ref,
  }
}

function rulesOf(parts: readonly Listed[]): string[] {
  return [...new Set(parts.flatMap(({ rules }) => rules))].toSorted()
}

interface Facts {
  readonly place: Place
  readonly order: TrailsOrder
  readonly parts: readonly Listed[]
}

async function sharedPart(read: Read, { place, order, parts }: Facts): Promise<PackageFile[]> {
  const { scope, sample } = order
  const { checkpoint, profile } = scope
  const { report, files } = await read(async (tx) => {
    const looked = await looksAt(tx, order)
    const told = await reportOf(tx, { order, parts, looked })
    const [{ origin }, ...found] = [
      await readInstitution(tx),
      await keyFiles(tx, place.policy),
      await ruleFiles(tx, rulesOf(parts)),
      await headFiles(
        tx,
        parts.map(({ line }) => line.trail),
        checkpoint,
      ),
      await entryFiles(tx, 'access', looked, checkpoint),
      await entryFiles(tx, 'criteria', await publicationsWithin(tx, order.cases, checkpoint.size), checkpoint),
      await anchorFiles(
        tx,
        checkpoint,
        parts.flatMap(({ indexes }) => indexes),
      ),
    ] as const
    const kind = sample === undefined ? 'trail' : 'sample'
    const facts = { kind, log: origin, size: checkpoint.size, profile, trails: parts.length } as const
    return { report: told, files: [...readmes(facts), ...found.flat()] }
  })
  return inOrder([
    ...files,
    textFile('checkpoint.txt', checkpoint.note),
    ...personsFile(joinedLines(parts.map(({ persons }) => persons))),
    ...(sample === undefined ? [] : [jsonFile('population.json', sample.population)]),
    ...(await reportFiles(report)),
    viewerFile,
  ])
}

/** Who looked at these cases and at the person they are about, where the profile gives it. */
async function looksAt(tx: Tx, { cases, scope }: TrailsOrder): Promise<LoggedEntry[]> {
  if (!openings[scope.profile].access) return []
  const persons = [...new Set((await casesToExport(tx, cases)).map(({ person }) => person))]
  const humans = [...(await humansOf(tx, persons)).values()].flat()
  const of = { cases, persons: [...new Set<PersonId>(humans)], types: Object.values(viewingTypes) }
  return looksWithin(tx, of, scope.checkpoint.size)
}

async function reportOf(
  tx: Tx,
  { order, parts, looked }: { order: TrailsOrder; parts: readonly Listed[]; looked: readonly LoggedEntry[] },
): Promise<Report> {
  const { profile, checkpoint } = order.scope
  const row = await readInstitution(tx)
  const entries = looked.map(({ leaf }) => parseLeaf(leaf))
  const people = await personsBehind(tx, [...new Set(entries.map(({ actor }) => actor.ref))])
  const shown = new Map([...people].map(([ref, person]) => [ref, knownOf(person)]))
  const looksOf = (id: string): ReportedTrail['looks'] =>
    reportedEntries(profile, {
      entries: entries.filter(({ data }) => data?.['case'] === undefined || data['case'] === id),
      people: shown,
      texts: new Map(),
      findings: new Map(),
    })
  return {
    v: 'bevis-report/1',
    institution: institutionName(row),
    log: row.origin,
    checkpoint: { size: checkpoint.size, root: b64url(checkpoint.root) },
    profile,
    trails: parts.map(({ report }) => ({ ...report, looks: looksOf(report.case) })),
  }
}
