/** Level and references of an achievement, as a reader outside looks them up; without it a level would be a bare number. */
import type { Achievement, Placement } from '#domain/register.ts'
import type { Instant, Text } from '#domain/words.ts'

/** Annex I, element 8: placed, or not applicable and why. */
export type PlacementContent =
  | { readonly applies: true; readonly placement: Placement; readonly text: Text }
  | { readonly applies: false; readonly because: Text }

const bases: Readonly<Record<Placement['basis'], Text>> = {
  ordinance: { sv: 'enligt förordning', en: 'by ordinance' },
  decision: { sv: 'enligt beslut', en: 'by decision' },
  approved: { sv: 'godkänd', en: 'approved' },
  'self-referenced': { sv: 'egen bedömning', en: 'self-referenced' },
}

/** The placement where it was valid at the moment, else the reason there is none. `validUntil` is exclusive. */
export function placementOf({ placement }: Achievement, at: Instant): PlacementContent {
  if (placement === undefined)
    return { applies: false, because: { sv: 'Inte nivåplacerad i SeQF eller EQF', en: 'Not placed in SeQF or EQF' } }
  const { framework, level, basis, validUntil } = placement
  if (validUntil !== undefined && validUntil <= at) {
    const day = validUntil.slice(0, 10)
    return { applies: false, because: { sv: `Nivåplaceringen upphörde ${day}`, en: `The placement ended on ${day}` } }
  }
  const how = bases[basis]
  const text = { sv: `${framework}-nivå ${level}, ${how.sv}`, en: `${framework} level ${level}, ${how.en}` }
  return { applies: true, placement, text }
}

/** A named target outside. `url` only where an official address exists; nothing is made up. */
export interface Alignment {
  readonly type: 'ext:SeQF' | 'ext:EQF' | 'ext:Standard' | 'ext:QualityAssurance' | 'ext:Syllabus'
  readonly name: Text
  readonly code?: string
  readonly url?: string
  readonly reference?: string
}

/** What the learning outcomes are aligned with: level, standard, syllabus, approval. */
export function alignmentsOf(achievement: Achievement, at: Instant): readonly Alignment[] {
  const { standard, syllabus, approvedAs } = achievement
  return [
    ...placed(placementOf(achievement, at)),
    ...(standard === undefined
      ? []
      : [{ type: 'ext:Standard' as const, name: standard.name, code: `${standard.id}@${standard.version}` }]),
    ...(syllabus === undefined
      ? []
      : [
          {
            type: 'ext:Syllabus' as const,
            name: { sv: 'Fastställd kursplan', en: 'Established syllabus' },
            reference: syllabus.reference,
          },
        ]),
    ...(approvedAs === undefined
      ? []
      : [
          {
            type: 'ext:QualityAssurance' as const,
            name: { sv: 'Godkänd som mikromerit', en: 'Approved as a micro-credential' },
            reference: approvedAs.reference,
          },
        ]),
  ]
}

/** Levels of SeQF are those of EQF, so a Swedish placement is told in both. */
function placed(content: PlacementContent): readonly Alignment[] {
  if (!content.applies) return []
  const { framework, level, reference } = content.placement
  const eqf: Alignment = {
    type: 'ext:EQF',
    name: { sv: `EQF-nivå ${level}`, en: `EQF level ${level}` },
    code: String(level),
    url: `http://data.europa.eu/snb/eqf/${level}`,
    reference,
  }
  if (framework === 'EQF') return [eqf]
  return [
    { type: 'ext:SeQF', name: { sv: `SeQF-nivå ${level}`, en: `SeQF level ${level}` }, code: String(level), reference },
    eqf,
  ]
}
