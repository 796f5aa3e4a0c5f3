/** The files of a register and their shapes. Without one list, a file nobody reads could look like a declaration. */
import { z } from 'zod'
import { type ArchiveGround, archiveGrounds, type ErasureBasis, erasureBases } from '#domain/erasure.ts'
import { keepings } from '#domain/retention.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { achievement } from './achievement-shape.ts'
import {
  achievementIds,
  email,
  instant,
  line,
  organisationId,
  owner,
  personId,
  slug,
  text,
  unitId,
  validity,
  webUrl,
} from './fields.ts'
import { nkey, publicJwk } from './keys.ts'
import { tightening } from './tightening-shape.ts'

const schema = { $schema: z.string().exactOptional() }
const decision = z.strictObject({ decision: line })

const retentionRule = z.strictObject({
  id: slug,
  classes: z.array(z.enum(['disclosures', 'facts', 'judgements', 'decisions', 'credentials'])).min(1),
  keep: z
    .enum(keepings)
    .describe('forever; after-end: so many days after the case ended; until-expiry: after its last credential expired'),
  days: z.int().min(0).max(36_500).default(0),
  basis: z.enum(Object.keys(erasureBases) as [ErasureBasis, ...ErasureBasis[]]).default('archive-disposal'),
  archive: z.enum(Object.keys(archiveGrounds) as [ArchiveGround, ...ArchiveGround[]]).exactOptional(),
  decision: z.string().regex(/^[!-~]{3,80}$/, 'write the reference without blanks'),
})

const institution = z.strictObject({
  ...schema,
  id: slug.transform((id) => as<InstitutionId>(id)),
  name: text,
  organisation: organisationId.describe('the awarding body this register belongs to'),
  type: z
    .enum(['swedish-authority', 'private-gdpr'])
    .exactOptional()
    .describe('how the archive duty is read before anything is erased; a Swedish authority unless said otherwise'),
  retention: z
    .array(retentionRule)
    .max(100)
    .exactOptional()
    .describe(
      'how long each kind of data is kept, by whose decision; disposal is suggested every night, and decided by people',
    ),
  sandbox: z.literal(true).exactOptional().describe('for trials only: every achievement must be marked as a test'),
  host: z
    .string()
    .max(200)
    .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'write a host name without port')
    .describe('the log’s origin is <host>/<id>; it never changes'),
  url: webUrl,
  contact: email.exactOptional(),
  reconsideration: z
    .strictObject({
      email: email.exactOptional(),
      url: webUrl.exactOptional(),
      withinDays: z.int().min(1).max(365).exactOptional(),
    })
    .refine((where) => where.email !== undefined || where.url !== undefined, 'give an e-mail address or a page')
    .describe('where a learner asks for reconsideration'),
  referenceSchemes: z.array(z.strictObject({ id: slug, name: text })).min(1),
  loaPolicy: z
    .strictObject({
      raisesEidasLow: decision.exactOptional(),
      capsEidasHigh: decision.exactOptional(),
      acceptsUncertifiedLoa2: decision.exactOptional(),
      acceptsUncertifiedAtAllBands: decision.exactOptional(),
      listedProviders: z.array(line).exactOptional(),
      entitledIssuers: z.array(line).exactOptional(),
    })
    .exactOptional()
    .describe('what the institution chose around the LoA table, each by a decision'),
})

const organisation = z.strictObject({
  id: organisationId,
  name: text,
  country: z.string().regex(/^[A-Z]{2}$/, 'write an ISO 3166-1 alpha-2 code'),
  roles: z.array(z.enum(['trains', 'examines', 'invigilates', 'awards', 'accredits', 'commissions'])).min(1),
  ownerGroup: slug.exactOptional().describe('legal bodies under one owner share a group'),
  higherEducation: z.boolean().describe('a lärosäte'),
  url: webUrl.exactOptional(),
})

const unit = z.strictObject({ id: unitId, name: text, parent: unitId.exactOptional() })

const reference = z.strictObject({
  scheme: slug,
  value: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[!-~]+$/, 'write visible ASCII without spaces'),
})

const person = z.strictObject({
  id: personId,
  name: line,
  birthDate: z.iso.date().exactOptional(),
  protected: z.boolean().default(false).describe('protected identity: masks the case, never changes a level'),
  references: z.array(reference).max(30).default([]),
  employments: z
    .array(z.strictObject({ organisation: organisationId, unit: unitId.exactOptional(), ...validity }))
    .max(50)
    .default([]),
  managers: z.array(personId).max(20).default([]),
  linked: z.array(personId).max(20).default([]).describe('other ids of the same human being'),
})

const appointment = z.strictObject({
  id: slug,
  person: personId,
  role: z.enum(['examiner', 'external-reviewer', 'decision-maker', 'officer', 'operator', 'privacy-officer']),
  by: organisationId,
  achievements: achievementIds.exactOptional(),
  order: z.int().min(1).max(10_000).describe('place in the decided list from which the next is drawn'),
  ...validity,
})

const accreditation = z.strictObject({
  id: slug,
  organisation: organisationId,
  by: organisationId,
  standard: slug,
  achievements: achievementIds.exactOptional(),
  reference: line,
  ...validity,
})

const mandate = z.strictObject({
  id: slug,
  organisation: organisationId,
  basis: z.enum([
    'sector-commission',
    'sector-own',
    'higher-education',
    'established-syllabus',
    'commissioner',
    'registered-provider',
  ]),
  achievements: achievementIds.exactOptional(),
  reference: line,
  ...validity,
})

const conflict = z.strictObject({
  person: personId,
  learner: personId.exactOptional().describe('left out: with everybody'),
  declaredAt: instant,
  reason: line,
})

const emitter = z.strictObject({
  id: slug.describe('source token of its events'),
  name: text,
  owner: owner.describe('who answers for it: facts of the course’s own unit do not count everywhere'),
  kinds: z
    .array(z.enum(['completion', 'identity', 'participation', 'result', 'proctoring', 'withdrawal']))
    .min(1)
    .describe('kinds of facts it may report'),
  achievements: achievementIds.exactOptional(),
  introducesLearners: z.boolean().default(false).describe('its references may become new persons'),
  signed: z.enum(['required', 'optional']).describe('must its events carry a signature?'),
  nkey: nkey.exactOptional(),
  keys: z
    .array(z.strictObject({ jwk: publicJwk, ...validity }))
    .max(20)
    .default([])
    .describe('public keys of its signatures; old ones stay, because a whole stream must verify again'),
})

/** One list per file: `people.json` is `{ "people": [ … ] }`. */
const listOf = <const Name extends string, Item extends z.ZodType>(name: Name, item: Item) =>
  z.strictObject({ ...schema, [name]: z.array(item) } as { $schema: typeof schema.$schema } & Record<
    Name,
    z.ZodArray<Item>
  >)

/** Files by name; `achievements/` has one file per version besides. */
export const fileShapes = {
  'institution.json': institution,
  'organisations.json': listOf('organisations', organisation),
  'units.json': listOf('units', unit),
  'people.json': listOf('people', person),
  'appointments.json': listOf('appointments', appointment),
  'accreditations.json': listOf('accreditations', accreditation),
  'mandates.json': listOf('mandates', mandate),
  'conflicts.json': listOf('conflicts', conflict),
  'emitters.json': listOf('emitters', emitter),
  'tightenings.json': listOf('tightenings', tightening),
} as const
export type FileName = keyof typeof fileShapes
export type FileContent<Name extends FileName> = z.output<(typeof fileShapes)[Name]>

export const achievementFile = achievement.extend(schema)
export const achievementFolder = 'achievements'

type Items<Name extends FileName, List extends string> =
  FileContent<Name> extends Record<List, readonly (infer Item)[]> ? Item : never
export type DeclaredOrganisation = Items<'organisations.json', 'organisations'>
export type DeclaredUnit = Items<'units.json', 'units'>
export type DeclaredPerson = Items<'people.json', 'people'>
export type DeclaredEmitter = Items<'emitters.json', 'emitters'>
export type Tightening = Items<'tightenings.json', 'tightenings'>
export type DeclaredInstitution = Omit<FileContent<'institution.json'>, '$schema'>
