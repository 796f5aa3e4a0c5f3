/** An institution's stricter demands on top of the table. Without this file "may only tighten" would be a promise nobody checks. */
import type { Durations, IdentityWay, Profile, Profiles, SupervisionWay } from '#domain/policy/profile.ts'
import type { Band, Text } from '#domain/words.ts'

/** What of each row an institution may declare; absent members stay as the table has them. */
interface Demands {
  readonly loa: Partial<Profile['loa']['demand']>
  readonly separation: Partial<Profile['separation']['demand']>
  readonly supervision: { readonly ways: readonly SupervisionWay[] }
  readonly identity: { readonly ways: readonly IdentityWay[] }
  readonly premises: Profile['premises']['demand']
  readonly attendance: { readonly share: number }
  readonly durations: Partial<Durations>
}
type TightenedRow = keyof Demands

/** One declared demand, with its reason and the decision it stands on. */
export type Tightening = {
  readonly [Row in TightenedRow]: {
    readonly id: string
    readonly band: Band
    readonly row: Row
    readonly demand: Demands[Row]
    readonly because: Text
    readonly reference: string
  }
}[TightenedRow]

/** Which cell would have been loosened, and by what. */
export interface Loosening {
  readonly rule: string
  readonly because: Text
}

export type Tightened =
  | { readonly kind: 'profiles'; readonly profiles: Profiles }
  | { readonly kind: 'loosens'; readonly problems: readonly Loosening[] }

/**
 * The table with an institution's demands. Each is held against the table itself: what is looser in any member is refused,
 * and then nothing is applied. Several on one cell: the strictest of each member, in whatever order they come. The version
 * stays; who stores the profiles names the institution in it.
 */
export function tighten(profiles: Profiles, tightenings: readonly Tightening[]): Tightened {
  const problems = tightenings.flatMap((one) => looseningsOf(profiles.byBand[one.band], one))
  if (problems.length > 0) return { kind: 'loosens', problems }
  const byBand = tightenings
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .reduce((all, one) => ({ ...all, [one.band]: applied(all[one.band], one) }), profiles.byBand)
  const nothingLeft = tightenings.filter(({ band, row }) => isEmptied(byBand[band], row))
  if (nothingLeft.length > 0) return { kind: 'loosens', problems: nothingLeft.map(contradiction) }
  return { kind: 'profiles', profiles: { ...profiles, byBand } }
}

/** The stricter of two demands, member by member. */
type Stricter<Demand> = {
  readonly [Member in keyof Demand]-?: (a: Demand[Member], b: Demand[Member]) => Demand[Member]
}

const both = (a: boolean, b: boolean): boolean => a && b
const either = (a: boolean, b: boolean): boolean => a || b
const higher = <N extends number>(a: N, b: N): N => (a > b ? a : b)
const lower = (a: number, b: number): number => Math.min(a, b)
const union = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [...a, ...b.filter((one) => !a.includes(one))]
const common = <T>(a: readonly T[], b: readonly T[]): readonly T[] => a.filter((one) => b.includes(one))
const later =
  <T>(order: readonly T[]) =>
  (a: T, b: T): T =>
    order.indexOf(a) > order.indexOf(b) ? a : b

const stricter: { readonly [Row in Exclude<TightenedRow, 'durations'>]: Stricter<Profile[Row]['demand']> } & {
  readonly durations: Stricter<Durations>
} = {
  loa: { atLeast: higher, orProctored: both },
  separation: {
    organisations: either,
    scorers: later(['none', 'one-per-result', 'all']),
    scorersNotEmployer: either,
    approver: union,
    confirmerNotLearner: either,
    checkerNotTeacher: either,
    teachingDays: higher,
    teachersKnown: either,
  },
  supervision: { ways: (a, b) => (a === 'none' || a === 'any' ? b : b === 'none' || b === 'any' ? a : common(a, b)) },
  // No way at all means no demand.
  identity: { ways: (a, b) => (a.length === 0 ? b : b.length === 0 ? a : common(a, b)) },
  premises: { demands: later(['none', 'where', 'named', 'confirmed', 'approved']) },
  attendance: { demands: (a) => a, share: higher },
  durations: { evidence: lower, approval: lower, reminder: lower, officer: lower, freshLogin: lower },
}

function merged<Demand extends object>(rules: Stricter<Demand>, current: Demand, wanted: Partial<Demand>): Demand {
  const result = { ...current }
  for (const member of membersOf(wanted)) {
    const value = wanted[member]
    if (value !== undefined) result[member] = rules[member](current[member], value)
  }
  return result
}

function membersOf<Demand extends object>(demand: Partial<Demand>): (keyof Demand)[] {
  return Object.keys(demand) as (keyof Demand)[]
}

function looserMembers<Demand extends object>(
  rules: Stricter<Demand>,
  table: Demand,
  wanted: Partial<Demand>,
): (keyof Demand)[] {
  const allowed = merged(rules, table, wanted)
  return membersOf(wanted).filter((member) => asText(allowed[member]) !== asText(wanted[member]))
}

/** Lists are sets here. */
function asText(value: unknown): string {
  return JSON.stringify(Array.isArray(value) ? [...new Set(value.map(String))].toSorted() : value)
}

function looseningsOf(profile: Profile, one: Tightening): Loosening[] {
  return looserIn(profile, one).map((member) => ({
    rule: ruleOf(one),
    because: {
      sv: `Skärpningen ${one.id} är lösare än tabellen: ${String(member)}`,
      en: `Tightening ${one.id} is looser than the table: ${String(member)}`,
    },
  }))
}

function looserIn(profile: Profile, one: Tightening): PropertyKey[] {
  switch (one.row) {
    case 'loa':
      return looserMembers(stricter.loa, profile.loa.demand, one.demand)
    case 'separation':
      return looserMembers(stricter.separation, profile.separation.demand, one.demand)
    case 'supervision':
      return looserMembers(stricter.supervision, profile.supervision.demand, one.demand)
    case 'identity':
      return looserMembers(stricter.identity, profile.identity.demand, one.demand)
    case 'premises':
      return looserMembers(stricter.premises, profile.premises.demand, one.demand)
    case 'attendance':
      return looserMembers(stricter.attendance, profile.attendance.demand, one.demand)
    case 'durations':
      return looserMembers(stricter.durations, profile.durations, one.demand)
  }
}

function applied(profile: Profile, one: Tightening): Profile {
  switch (one.row) {
    case 'loa':
      return { ...profile, loa: cell(profile.loa, one, merged(stricter.loa, profile.loa.demand, one.demand)) }
    case 'separation': {
      const demand = merged(stricter.separation, profile.separation.demand, one.demand)
      return { ...profile, separation: cell(profile.separation, one, demand) }
    }
    case 'supervision': {
      const demand = merged(stricter.supervision, profile.supervision.demand, one.demand)
      return { ...profile, supervision: cell(profile.supervision, one, demand) }
    }
    case 'identity': {
      const demand = merged(stricter.identity, profile.identity.demand, one.demand)
      return { ...profile, identity: cell(profile.identity, one, demand) }
    }
    case 'premises': {
      const demand = merged(stricter.premises, profile.premises.demand, one.demand)
      return { ...profile, premises: cell(profile.premises, one, demand) }
    }
    case 'attendance': {
      const demand = merged(stricter.attendance, profile.attendance.demand, one.demand)
      return { ...profile, attendance: cell(profile.attendance, one, demand) }
    }
    case 'durations':
      return { ...profile, durations: merged(stricter.durations, profile.durations, one.demand) }
  }
}

/** The cell keeps its rule id and says whose decision made it stricter. */
function cell<Demand>(
  old: { readonly rule: string; readonly source: 'seed' | 'reading'; readonly text: Text },
  { because, reference }: Tightening,
  demand: Demand,
) {
  const text = {
    sv: `${old.text.sv}. Skärpt: ${because.sv} (${reference})`,
    en: `${old.text.en}. Tightened: ${because.en} (${reference})`,
  }
  return { rule: old.rule, source: old.source, text, demand }
}

/** Two tightenings that leave no way would turn "no way" into "no demand". */
function isEmptied({ supervision, identity }: Profile, row: TightenedRow): boolean {
  return (
    (row === 'supervision' && supervision.demand.ways.length === 0) ||
    (row === 'identity' && identity.demand.ways.length === 0)
  )
}

function contradiction(one: Tightening): Loosening {
  return {
    rule: ruleOf(one),
    because: {
      sv: `Skärpningen ${one.id} lämnar inget sätt kvar`,
      en: `Tightening ${one.id} leaves no way at all`,
    },
  }
}

function ruleOf({ band, row }: Tightening): string {
  return `${band}.${row}`
}
