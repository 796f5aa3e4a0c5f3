/** What a register consists of, item by item. Without one list of kinds, apply and read would each know another register. */
import type { Json } from '#audit/canonical.ts'
import type { Tightening } from '#config/register/files.ts'
import type { RegisteredEmitter } from '#config/register/load.ts'
import type { Personal } from '#db/people.ts'
import type {
  Accreditation,
  Achievement,
  Appointment,
  Conflict,
  Mandate,
  Organisation,
  Person,
} from '#domain/register.ts'
import type { InstitutionId, PersonId } from '#domain/words.ts'
import type { PersonRef } from '#events/fields.ts'

/** Kind → body as stored; what is personal about a person is stored apart, encrypted. */
export interface ItemBodies {
  readonly organisation: Organisation
  readonly person: Person
  readonly appointment: Appointment
  readonly accreditation: Accreditation
  readonly mandate: Mandate
  readonly conflict: Conflict
  readonly achievement: Achievement
  readonly emitter: RegisteredEmitter
  /** An institution's stricter demands for one band, as `domain/policy` reads them. */
  readonly tightening: Tightening
}
export type ItemKind = keyof ItemBodies

/** One version of one thing, ready to store. */
export interface RegisterItem<Kind extends ItemKind = ItemKind> {
  readonly kind: Kind
  /** Unique within the kind; of an achievement `<id>@<version>`. */
  readonly id: string
  readonly body: ItemBodies[Kind]
  /** Only persons have it. */
  readonly personal?: Personal
}

/** A whole register, read and validated: what `applyRegister` makes true. `config/register/items.ts` makes one of files. */
export interface RegisterToApply {
  readonly institution: {
    readonly id: InstitutionId
    /** `<host>/<institution>`, without a port (contracts §2). */
    readonly origin: string
    /** What is public about it: names, addresses, issuer profile. */
    readonly body: { readonly [name: string]: Json }
  }
  readonly items: readonly RegisterItem[]
  readonly references: readonly (PersonRef & { readonly person: PersonId })[]
  /** Ids that are one human being. */
  readonly links: readonly (readonly [PersonId, PersonId])[]
}

/** Id of an achievement version among the items. */
export function achievementItemId(id: string, version: number): string {
  return `${id}@${version}`
}
