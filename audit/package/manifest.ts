/** The first thing to read in an audit package: what it claims to be, and what every file must hash to (docs/audit-package.md). */
import { canonicalBytes, parseStrict } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { type PackageProfile, packageProfiles, type WithheldBecause } from '#audit/package/profiles.ts'
import {
  anyOf,
  code,
  databaseTime,
  digest,
  listOf,
  logOrigin,
  matches,
  misfitOf,
  natural,
  positive,
  shaped,
  uuid,
} from '#audit/shape.ts'

export type PackageKind = 'trail' | 'sample' | 'log'

export interface FileLine {
  /** As `pathFits` has it. */
  readonly path: string
  /** base64url. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

export interface TrailLine {
  readonly trail: string
  readonly case: string
  /** How many, from the first. */
  readonly entries: number
  /** base64url leaf hash of the last one. */
  readonly head: string
}

export interface WithheldLine {
  readonly trail: string
  readonly n: number
  /** The digest in `_sd` that is not opened; absent where a file is meant. */
  readonly digest?: string
  /** Name of the disclosure or class of the file; absent where nobody knows it any more. */
  readonly part?: string
  readonly why: WithheldBecause
}

export interface TreeHead {
  readonly size: number
  /** base64url. */
  readonly root: string
}

export interface SampleLine {
  readonly method: 'random' | 'stratified'
  readonly strata: readonly string[]
  /** Cases that came to their end in this time; until exclusive. */
  readonly from: string
  readonly until: string
  readonly achievement?: string
  readonly level?: string
  /** Asked for. */
  readonly size: number
  /** 32 hexadecimal digits. */
  readonly seed: string
  /** Checkpoint whose root begins with the seed. */
  readonly seedFrom?: TreeHead
  /** Entry that put population and method into the log before the seed was known. */
  readonly announced: { readonly trail: string; readonly n: number; readonly id: string }
  /** Digest of population.json. */
  readonly population: { readonly count: number; readonly digest: string }
  readonly counts: readonly {
    readonly stratum: readonly string[]
    readonly population: number
    readonly drawn: number
  }[]
  /** Cases in the order drawn. */
  readonly drawn: readonly string[]
}

export interface Manifest {
  readonly v: 'bevis-package/1'
  readonly kind: PackageKind
  /** Origin of the log. */
  readonly log: string
  readonly checkpoint: TreeHead
  readonly made: string
  /** Numbers in the institution's own trail of the entries that tell of this export. */
  readonly recorded: { readonly trail: string; readonly first: number; readonly last: number }
  readonly profile: PackageProfile
  readonly purpose: string
  readonly reason?: string
  /** Pseudonym. */
  readonly requester: string
  /** `contentDigest` of the files. */
  readonly content: string
  readonly rules: readonly string[]
  readonly trails: readonly TrailLine[]
  readonly files: readonly FileLine[]
  readonly withheld: readonly WithheldLine[]
  readonly sample?: SampleLine
}

/** A path that no file system reads in two ways: plain segments, none of them a step upwards. */
export function pathFits(path: unknown): path is string {
  return (
    typeof path === 'string' &&
    path.length <= 200 &&
    path.split('/').every((segment) => /^[A-Za-z0-9._-]{1,100}$/.test(segment) && !/^\.{1,2}$/.test(segment))
  )
}

/** Name of the manifest, the one file that is not in its own list. */
export const manifestPath = 'manifest.json'

/** base64url digest of all that a package holds beside its manifest; the export's entry in the log names it. */
export function contentDigest(files: readonly FileLine[]): string {
  const text = new TextDecoder().decode(canonicalBytes(files))
  return b64url(sha256(`bevis-package/1 content\n${text}`))
}

/** @throws AuditError `manifest-malformed` rather than to write what no reader accepts */
export function manifestBytes(manifest: Manifest): Uint8Array {
  demandShape(manifest)
  return canonicalBytes(manifest)
}

/** @throws AuditError `bytes-not-json`, `bytes-not-canonical`, `manifest-malformed` with the member that is wrong */
export function parseManifest(bytes: Uint8Array): Manifest {
  const value: unknown = parseStrict(bytes)
  demandShape(value)
  return value
}

function demandShape(value: unknown): asserts value is Manifest {
  const wrong = misfitOfManifest(value)
  if (wrong !== undefined) throw new AuditError('manifest-malformed', wrong)
  const { files, trails, rules, withheld, kind, sample } = value as Manifest
  const badly = [
    ascends(files.map(({ path }) => path)) && new Set(files.map(({ path }) => path.toLowerCase())).size === files.length
      ? undefined
      : 'files',
    ascends(trails.map(({ trail }) => trail)) ? undefined : 'trails',
    ascends(rules) ? undefined : 'rules',
    ascends(withheld.map(withheldOrder)) ? undefined : 'withheld',
    (kind === 'sample') === (sample !== undefined) ? undefined : 'sample',
  ].find((one) => one !== undefined)
  if (badly !== undefined) throw new AuditError('manifest-malformed', badly)
}

/** Sorts withheld lines, and tells two of them apart. */
export function withheldOrder({ trail, n, part = '', digest: one = '' }: WithheldLine): string {
  return `${trail} ${String(n).padStart(16, '0')} ${part} ${one}`
}

/** No two alike, and no empty one. */
function ascends(texts: readonly string[]): boolean {
  let last = ''
  for (const text of texts) {
    if (text <= last) return false
    last = text
  }
  return true
}

const treeHead = shaped({ required: { size: positive, root: digest } })
const word = matches(/^[a-z]+(-[a-z]+)*$/)
const texts = anyOf(matches(/^.{0,512}$/s))

const misfitOfManifest = misfitOf({
  required: {
    v: (value) => value === 'bevis-package/1',
    kind: matches(/^(trail|sample|log)$/),
    log: logOrigin,
    checkpoint: treeHead,
    made: databaseTime,
    recorded: shaped({ required: { trail: uuid, first: positive, last: positive } }),
    profile: (value) => packageProfiles.some((one) => one === value),
    purpose: code,
    requester: code,
    content: digest,
    rules: anyOf(digest),
    trails: anyOf(shaped({ required: { trail: uuid, case: code, entries: positive, head: digest } })),
    files: listOf(shaped({ required: { path: pathFits, sha256: digest, size: natural } })),
    withheld: anyOf(
      shaped({
        required: { trail: uuid, n: positive, why: matches(/^(profile|protected|erased)$/) },
        optional: { digest, part: word },
      }),
    ),
  },
  optional: {
    reason: code,
    sample: shaped({
      required: {
        method: matches(/^(random|stratified)$/),
        strata: anyOf(word),
        from: databaseTime,
        until: databaseTime,
        size: positive,
        seed: matches(/^[0-9a-f]{32}$/),
        announced: shaped({ required: { trail: uuid, n: positive, id: code } }),
        population: shaped({ required: { count: positive, digest } }),
        counts: listOf(shaped({ required: { stratum: texts, population: positive, drawn: natural } })),
        drawn: listOf(code),
      },
      optional: { achievement: code, level: code, seedFrom: treeHead },
    }),
  },
})
