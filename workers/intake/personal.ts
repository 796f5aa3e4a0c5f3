/** Names and birth dates in events, opened at the border: what nobody can read must come back to its sender, not lie there unread. */
import { z } from 'zod'
import { ConnectorError } from '#connectors/connector-error.ts'
import { decryptPersonal } from '#connectors/platform/jwe.ts'
import type { Keys } from '#db/client.ts'
import { intakeKey } from '#db/intake-key.ts'
import type { InstitutionId } from '#domain/words.ts'
import type { IncomingEvent } from '#events/catalogue.ts'
import { line } from '#events/fields.ts'
import { type Refusal, refuse } from './refusal.ts'

const personal = z
  .strictObject({ name: line().exactOptional(), birthDate: z.iso.date().exactOptional() })
  .refine((members) => Object.keys(members).length > 0)

export type OpenedPersonal =
  | { readonly kind: 'none' }
  | { readonly kind: 'personal'; readonly value: { readonly name?: string; readonly birthDate?: string } }
  | Refusal

/** What an identity event says of its learner, opened with the institution's intake key (contracts §10). */
export async function openPersonal(
  { keys, institution }: { readonly keys: Keys; readonly institution: InstitutionId },
  event: IncomingEvent,
): Promise<OpenedPersonal> {
  if (event.type !== 'org.beviskedja.identity.checked.v1' || event.data.personal === undefined) return { kind: 'none' }
  const { open, d } = intakeKey(keys, institution)
  try {
    const read = personal.safeParse(await decryptPersonal({ ...open, d }, event.data.personal))
    return read.success ? { kind: 'personal', value: read.data } : refuse('personal-not-understood')
  } catch (error) {
    if (error instanceof ConnectorError) return refuse('personal-not-readable')
    throw error
  }
}
