/** What holds of the verifier whatever is done to a package; run by the tests for a count and by `npm run fuzz` for a time. */
import fc from 'fast-check'
import type { PackageFiles } from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'
import { type PackageReport, packageChecks, trailChecks } from '#verifier/report.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { openZip } from '#verifier/zip.ts'
import { trust } from '../support/memory-log.ts'
import { type Files, filesOf, opened, sealed, soundPackage, zipped } from '../support/package.ts'
import { type SignDocument } from '../support/told-case.ts'

/** Told and proved by nothing: whoever may rewrite the manifest too may write them as they like (docs/verify-package.md). */
const told = /^(README[.]|policy[.]txt$|keys\/|persons[.]json$)/

export interface Properties {
  readonly name: string
  readonly holds: fc.IAsyncProperty<unknown>
}

const knownIds: readonly string[] = [...packageChecks, ...trailChecks]

/** A report is one whatever was read: known checks, words in both languages, and a verdict that follows from them. */
function isReport({ outcome, verdict, checks, trails }: PackageReport): boolean {
  const all = [...checks, ...trails.flatMap((trail) => trail.checks)]
  const isTold = all.every(({ id, because }) => knownIds.includes(id) && because.sv !== '' && because.en !== '')
  const isBroken = all.some((check) => check.outcome === 'failed')
  return isTold && verdict.en !== '' && (outcome === 'failed') === isBroken
}

async function zipFiles(bytes: Uint8Array): Promise<PackageFiles> {
  return openZip({ size: bytes.length, read: async (from, length) => bytes.subarray(from, from + length) })
}

const mutation = fc.record({ file: fc.nat(), at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) })

function mutated(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ byte
  return copy
}

export async function propertiesOf(sign: SignDocument): Promise<readonly Properties[]> {
  const { files, of } = await soundPackage('A', sign)
  const bare = filesOf(of)
  const names = [...bare.keys()].toSorted()
  const archive = await zipped(files)
  return [
    {
      name: 'one byte of any file changed, the manifest left: never passed',
      holds: fc.asyncProperty(mutation, async ({ file, at, byte }) => {
        const name = names[file % names.length] ?? ''
        const content: Files = new Map(files)
        content.set(name, mutated(files.get(name) ?? new Uint8Array(), at, byte))
        const report = await verifyPackage(opened(content), trust)
        return isReport(report) && report.outcome === 'failed'
      }),
    },
    {
      name: 'one byte of any file changed, the manifest made to fit: never passed, but for what is only told',
      holds: fc.asyncProperty(mutation, async ({ file, at, byte }) => {
        const name = names[file % names.length] ?? ''
        const content: Files = new Map(bare)
        content.set(name, mutated(bare.get(name) ?? new Uint8Array(), at, byte))
        const report = await verifyPackage(opened(sealed(content, { checkpoint: manifestCheckpoint(files) })), trust)
        return isReport(report) && (report.outcome !== 'passed' || told.test(name))
      }),
    },
    {
      name: 'one byte of the archive changed: never passed',
      holds: fc.asyncProperty(mutation, async ({ at, byte }) => {
        const report = await verifyPackage(() => zipFiles(mutated(archive, at, byte)), trust)
        return isReport(report) && report.outcome === 'failed'
      }),
    },
    {
      name: 'a piece of the archive cut out, doubled or moved: never passed',
      holds: fc.asyncProperty(
        fc.record({
          from: fc.nat(archive.length),
          length: fc.nat(4000),
          to: fc.nat(archive.length),
          doubles: fc.boolean(),
        }),
        async ({ from, length, to, doubles }) => {
          const piece = archive.subarray(from, from + length)
          const rest = doubles ? archive : Buffer.concat([archive.subarray(0, from), archive.subarray(from + length)])
          const bytes = new Uint8Array(Buffer.concat([rest.subarray(0, to), piece, rest.subarray(to)]))
          const report = await verifyPackage(() => zipFiles(bytes), trust)
          const isSame = Buffer.compare(bytes, archive) === 0
          return isReport(report) && (report.outcome === 'failed') !== isSame
        },
      ),
    },
    {
      name: 'files dropped, swapped and filled with anything: a report, and never a pass of what counts',
      holds: fc.asyncProperty(
        fc.array(
          fc.record({
            file: fc.nat(),
            with: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(utf8Of), fc.nat(), fc.constant(undefined)),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (changes) => {
          const content: Files = new Map(bare)
          const touched = new Set<string>()
          for (const change of changes) {
            const name = names[change.file % names.length] ?? ''
            const before = content.get(name)
            const other =
              typeof change.with === 'number' ? bare.get(names[change.with % names.length] ?? '') : change.with
            if (other === undefined) content.delete(name)
            else content.set(name, other)
            if (before === undefined || other === undefined || Buffer.compare(before, other) !== 0) touched.add(name)
          }
          if (!content.has('checkpoint.txt') || [...content.keys()].every((name) => !/\/0001[.]json$/.test(name)))
            return true
          const report = await verifyPackage(opened(sealed(content, { checkpoint: manifestCheckpoint(files) })), trust)
          const isOnlyTold = [...touched].every((name) => told.test(name) || name.includes('/credentials/'))
          return isReport(report) && (report.outcome !== 'passed' || isOnlyTold)
        },
      ),
    },
    {
      name: 'anything at all in place of an archive: a refusal in words',
      holds: fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        const report = await verifyPackage(() => zipFiles(bytes), trust)
        return isReport(report) && report.outcome === 'failed'
      }),
    },
    {
      name: 'a reader that lies about sizes or fails midway: a refusal in words',
      holds: fc.asyncProperty(fc.nat(names.length - 1), fc.nat(100), async (file, after) => {
        const whole = await opened(files)()
        let reads = 0
        const liar: PackageFiles = {
          ...whole,
          read: async (name) => {
            reads += 1
            if (name === names[file] && reads > after) throw new PackageProblem('content-changed', name)
            return whole.read(name)
          },
        }
        return isReport(await verifyPackage(async () => liar, trust))
      }),
    },
  ]
}

function utf8Of(json: string): Uint8Array {
  return new TextEncoder().encode(json)
}

/** As the untouched manifest has it, so that a changed checkpoint is judged and not only its copy. */
function manifestCheckpoint(files: Files) {
  return (
    JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as { checkpoint: { size: number; root: string } }
  ).checkpoint
}
