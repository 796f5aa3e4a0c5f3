/** The register as it is shown: bodies as the register's own schema has them, and what they were before. */
import { z } from '@hono/zod-openapi'
import { instant, text } from './words.ts'

/** Kinds in the words of `docs/register.schema.json`. */
export const itemKinds = [
  'organisation',
  'person',
  'appointment',
  'accreditation',
  'mandate',
  'conflict',
  'emitter',
  'tightening',
] as const

const body = z
  .record(z.string(), z.unknown())
  .openapi({ description: 'As docs/register.schema.json describes it; of persons neither name nor birth date' })

const version = {
  revisionFrom: z.int().openapi({ description: 'First revision in which it stood so' }),
  revisionUntil: z.int().optional().openapi({ description: 'First revision in which it no longer did' }),
  origin: z
    .enum(['register', 'api'])
    .openapi({ description: 'Declared in the files, or by a person through this API' }),
  appliedAt: instant,
}

export const registerItem = z.object({ id: z.string(), body, ...version }).openapi('RegisterItem')

export const registerItemDetail = z
  .object({
    id: z.string(),
    inForce: z.boolean(),
    name: z
      .string()
      .optional()
      .openapi({ description: 'Of a person, for officers; never of one with protected identity' }),
    versions: z.array(z.object({ body, ...version })).openapi({ description: 'Latest first' }),
  })
  .openapi('RegisterItemDetail')

export const institutionView = z
  .object({
    id: z.string(),
    name: text,
    origin: z.string().openapi({ description: 'Origin of the institution’s log' }),
    revision: z.int().openapi({ description: 'Register revision in force' }),
    declared: body,
  })
  .openapi('Institution')

export const revision = z
  .object({ revision: z.int(), added: z.int(), changed: z.int(), removed: z.int(), at: instant.optional() })
  .openapi('RegisterRevision')

const cell = z
  .object({ rule: z.string(), source: z.enum(['seed', 'reading']), text, demand: z.unknown(), tightened: z.boolean() })
  .openapi('Demand')

export const profile = z
  .object({
    band: z.string(),
    term: z.string(),
    version: z.string().openapi({ description: 'Of the table; with the institution’s name where it is tightened' }),
    demands: z.record(z.string(), cell).openapi({ description: 'By what is demanded: loa, separation, assessment …' }),
    durations: z.record(z.string(), z.number()).openapi({ description: 'Every wait, in seconds' }),
  })
  .openapi('Profile')

export const achievementVersion = z
  .object({
    id: z.string(),
    version: z.int(),
    band: z.string(),
    name: text,
    test: z.boolean(),
    inForce: z.boolean(),
    body,
    ...version,
  })
  .openapi('AchievementVersion')

export const achievementSummary = achievementVersion.omit({ body: true }).openapi('AchievementSummary')
