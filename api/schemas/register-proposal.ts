/** Proposed changes of the register as they are sent and shown. */
import { z } from '@hono/zod-openapi'
import { proposalStates } from '#db/register-proposals.ts'
import { code, instant, personId, proposalId } from './words.ts'

export const registerChange = z
  .strictObject({
    files: z.record(z.string().min(1).max(200), z.string().max(4_000_000)).openapi({
      description: 'The whole register: path (`people.json`, `achievements/x.json`) → the file’s text',
      example: { 'institution.json': '{ … }', 'people.json': '{ "people": [] }' },
    }),
    reason: code.openapi({ description: 'Stands in the log for ever, so it is a code', example: 'new-examiner' }),
  })
  .openapi('RegisterChange')

const field = z.object({
  pointer: z.string().openapi({ description: 'RFC 6901, inside the item' }),
  before: z.unknown().optional().openapi({ description: 'Absent: it was not there' }),
  after: z.unknown().optional().openapi({ description: 'Absent: it will not be there' }),
})

const diff = z
  .object({
    revision: z.int().openapi({ description: 'Compared with this one, in force now' }),
    declaration: z.array(field).openapi({ description: 'What the institution says of itself' }),
    items: z.array(
      z.object({
        kind: z.string(),
        id: z.string(),
        change: z.enum(['added', 'changed', 'removed']),
        fields: z.array(field),
        personal: z.boolean().openapi({ description: 'A name or birth date differs; it is never shown' }),
      }),
    ),
    people: z.array(z.string()).openapi({ description: 'Persons who would get new references' }),
    conflicts: z
      .array(z.object({ code: z.string(), about: z.array(z.string()) }))
      .openapi({ description: 'Why it could not be applied as the register stands now' }),
  })
  .openapi('RegisterDiff')

const proposed = {
  id: proposalId,
  state: z.enum(proposalStates),
  reason: z.string(),
  proposedBy: personId,
  proposedAt: instant,
  decidedBy: personId.optional(),
  decidedAt: instant.optional(),
  revision: z.int().optional().openapi({ description: 'In force since it was approved' }),
}

export const registerProposal = z.object(proposed).openapi('RegisterProposal')

export const registerProposalDetail = z
  .object({
    ...proposed,
    diff: diff.optional().openapi({ description: 'While it waits: what it would change now' }),
    seen: z.string().optional().openapi({ description: 'Send it back to approve exactly this change' }),
  })
  .openapi('RegisterProposalDetail')
