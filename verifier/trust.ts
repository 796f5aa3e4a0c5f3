/** What a verifier brings along; nothing in a package is believed because the package says so. */
import type { PackageProfile } from '#audit/package/profiles.ts'
import type { Policy } from '#audit/policy.ts'

/** A time-stamp judged: when its authority says the bytes existed, or what speaks against it. */
export type Stamped =
  | { readonly ok: true; readonly genTime: string; readonly accuracyMs?: number }
  | { readonly ok: false; readonly problem: string }

export interface Trust {
  /** Logs, witnesses and quorum (C2SP tlog-policy). */
  readonly policy: Policy
  /** Judges an RFC 3161 reply over a SHA-256 digest by the authorities the verifier trusts; without it none is. */
  readonly stamp?: (reply: Uint8Array, digest: Uint8Array) => Promise<Stamped>
  /** RFC 3339; nothing in the package may claim to be younger. */
  readonly at?: string
  /** Disclosures from elsewhere: trail, number of the entry, RFC 9901 texts. */
  readonly disclosures?: ReadonlyMap<string, ReadonlyMap<number, readonly string[]>>
  /** What the verifier was promised: every check that a package of this profile can pass is demanded. Without it, the package's own profile says. */
  readonly profile?: PackageProfile
  /** Checks the verifier can do without; they are told, and count for nothing when they could not be made. */
  readonly without?: ReadonlySet<string>
}
