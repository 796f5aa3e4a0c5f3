/** What routes know of whoever is calling; apart from how it is found out, so that both can be read alone. */
import type { AppointedRole } from '#domain/register.ts'
import type { Instant, Loa, PersonId } from '#domain/words.ts'
import type { CallerRole } from './access.ts'

export interface Caller {
  readonly person: PersonId
  /** All ids of the same human being, `person` included: a second account is not a second person. */
  readonly humans: readonly PersonId[]
  readonly roles: readonly CallerRole[]
  /** The register's own words for them, for entries: `officer`, `examiner` … */
  readonly appointed: readonly AppointedRole[]
  readonly loa: Loa
  readonly acr: string
  readonly authTime: Instant
}
