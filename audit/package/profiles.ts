/** What each reader of an audit package gets to see, as one table; without it disclosure would be decided file by file (audit-log §10). */

export const packageProfiles = ['public', 'employer', 'accreditor', 'court', 'subject'] as const
export type PackageProfile = (typeof packageProfiles)[number]

/** Names of salted disclosures, as entries commit to them. */
export const disclosureNames = ['document', 'event', 'seen', 'input', 'detail'] as const
export type DisclosureName = (typeof disclosureNames)[number]

/** Classes of files beside the entries. */
export const fileClasses = ['inputs', 'verdicts', 'credentials'] as const
export type FileClass = (typeof fileClasses)[number]

export type Part = DisclosureName | FileClass

/** Why something is not in a package. */
export type WithheldBecause = 'profile' | 'protected' | 'erased'

interface Opening {
  readonly opens: readonly Part[]
  /** Of these, what is withheld where somebody concerned has protected identity. */
  readonly unlessProtected: readonly Part[]
  /** Whose names stand in `persons.json` and in the report. */
  readonly names: 'nobody' | 'everybody' | 'holder-and-deciders'
  /** True where who looked at the case belongs to it. */
  readonly access: boolean
}

const verdictParts = ['document', 'event', 'seen', 'input', 'inputs', 'verdicts'] as const

/** Everything that is not named here stays closed. */
export const openings: Readonly<Record<PackageProfile, Opening>> = {
  public: { opens: [], unlessProtected: [], names: 'nobody', access: false },
  employer: {
    opens: ['document', 'credentials'],
    unlessProtected: ['credentials'],
    names: 'nobody',
    access: false,
  },
  accreditor: { opens: verdictParts, unlessProtected: ['inputs', 'verdicts'], names: 'nobody', access: false },
  court: { opens: [...verdictParts, 'detail', 'credentials'], unlessProtected: [], names: 'everybody', access: false },
  // No inputs: they hold facts about several persons.
  subject: {
    opens: ['document', 'event', 'seen', 'detail', 'verdicts', 'credentials'],
    unlessProtected: [],
    names: 'holder-and-deciders',
    access: true,
  },
}

/** Why a part stays closed to a profile, undefined where it is opened. An unknown name is closed. */
export function whyClosed(
  profile: PackageProfile,
  part: string,
  concerned: { readonly isProtected: boolean },
): 'profile' | 'protected' | undefined {
  const { opens, unlessProtected } = openings[profile]
  const among = (parts: readonly string[]) => parts.includes(part)
  if (!among(opens)) return 'profile'
  return concerned.isProtected && among(unlessProtected) ? 'protected' : undefined
}

/** A person who occurs in a trail. */
export interface Occurring {
  readonly isProtected: boolean
  /** The holder of what the trail is about. */
  readonly isHolder: boolean
  /** Decided on issuance or revocation, in the institution's name. */
  readonly decided: boolean
}

/**
 * How a person is shown: by name, masked, or not at all. The one place where it is decided: a protected name is shown to nobody but
 * its bearer.
 */
export function howShown(profile: PackageProfile, who: Occurring): 'named' | 'masked' | 'unnamed' {
  const { names } = openings[profile]
  if (names === 'nobody') return 'unnamed'
  if (names === 'holder-and-deciders') {
    if (who.isHolder) return 'named'
    if (!who.decided) return 'unnamed'
  }
  return who.isProtected ? 'masked' : 'named'
}
