/** What is asked for when an audit package is made. */
import { z } from '@hono/zod-openapi'
import { type PackagePurpose, packagePurposes } from '#audit/package/code-words.ts'
import { packageProfiles } from '#audit/package/profiles.ts'
import { caseId, code, level, moment } from './words.ts'

const profile = z.enum(packageProfiles).openapi({ description: 'For whom: decides what is opened' })

/** Why it leaves the house; stands in the log for ever, so it is a code. */
const purpose = z.enum(Object.keys(packagePurposes) as [PackagePurpose, ...PackagePurpose[]])

const why = { purpose, reason: code.optional().openapi({ description: 'A code, such as a reference number' }) }
const size = z.int().min(1).openapi({ description: 'Size of a published checkpoint', example: 1 })

/** No package holds more: longer reports nobody reads. */
export const mostCases = 200

export const trailsOrder = z
  .strictObject({
    cases: z.array(caseId).min(1).max(mostCases),
    profile,
    ...why,
    checkpoint: size.optional().openapi({ description: 'Size of a published checkpoint; absent: the newest' }),
  })
  .openapi('TrailsOrder')

export const sampleOrder = z
  .strictObject({
    from: moment,
    until: moment.optional().openapi({ description: 'Exclusive; absent: now' }),
    achievement: code.optional(),
    level: level.optional(),
    size: z.int().min(1).max(mostCases),
    strata: z
      .array(z.enum(['level', 'achievement']))
      .max(2)
      .default([]),
    seed: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .refine((seed) => /[1-9a-f]/.test(seed), 'must not be all zeros')
      .optional()
      .openapi({ description: 'The auditor’s own, 32 hexadecimal digits' }),
    seedFrom: size.optional().openapi({
      description:
        'Size of a checkpoint whose root begins with the seed. With neither it is the first checkpoint after the announcement, which nobody can choose',
    }),
    profile,
    ...why,
  })
  .openapi('SampleOrder')

export const logOrder = z.strictObject({ ...why, checkpoint: size.optional() }).openapi('LogOrder')
