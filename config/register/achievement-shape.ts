/** What can be earned, as files declare it: one version per file, frozen once a case used it. */
import { z } from 'zod'
import { bands, credentialFormats } from '#domain/words.ts'
import { instant, line, organisationId, owner, slug, text } from './fields.ts'

const outcome = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(120)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$/, 'write ASCII letters, digits and . _ : / @ + -'),
  text,
  type: z.enum(['knowledge', 'skill', 'competence']),
})

const placement = z.strictObject({
  framework: z.enum(['SeQF', 'EQF']),
  level: z.int().min(1).max(8),
  basis: z.enum(['ordinance', 'decision', 'approved', 'self-referenced']),
  reference: line,
  validUntil: instant.exactOptional(),
})

export const achievement = z.strictObject({
  id: slug,
  version: z.int().min(1).max(9_999),
  band: z.enum(bands).describe('the band it promises; the level is computed, never typed'),
  name: text,
  description: text,
  criteria: text,
  outcomes: z.array(outcome).max(100),
  structured: z.boolean().describe('outcomes structured and verifiable, in SeQF form'),
  standard: z.strictObject({ id: slug, version: line, name: text }).exactOptional(),
  placement: placement.exactOptional(),
  approvedAs: z.strictObject({ reference: line }).exactOptional(),
  method: text.exactOptional(),
  credits: z
    .strictObject({ value: z.number().positive().max(400), unit: z.enum(['hp', 'ECTS', 'YH']) })
    .exactOptional(),
  workloadHours: z.number().positive().max(20_000),
  eligibility: z.strictObject({ gives: text, basis: line }).exactOptional(),
  creditable: z.strictObject({ basis: line }).exactOptional(),
  courseDescription: z.strictObject({ reference: line }).exactOptional(),
  syllabus: z.strictObject({ reference: line, establishedBy: organisationId, establishedAt: instant }).exactOptional(),
  eventDescription: text.exactOptional(),
  knowledgeContent: text.exactOptional(),
  resource: line.exactOptional(),
  contractEducation: z.strictObject({ commissioner: organisationId }).exactOptional(),
  trains: organisationId,
  examines: organisationId,
  awards: organisationId,
  owner: owner.describe(
    'who owns the course: its own facts on teaching, invigilation and identity do not count at A and B–C1',
  ),
  participation: z.enum(['on-site', 'online', 'blended']),
  languages: z
    .array(z.enum(['sv', 'en']))
    .min(1)
    .max(2),
  prerequisites: text.exactOptional(),
  stackable: z.boolean(),
  validForMonths: z.int().min(1).max(600).exactOptional(),
  formats: z
    .array(z.enum(credentialFormats))
    .min(1)
    .refine((list) => new Set(list).size === list.length, 'name each once')
    .exactOptional()
    .describe('profiles its credentials are signed under; left out, ob3-jwt alone'),
  listApproval: z
    .literal(true)
    .exactOptional()
    .describe('several cases may be approved in one act with a drawn sample opened; never at A or B–C1'),
  test: z.boolean().describe('credentials say TEST'),
})
