/** The words of the house: without this file every room would invent its own names for the same things. */

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** Institution id, a lower-case slug (`norrsken`); the tenant. */
export type InstitutionId = Branded<string, 'InstitutionId'>
/** Organisation id, a slug unique in the institution's register. */
export type OrganisationId = Branded<string, 'OrganisationId'>
/** Unit id inside an organisation (`norrsken/medicine`). */
export type UnitId = Branded<string, 'UnitId'>
/** Person id in the register, `pers_…`; never derived from a name. */
export type PersonId = Branded<string, 'PersonId'>
/** Case id, `case_` + base32 of 128 bits of the event key (contracts §2). */
export type CaseId = Branded<string, 'CaseId'>
/** Credential id, `cred_` + base32 (contracts §2). */
export type CredentialId = Branded<string, 'CredentialId'>
/** Evidence id, `evid_` + base32 of 128 bits of its event key. */
export type EvidenceId = Branded<string, 'EvidenceId'>
/** Decision id, `deci_…`; also the Temporal update id (contracts §7). */
export type DecisionId = Branded<string, 'DecisionId'>
/** UTC instant, RFC 3339 with milliseconds and `Z`; compares as text. */
export type Instant = Branded<string, 'Instant'>

/** Marks text as an id of the wanted kind. For parsers at the border only. */
export const as = <T extends string>(text: string): T => text as T

/** The bands of the seed, highest first; `none` is no band at all (levels.md). */
export const bands = ['A', 'B-C1', 'C2-D', 'D-E', 'E', 'F'] as const
export type Band = (typeof bands)[number]
export type Level = Band | 'none'

/** Level of assurance of an identity; 0 is unlisted or unknown. */
export type Loa = 0 | 1 | 2 | 3 | 4

/** A text in both languages of the product. */
export interface Text {
  readonly sv: string
  readonly en: string
}

/** The document a band leads to (seed, column "benämning"). */
export type Term = 'mikromerit' | 'certifikat' | 'diplom' | 'intyg' | 'none'

/** True when `a` is the same level as `b` or higher. */
export function atLeast(a: Level, b: Level): boolean {
  return rank(a) <= rank(b)
}

/** 0 for A, rising as the level falls; `none` last. */
export function rank(level: Level): number {
  return level === 'none' ? bands.length : bands.indexOf(level)
}

/** Profiles a credential can be signed under: Open Badges 3.0 as JWT, and W3C VC-JOSE-COSE. */
export const credentialFormats = ['ob3-jwt', 'w3c-jose'] as const
export type CredentialFormat = (typeof credentialFormats)[number]
