/** The values register files are made of; without one spelling of an id nothing could be joined. */
import { z } from 'zod'
import { as, type Instant, type OrganisationId, type PersonId, type UnitId } from '#domain/words.ts'

const slugPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/

/** Also a token of NATS subjects and part of addresses (events/subjects.ts has the same rule; a test holds them together). */
export const slug = z.string().min(2).max(60).regex(slugPattern, 'write lower-case letters, digits and single hyphens')

export const line = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}]*$/u, 'leave out control characters')
const paragraph = z.string().min(1).max(4_000)

/** A text in both languages of the product. */
export const text = z.strictObject({ sv: paragraph, en: paragraph })

export const organisationId = slug.transform((id) => as<OrganisationId>(id)).describe('id in organisations.json')
export const unitId = z
  .string()
  .max(120)
  .regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*\/[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'write <organisation>/<unit>')
  .transform((id) => as<UnitId>(id))
export const personId = z
  .string()
  .max(60)
  .regex(/^pers_[a-z0-9]+(?:_[a-z0-9]+)*$/, 'write pers_ and lower-case letters, digits, underscores; never a name')
  .transform((id) => as<PersonId>(id))

/** A day (from midnight UTC) or a moment with offset; kept as UTC with milliseconds. */
export const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'write 2026-01-31, or RFC 3339 with offset')
  .transform((moment) => as<Instant>(new Date(moment).toISOString()))

/** `until` is exclusive; absent means still running. */
export const validity = { from: instant, until: instant.exactOptional() }

export const webUrl = z.url({ protocol: /^https?$/ }).max(300)
export const email = z.email().max(200)

/** The body, and the unit in it, that answers for something. */
export const owner = z.strictObject({ organisation: organisationId, unit: unitId.exactOptional() })
export const achievementIds = z.array(slug).min(1).describe('achievements covered; left out, all of them')
