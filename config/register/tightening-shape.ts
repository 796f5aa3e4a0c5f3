/** What an institution demands beyond the level table. Shape only: that nothing is loosened is a rule of the domain. */
import { z } from 'zod'
import { bands } from '#domain/words.ts'
import { line, slug, text } from './fields.ts'

const seconds = z.int().min(1).max(400_000_000).describe('seconds')
const days = z.int().min(0).max(36_500)

/** Part of a row's demand; the members are those of `domain/policy/profile.ts`. */
const demands = {
  loa: z.strictObject({
    atLeast: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).exactOptional(),
    orProctored: z.boolean().exactOptional(),
  }),
  separation: z.strictObject({
    organisations: z.boolean().exactOptional(),
    scorers: z.enum(['all', 'one-per-result', 'none']).exactOptional(),
    scorersNotEmployer: z.boolean().exactOptional(),
    approver: z
      .array(z.enum(['not-teacher', 'not-scorer', 'not-invigilator', 'not-employer', 'not-unit-or-line']))
      .exactOptional(),
    confirmerNotLearner: z.boolean().exactOptional(),
    checkerNotTeacher: z.boolean().exactOptional(),
    teachingDays: days.exactOptional(),
    teachersKnown: z.boolean().exactOptional(),
  }),
  supervision: z.strictObject({ ways: z.array(z.enum(['on-site-id-check', 'online-human'])).min(1) }),
  identity: z.strictObject({
    ways: z.array(z.enum(['document', 'login-live-match', 'roster', 'session', 'proctored'])).min(1),
  }),
  premises: z.strictObject({ demands: z.enum(['approved', 'confirmed', 'named', 'where', 'none']) }),
  attendance: z.strictObject({ share: z.number().min(0).max(1) }),
  durations: z.strictObject({
    evidence: seconds.exactOptional(),
    approval: seconds.exactOptional(),
    reminder: seconds.exactOptional(),
    officer: seconds.exactOptional(),
    freshLogin: seconds.exactOptional(),
  }),
} as const

const why = { because: text, reference: line.describe('the decision it stands on') }

const tighteningOf = <const Row extends keyof typeof demands>(row: Row) =>
  z.strictObject({ id: slug, band: z.enum(bands), row: z.literal(row), demand: demands[row], ...why })

export const tightening = z.discriminatedUnion('row', [
  tighteningOf('loa'),
  tighteningOf('separation'),
  tighteningOf('supervision'),
  tighteningOf('identity'),
  tighteningOf('premises'),
  tighteningOf('attendance'),
  tighteningOf('durations'),
])
