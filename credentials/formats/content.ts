/** What a credential says, apart from any format: the frozen achievement and how it was assured. */
import type { Achievement, Organisation } from '#domain/register.ts'
import type { Band, Instant, Loa, Term, Text } from '#domain/words.ts'

export interface CredentialContent {
  /** Band of the document: what was promised and reached. */
  readonly band: Band
  readonly term: Term
  /** True where the document is a micro-credential in the EU sense (levels.md): A, B–C1, C2–D. */
  readonly microCredential: boolean
  readonly achievement: Achievement
  readonly awardingBody: Organisation
  readonly awardedAt: Instant
  /** Only where the document is an attested one (A). */
  readonly holderName?: string
  readonly grade?: { readonly value: string; readonly scale: string }
  readonly assurance: Assurance
}

/** Derived from evidence, never typed (issue of Annex I, elements 9, 10, 11 and 13). */
export interface Assurance {
  /** What was credited at the occasion; absent where nobody was identified. */
  readonly identity?: { readonly loa: Loa; readonly route: string; readonly at: Instant; readonly text: Text }
  readonly assessment: { readonly assessed: boolean; readonly types: readonly string[]; readonly text: Text }
  readonly participation: { readonly form: string; readonly text: Text }
  readonly supervision: { readonly form: string; readonly text: Text }
  readonly qualityAssurance: { readonly text: Text; readonly references: readonly string[] }
  readonly independentExaminer: { readonly value: boolean; readonly text: Text }
  readonly approvals: readonly { readonly role: string; readonly at: Instant; readonly loa: Loa }[]
}
