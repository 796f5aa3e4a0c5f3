/** What a credential says, apart from any format; without it Open Badges, ELM and the wallet would each tell a different story. */
import type { ApproverRole, CaseInput } from '#domain/case.ts'
import { type Lack, lack } from '#domain/credential/annex.ts'
import {
  type AssessmentContent,
  approvalsOf,
  assessmentOf,
  type ExaminerContent,
  examinerOf,
  participationOf,
  type QualityBasis,
  qualityOf,
  reliedResults,
  unassessed,
} from '#domain/credential/derived.ts'
import type { LevelFacts } from '#domain/credential/level-facts.ts'
import { type Alignment, alignmentsOf, type PlacementContent, placementOf } from '#domain/credential/placement.ts'
import { type CredentialValidity, validityFrom } from '#domain/credential/validity.ts'
import {
  identityText,
  type Setting,
  type Supervision,
  supervisionTexts,
  termNames,
  testMark,
} from '#domain/credential/wording.ts'
import { factsFor } from '#domain/facts.ts'
import type { Route } from '#domain/identified.ts'
import type { Achievement, Outcome } from '#domain/register.ts'
import {
  atLeast,
  type Band,
  type CredentialId,
  type Instant,
  type Level,
  type Loa,
  type OrganisationId,
  type PersonId,
  type Term,
  type Text,
} from '#domain/words.ts'

/** What the moment of issuing adds. */
export interface Issuing {
  readonly issuedAt: Instant
  /** Reference of the case's trail. */
  readonly trail: string
  /** Names live outside the facts; only the attested document (A) carries one, at the other bands it is dropped. */
  readonly holderName?: string
  /** The holder's credential of the same achievement that was revoked as superseded. */
  readonly replaces?: CredentialId
}

type AchievementType = 'MicroCredential' | 'CertificateOfCompletion' | 'ext:Intyg'

export interface CredentialContent {
  readonly test: boolean
  readonly term: Term
  readonly heading: Text
  readonly achievementType: AchievementType
  readonly achievement: Pick<Achievement, 'id' | 'version' | 'name' | 'description' | 'criteria' | 'languages'>
  readonly awardedBy: {
    readonly id: OrganisationId
    readonly name: Text
    readonly country: string
    readonly url?: string
  }
  readonly learner: { readonly person: PersonId; readonly name?: string }
  readonly issuedAt: Instant
  readonly outcomes: readonly Outcome[]
  readonly alignments: readonly Alignment[]
  readonly workload: { readonly hours: number; readonly credits?: NonNullable<Achievement['credits']> }
  readonly placement: PlacementContent
  readonly assessment: AssessmentContent
  readonly participation?: { readonly form: Setting; readonly text: Text }
  readonly supervision: { readonly value: Supervision; readonly text: Text }
  readonly quality: { readonly profiles: string; readonly bases: readonly QualityBasis[] }
  readonly assurance: {
    readonly promised: Band
    readonly computed: Level
    readonly identity?: { readonly loa: Loa; readonly route: Route; readonly at: Instant; readonly text: Text }
    readonly examiner: ExaminerContent
    readonly approvals: readonly { readonly role: ApproverRole; readonly at: Instant }[]
  }
  readonly grades: readonly { readonly assessment: string; readonly value: string; readonly scale: string }[]
  readonly stackable: boolean
  readonly prerequisites?: Text
  readonly further: readonly Text[]
  readonly validity: CredentialValidity
  readonly trail: string
  /** The credential it stands in for, which is revoked. */
  readonly replaces?: CredentialId
}

export type BuiltContent =
  | { readonly kind: 'content'; readonly content: CredentialContent }
  /** Mandatory elements of Annex I without anything to stand on; nothing may be signed. */
  | { readonly kind: 'lacks'; readonly lacks: readonly Lack[] }
  /** Computed below the promise: never downgraded, never issued. */
  | { readonly kind: 'below-promise'; readonly promised: Band; readonly computed: Level }
  /** Band F: a record, no document. */
  | { readonly kind: 'no-document' }

/** A micro-credential in the EU's sense rests on assessed outcomes (levels.md). */
export function isMicroCredential(band: Band): boolean {
  return band === 'A' || band === 'B-C1' || band === 'C2-D'
}

/** Content of the credential the case leads to, as promised; the EU's mandatory elements are demanded of micro-credentials. */
export function buildContent(input: CaseInput, facts: LevelFacts, issuing: Issuing): BuiltContent {
  const { promised } = input.case
  if (input.profiles.byBand[promised].term === 'none') return { kind: 'no-document' }
  if (!atLeast(facts.level, promised)) return { kind: 'below-promise', promised, computed: facts.level }
  const content = contentOf(input, facts, issuing)
  const lacks = content === undefined ? [lack(4, unknownBody)] : isMicroCredential(promised) ? lacksOf(content) : []
  return content === undefined || lacks.length > 0 ? { kind: 'lacks', lacks } : { kind: 'content', content }
}

const unknownBody: Text = { sv: 'Utfärdaren finns inte i registret', en: 'The awarding body is not in the register' }

function contentOf(input: CaseInput, level: LevelFacts, issuing: Issuing): CredentialContent | undefined {
  const { achievement, register, profiles } = input
  const { promised } = input.case
  const body = register.organisations.find((one) => one.id === achievement.awards)
  if (body === undefined) return undefined
  const profile = profiles.byBand[promised]
  const facts = factsFor(input, profile)
  const results = reliedResults(input, level.relied)
  const participation = participationOf(facts)
  const { id, version, name, description, criteria, languages, credits, prerequisites, test } = achievement
  return {
    test,
    term: profile.term,
    heading: headingOf(profile.term, test),
    achievementType: achievementTypeOf(
      promised,
      facts.participations.map((fact) => fact.attendance?.activity),
    ),
    achievement: { id, version, name, description, criteria, languages },
    awardedBy: {
      id: body.id,
      name: body.name,
      country: body.country,
      ...(body.url === undefined ? {} : { url: body.url }),
    },
    learner: { person: input.case.learner, ...nameOf(promised, issuing) },
    issuedAt: issuing.issuedAt,
    outcomes: achievement.outcomes,
    alignments: alignmentsOf(achievement, issuing.issuedAt),
    workload: { hours: achievement.workloadHours, ...(credits === undefined ? {} : { credits }) },
    placement: placementOf(achievement, issuing.issuedAt),
    assessment: isMicroCredential(promised) ? assessmentOf(results) : unassessed,
    ...(participation === undefined ? {} : { participation }),
    supervision: { value: level.supervision, text: supervisionTexts[level.supervision] },
    quality: { profiles: profiles.version, bases: qualityOf(input) },
    assurance: {
      promised,
      computed: level.level,
      ...identityOf(level.credited),
      examiner: examinerOf(input, facts, { approvals: level.approvals, results }),
      approvals: approvalsOf(level.approvals),
    },
    grades: results.flatMap(({ assessment, grade, purpose }) =>
      grade === undefined || purpose !== 'summative' ? [] : [{ assessment, ...grade }],
    ),
    stackable: achievement.stackable,
    ...(prerequisites === undefined ? {} : { prerequisites }),
    further: furtherOf(achievement),
    validity: validityFrom(issuing.issuedAt, achievement.validForMonths),
    trail: issuing.trail,
    ...(issuing.replaces === undefined ? {} : { replaces: issuing.replaces }),
  }
}

function headingOf(term: Term, test: boolean): Text {
  const name = termNames[term]
  return test ? { sv: `${name.sv} (${testMark.sv})`, en: `${name.en} (${testMark.en})` } : name
}

/** An intyg on a completed course is a certificate of completion in the words of Open Badges; other ones have no word there. */
function achievementTypeOf(promised: Band, activities: readonly (string | undefined)[]): AchievementType {
  if (isMicroCredential(promised)) return 'MicroCredential'
  return activities.some((one) => one === 'course' || one === 'open-course') ? 'CertificateOfCompletion' : 'ext:Intyg'
}

function nameOf(promised: Band, { holderName }: Issuing): { readonly name?: string } {
  const name = holderName?.trim()
  return promised === 'A' && name !== undefined && name !== '' ? { name } : {}
}

function identityOf(credited: LevelFacts['credited']): Pick<CredentialContent['assurance'], 'identity'> {
  if (credited === null || credited.loa === 0) return {}
  const { loa, route, at } = credited
  return { identity: { loa, route, at, text: identityText(loa, route, at) } }
}

function furtherOf({ eligibility, creditable }: Achievement): readonly Text[] {
  const gives = eligibility === undefined ? [] : [eligibility.gives]
  if (creditable === undefined) return gives
  return [...gives, { sv: `Kan tillgodoräknas: ${creditable.basis}`, en: `Can be credited: ${creditable.basis}` }]
}

/** Elements 1–11; 8 is never lacking, because a reason for its absence is always given. */
function lacksOf(content: CredentialContent): readonly Lack[] {
  const { assurance, learner, achievement, awardedBy, outcomes, workload, assessment, participation, quality } = content
  const checks: readonly (readonly [holds: boolean, element: number, because: Text])[] = [
    [
      assurance.identity !== undefined,
      1,
      { sv: 'Ingen identitet är styrkt vid tillfället', en: 'No identity was established at the occasion' },
    ],
    [
      assurance.promised !== 'A' || learner.name !== undefined,
      1,
      {
        sv: 'Innehavarens namn saknas i en bestyrkt handling',
        en: "The holder's name is missing in an attested document",
      },
    ],
    [isTold(achievement.name), 2, { sv: 'Namn saknas på något språk', en: 'The name is missing in one language' }],
    [/^[A-Z]{2}$/.test(awardedBy.country), 3, { sv: 'Landskod saknas', en: 'There is no country code' }],
    [isTold(awardedBy.name), 4, { sv: 'Utfärdarens namn saknas', en: 'The awarding body has no name' }],
    [/^\d{4}-\d\d-\d\dT/.test(content.issuedAt), 5, { sv: 'Datum saknas', en: 'There is no date' }],
    [
      outcomes.length > 0 && outcomes.every((outcome) => isTold(outcome.text)),
      6,
      { sv: 'Läranderesultat saknas eller är tomma', en: 'Learning outcomes are missing or empty' },
    ],
    [workload.hours > 0, 7, { sv: 'Arbetsbelastningen är inte angiven', en: 'The workload is not given' }],
    [assessment.assessed, 9, { sv: 'Inget bedömt resultat bär nivån', en: 'No assessed result supports the level' }],
    [participation !== undefined, 10, { sv: 'Inget deltagande är rapporterat', en: 'No participation was reported' }],
    [
      quality.bases.length > 0,
      11,
      {
        sv: 'Varken giltigt mandat, ackreditering eller fastställd kursplan',
        en: 'No valid mandate, accreditation or established syllabus',
      },
    ],
  ]
  return checks.flatMap(([holds, element, because]) => (holds ? [] : [lack(element, because)]))
}

function isTold({ sv, en }: Text): boolean {
  return sv.trim() !== '' && en.trim() !== ''
}
