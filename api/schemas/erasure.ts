/** An erasure as it is proposed and shown. */
import { z } from '@hono/zod-openapi'
import { erasureStates } from '#db/erasures.ts'
import {
  type ArchiveGround,
  archiveGrounds,
  type Blocker,
  blockers,
  type ErasureBasis,
  type ErasureClass,
  erasureBases,
  erasureClasses,
} from '#domain/erasure.ts'
import { caseId, erasureId, freeText, instant, personId, registryReference } from './words.ts'

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) => Object.keys(table) as [Name, ...Name[]]

const erasureClass = z.enum(namesOf<ErasureClass>(erasureClasses))
const basis = z.enum(namesOf<ErasureBasis>(erasureBases))
const archive = z.enum(namesOf<ArchiveGround>(archiveGrounds))
export const blocker = z.enum(namesOf<Blocker>(blockers))

/** Whom it is about: by a case, by the id a case shows, or by a reference as an emitter would give it. */
export const about = {
  case: caseId.optional().openapi({ description: 'Its learner is meant; with `only` nothing but this case' }),
  person: personId.optional(),
  reference: z
    .strictObject({ scheme: z.string().min(1).max(63), value: z.string().min(1).max(200) })
    .optional()
    .openapi({ description: 'As emitters name the person; it is not kept' }),
}

export const erasureProposal = z
  .strictObject({
    ...about,
    only: z.literal('case').optional().openapi({ description: 'This case alone; absent, everything about the person' }),
    classes: z
      .array(erasureClass)
      .min(1)
      .max(10)
      .optional()
      .openapi({ description: 'Absent: all; of one case all but `identity`' }),
    basis,
    archive: archive.optional().openapi({ description: 'Why the archive duty does not stand against it' }),
    decision: registryReference,
    text: freeText.openapi({ description: 'Why, in words; erased with the rest' }),
  })
  .openapi('ErasureProposal')

export const erasureAdoption = z
  .strictObject({ text: freeText.openapi({ description: 'Why, in words; erased with the rest' }) })
  .openapi('ErasureAdoption')

export const erasure = z
  .object({
    id: erasureId,
    person: personId,
    caseId: caseId.optional(),
    classes: z.array(erasureClass),
    basis,
    archive: archive.optional(),
    decision: z.string(),
    rule: z.string().optional().openapi({ description: 'The retention rule by which a machine suggested it' }),
    state: z.enum(erasureStates),
    proposedBy: personId.optional(),
    proposedAt: instant,
    decidedBy: personId.optional(),
    decidedAt: instant.optional(),
    endedAt: instant.optional(),
    because: blocker.optional().openapi({ description: 'What held it back when it was to be carried out' }),
    counts: z.record(z.string(), z.int()).optional().openapi({ description: 'How many of each kind went' }),
  })
  .openapi('Erasure')

export const toldErasure = erasure.extend({ delivery: z.enum(['delivered', 'pending']) }).openapi('ToldErasure')

export const erasureDetail = erasure
  .extend({
    text: z.string().optional().openapi({ description: 'The proposer’s reasons; absent once erased' }),
    blocker: blocker.optional().openapi({ description: 'What holds it back now' }),
    outside: z
      .enum(['pending', 'done'])
      .optional()
      .openapi({ description: 'Once executed: whether it has gone from streams and histories too' }),
  })
  .openapi('ErasureDetail')
