/** Every demand of the table bites: changed in a copy, it changes what some case is told. What does not is listed with its reason. */
import { describe, expect, test } from 'vitest'
import type { CaseInput } from '#domain/case.ts'
import { rows } from '#domain/gates/verdict.ts'
import { computeLevel } from '#domain/level.ts'
import { levels } from '#domain/policy/levels.ts'
import type { Profiles } from '#domain/policy/profile.ts'
import { type Band, bands } from '#domain/words.ts'
import { corpus } from './corpus.ts'

type Value = boolean | number | string | readonly unknown[]

/** Words a member may hold instead; the first that is another one is tried, and the last. */
const words: Readonly<Record<string, readonly Value[]>> = {
  scorers: ['none', 'one-per-result', 'all'],
  needs: ['summative-practical', 'formative-and-summative', 'route', 'taking-part', 'access'],
  'supervision.ways': ['none', ['on-site-id-check'], ['online-human'], 'any'],
  'identity.ways': [[], ['document'], ['login-live-match'], ['roster'], ['session'], ['proctored']],
  'premises.demands': ['none', 'named', 'confirmed', 'approved'],
  'attendance.demands': ['access', 'took-part', 'authenticated', 'roster', 'compulsory-parts', 'routine'],
  'coverage.demands': ['none', 'one-passed', 'every-outcome-summative', 'every-outcome-by-item'],
  approver: [[], ['not-teacher', 'not-scorer', 'not-invigilator', 'not-employer', 'not-unit-or-line']],
  'definition.demands': [[], ['standard', 'eligibility', 'resource']],
  bases: [[], ['sector-commission'], ['higher-education'], ['registered-provider']],
  roles: [[], [['examiner']], [['external-reviewer'], ['decision-maker']]],
  activities: [[], ['course']],
  atLeast: [0, 2, 3, 4],
  teachingDays: [0, 365, 3_650],
  share: [0, 0.5, 1],
}

/** Members that refine another demand of the same band, which it does not make; they bite where it is made. */
const silent: readonly {
  readonly bands: readonly Band[]
  readonly members: readonly string[]
  readonly because: string
}[] = [
  {
    bands: ['A', 'B-C1', 'C2-D'],
    members: ['separation.confirmerNotLearner', 'approvers.confirmation'],
    because: 'a confirmation is evidence on routes 2 and 3 of D–E only',
  },
  {
    bands: ['A', 'B-C1', 'C2-D'],
    members: ['assessment.activities'],
    because: 'the band asks for results, not for activities',
  },
  {
    bands: ['A', 'B-C1', 'C2-D', 'E', 'F'],
    members: ['attendance.share'],
    because: 'a share of the time is asked for on route 2 of D–E only',
  },
  {
    bands: ['C2-D', 'D-E', 'E', 'F'],
    members: ['separation.scorersNotEmployer'],
    because: 'the band has no rule for scorers',
  },
  {
    bands: ['D-E', 'E', 'F'],
    members: ['separation.approver', 'approvers.appointedByHigherEducation', 'approvers.ownLoa'],
    because: 'the band has no approver',
  },
  {
    bands: ['D-E', 'E', 'F'],
    members: ['separation.teachingDays'],
    because: 'nobody has to be apart from the teachers',
  },
  {
    bands: ['D-E', 'E', 'F'],
    members: ['assessment.thirdParty', 'assessment.standard'],
    because: 'the band asks for no summative results',
  },
  {
    bands: ['D-E', 'E', 'F'],
    members: ['coverage.skillsPractical', 'coverage.controlledTests'],
    because: 'the band does not ask for every outcome',
  },
  { bands: ['E', 'F'], members: ['loa.orProctored'], because: 'the band asks for no level of assurance' },
  {
    bands: ['E', 'F'],
    members: ['separation.confirmerNotLearner', 'approvers.confirmation'],
    because: 'the band asks for no confirmation',
  },
  { bands: ['E', 'F'], members: ['separation.checkerNotTeacher'], because: 'the band asks for no identity check' },
  { bands: ['F'], members: ['assessment.activities'], because: 'access to anything will do' },
]

function alternatives(row: string, member: string, value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [!value]
  const known = words[`${row}.${member}`] ?? words[member] ?? []
  return known.filter((other) => JSON.stringify(other) !== JSON.stringify(value))
}

function withDemand(band: Band, row: string, demand: object): Profiles {
  const profile = levels.byBand[band]
  const cell = profile[row as 'loa']
  const changed = { ...profile, [row]: { ...cell, demand } }
  return { ...levels, byBand: { ...levels.byBand, [band]: changed } }
}

/** What a case is told: levels, and rules with outcomes. */
function told(input: CaseInput, profiles: Profiles, band: Band): string {
  return JSON.stringify(
    (['assumed', 'actual'] as const).map((approvals) => {
      const { level, byBand } = computeLevel({ ...input, profiles }, approvals)
      return [level, rows.flatMap((row) => byBand[band].findings[row].map(({ rule, outcome }) => [rule, outcome]))]
    }),
  )
}

const demands = bands.flatMap((band) =>
  rows.flatMap((row) =>
    Object.entries(levels.byBand[band][row].demand).map(([member, value]) => ({
      band,
      row,
      member,
      value: value as unknown,
    })),
  ),
)

describe('each demand of the table', () => {
  const before = new Map(bands.map((band) => [band, corpus.map(({ input }) => told(input, levels, band))]))
  for (const { band, row, member, value } of demands) {
    const cited = `${band}.${row}.${member}`
    const reason = silent.find((one) => one.bands.includes(band) && one.members.includes(`${row}.${member}`))?.because
    test(`${cited} ${reason === undefined ? 'bites' : `is silent: ${reason}`}`, () => {
      const others = alternatives(row, member, value)
      expect(others.length).toBeGreaterThan(0)
      const bites = others.some((other) => {
        const profiles = withDemand(band, row, { ...levels.byBand[band][row].demand, [member]: other })
        return corpus.some(({ input }, index) => told(input, profiles, band) !== before.get(band)?.[index])
      })
      expect(bites).toBe(reason === undefined)
    })
  }
})
