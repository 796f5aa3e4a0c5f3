/** A sample drawn again: the same population, size and seed must give the same cases (audit-log §12, J4). */
import { parseStrict } from '#audit/canonical.ts'
import { b64url, fromB64url, hex, sha256 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import type { Manifest } from '#audit/package/manifest.ts'
import { anyOf, code, shaped } from '#audit/shape.ts'
import { drawFrom, type Member } from '#domain/sample.ts'
import type { Material } from '#verifier/material.ts'
import { sameJson } from '#verifier/replay.ts'
import { type Answer, counted, failed, passed } from '#verifier/report.ts'

type Sample = NonNullable<Manifest['sample']>

/** More cases than any institution ends in a year; drawing them is quick. */
const mostMembers = 1_000_000
const mostDrawn = 1_000

const isPopulation = anyOf(
  shaped({
    required: {
      case: code,
      stratum: anyOf((value) => typeof value === 'string' && value.length <= 512),
    },
  }),
)

/** Draws again from `population.json` and compares with what the manifest says and the package holds. */
export async function judgeSample(material: Material, manifest: Manifest, sample: Sample): Promise<Answer> {
  const problem = await problemOf(material, manifest, sample)
  if (problem !== undefined)
    return failed(
      `Urvalet blir ett annat när det dras om (${problem}).`,
      `Drawn again the sample differs (${problem}).`,
    )
  return passed(
    ...counted(
      sample.population.count,
      [
        `Det enda ärendet är draget som fröet ${sample.seed} bestämmer.`,
        `The one case was drawn as the seed ${sample.seed} decides.`,
      ],
      [
        `${sample.drawn.length} av ${sample.population.count} ärenden är dragna som fröet ${sample.seed} bestämmer.`,
        `${sample.drawn.length} of ${sample.population.count} cases were drawn as the seed ${sample.seed} decides.`,
      ],
    ),
  )
}

async function problemOf(material: Material, { trails }: Manifest, sample: Sample): Promise<string | undefined> {
  const bytes = await material.read('population.json')
  if (bytes === undefined) return 'population-missing'
  if (b64url(sha256(bytes)) !== sample.population.digest) return 'population-changed'
  const members = membersIn(bytes)
  if (members === undefined || members.length > mostMembers || sample.size > mostDrawn) return 'population-malformed'
  if (members.length !== sample.population.count) return 'population-count'
  const { ids, counts } = drawFrom(members, sample)
  if (!sameJson(ids, sample.drawn) || !sameJson(counts, sample.counts)) return 'other-cases'
  if (!sameJson(ids.toSorted(), trails.map((line) => line.case).toSorted())) return 'other-trails'
  const { seedFrom } = sample
  return seedFrom === undefined || rootStartsWith(seedFrom.root, sample.seed) ? undefined : 'other-seed'
}

function membersIn(bytes: Uint8Array): Member[] | undefined {
  try {
    const value: unknown = parseStrict(bytes)
    if (!isPopulation(value)) return undefined
    return (value as { case: string; stratum: string[] }[]).map((line) => ({ id: line.case, stratum: line.stratum }))
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

/** The seed is the beginning of a later checkpoint's root, which nobody could choose. */
function rootStartsWith(root: string, seed: string): boolean {
  return hex(fromB64url(root)).startsWith(seed)
}
