/** Row "definition of competence": is what was earned defined as the band demands? */
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import type { Plan } from '#domain/plan.ts'
import type { DefinitionDemand } from '#domain/policy/profile.ts'
import type { Achievement } from '#domain/register.ts'
import type { Text } from '#domain/words.ts'

export function definitionRow(plan: Plan): Finding[] {
  const { rule, demand } = plan.profile.definition
  return demand.demands.map((name) => {
    const { holds, says } = demands[name]
    const cited = `${rule}.${name}`
    if (holds(plan.input.achievement, plan)) return passed(cited, says)
    const because = text(
      `Definitionen saknar: ${says.sv.toLowerCase()}`,
      `The definition lacks: ${says.en.toLowerCase()}`,
    )
    return short(cited, { outcome: 'failed', because, missing: says })
  })
}

interface Demanded {
  readonly says: Text
  readonly holds: (achievement: Achievement, plan: Plan) => boolean
}

/** A placement the issuer gave itself never satisfies (levels.md). */
function isPlaced({ placement, approvedAs }: Achievement, { input }: Plan): boolean {
  if (approvedAs !== undefined) return true
  if (placement === undefined || placement.basis === 'self-referenced') return false
  return placement.validUntil === undefined || placement.validUntil > input.now
}

const demands: Readonly<Record<DefinitionDemand, Demanded>> = {
  'outcomes-structured': {
    says: text('Strukturerade, kontrollerbara läranderesultat', 'Structured, verifiable learning outcomes'),
    holds: ({ structured, outcomes }) => structured && outcomes.length > 0,
  },
  standard: {
    says: text('Branschstandard med version', 'Industry standard with version'),
    holds: ({ standard }) => standard !== undefined,
  },
  'placement-or-approval': {
    says: text(
      'Nivåplacering enligt beslut, eller godkännande som mikromerit',
      'Placement by decision, or approval as a micro-credential',
    ),
    holds: isPlaced,
  },
  method: { says: text('Bedömningsmetod', 'Method of assessment'), holds: ({ method }) => method !== undefined },
  'credits-or-level': {
    says: text('Nivå och omfattning där de gäller', 'Level and credits where they apply'),
    holds: ({ credits, placement, workloadHours }) =>
      credits !== undefined || placement !== undefined || workloadHours > 0,
  },
  eligibility: {
    says: text('Behörighet som ges, med grund', 'Eligibility given, with basis'),
    holds: ({ eligibility }) => eligibility !== undefined,
  },
  creditable: {
    says: text('Möjlighet till tillgodoräknande, med grund', 'Credit transfer, with basis'),
    holds: ({ creditable }) => creditable !== undefined,
  },
  syllabus: {
    says: text('Fastställd kursplan', 'Established syllabus'),
    holds: ({ syllabus }, { occasion }) => syllabus !== undefined && syllabus.establishedAt <= occasion,
  },
  outcomes: { says: text('Läranderesultat', 'Learning outcomes'), holds: ({ outcomes }) => outcomes.length > 0 },
  'course-description': {
    says: text('Kursbeskrivning', 'Course description'),
    holds: ({ courseDescription }) => courseDescription !== undefined,
  },
  'course-or-event-description': {
    says: text(
      'Väg 1: kursbeskrivning; väg 2 och 3: beskrivning av evenemanget eller projektet',
      'Route 1: course description; routes 2 and 3: description of the event or project',
    ),
    holds: ({ courseDescription, eventDescription }, { route }) =>
      (route === 'results' ? courseDescription : eventDescription) !== undefined,
  },
  'knowledge-content': {
    says: text('Kunskapsinnehåll', 'Knowledge content'),
    holds: ({ knowledgeContent, outcomes }) => knowledgeContent !== undefined || outcomes.length > 0,
  },
  resource: { says: text('Resursens beteckning', 'Resource id'), holds: ({ resource }) => resource !== undefined },
}
