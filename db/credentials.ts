/** Signing requests and signed documents: the reason a crash leaves at most one signature per credential and format. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'
import { subjectCipher } from '#db/crypto.ts'
import { credential, signingRequest } from '#db/schema/credentials.ts'
import type { CaseId, CredentialId, Instant, PersonId } from '#domain/words.ts'

export interface Intention {
  readonly credentialId: CredentialId
  readonly caseId: CaseId
  readonly kid: string
  /** Digest of the exact payload that will be signed. */
  readonly documentDigest: string
  readonly issuedAt: Instant
}

/** The stored intention, if signing was ever begun: its time and key are used again, so a repeat signs the same document. */
export async function intentions(tx: Tx, credentials: readonly CredentialId[]): Promise<Map<CredentialId, Intention>> {
  if (credentials.length === 0) return new Map()
  const rows = await tx.orm
    .select()
    .from(signingRequest)
    .where(and(eq(signingRequest.institution, tx.institution), inArray(signingRequest.credentialId, [...credentials])))
  return new Map(
    rows.map((row) => [
      row.credentialId as CredentialId,
      { ...row, credentialId: row.credentialId as CredentialId, caseId: row.caseId as CaseId },
    ]),
  )
}

/** Writes the intention down before the key is touched. False when another document was intended under this id. */
export async function recordIntention(tx: Tx, intention: Intention): Promise<boolean> {
  const [row] = await tx.orm
    .insert(signingRequest)
    .values({ ...intention, institution: tx.institution })
    .onConflictDoNothing()
    .returning({ id: signingRequest.credentialId })
  if (row !== undefined) return true
  const stored = (await intentions(tx, [intention.credentialId])).get(intention.credentialId)
  return stored !== undefined && stored.documentDigest === intention.documentDigest
}

export interface SignedDocument {
  readonly credentialId: CredentialId
  readonly caseId: CaseId
  readonly subject: PersonId
  readonly format: string
  readonly kid: string
  readonly digest: string
  readonly compact: string
  readonly issuedAt: Instant
  readonly validUntil?: Instant
}

/** Stores a signature once per (credential, format). True when this one was stored, false when one stood there already. */
export async function storeCredential(tx: Tx, document: SignedDocument): Promise<boolean> {
  const cipher = await subjectCipher(tx, [document.subject])
  const { credentialId, compact, validUntil, subject, ...rest } = document
  const [row] = await tx.orm
    .insert(credential)
    .values({
      ...rest,
      id: credentialId,
      institution: tx.institution,
      body: cipher.seal(subject, `credential/${credentialId}`, new TextEncoder().encode(compact)),
      ...(validUntil === undefined ? {} : { validUntil }),
    })
    .onConflictDoNothing()
    .returning({ id: credential.id })
  return row !== undefined
}

export interface StoredCredential {
  readonly id: CredentialId
  readonly caseId: CaseId
  readonly format: string
  readonly kid: string
  readonly digest: string
  readonly issuedAt: Instant
  readonly validUntil?: Instant
}

/** What is stored for these cases, without the documents themselves. */
export async function credentialsOf(tx: Tx, cases: readonly CaseId[]): Promise<StoredCredential[]> {
  if (cases.length === 0) return []
  const rows = await tx.orm
    .select({
      id: credential.id,
      caseId: credential.caseId,
      format: credential.format,
      kid: credential.kid,
      digest: credential.digest,
      issuedAt: credential.issuedAt,
      validUntil: credential.validUntil,
    })
    .from(credential)
    .where(and(eq(credential.institution, tx.institution), inArray(credential.caseId, [...cases])))
  return rows.map(({ validUntil, ...row }) => ({
    ...row,
    id: row.id as CredentialId,
    caseId: row.caseId as CaseId,
    ...(validUntil === null ? {} : { validUntil }),
  }))
}

/** The signed document as it was delivered, or undefined. */
export async function readCredential(
  tx: Tx,
  { id, format, subject }: { id: CredentialId; format: string; subject: PersonId },
): Promise<string | undefined> {
  const [row] = await tx.orm
    .select({ body: credential.body })
    .from(credential)
    .where(and(eq(credential.institution, tx.institution), eq(credential.id, id), eq(credential.format, format)))
  if (row === undefined) return undefined
  const cipher = await subjectCipher(tx, [subject])
  return new TextDecoder().decode(cipher.open(subject, `credential/${id}`, row.body))
}

export interface IssuedSlice {
  readonly caseId?: CaseId
  /** The row beside which the slice begins; `backwards` reads towards the latest. */
  readonly from?: { readonly at: string; readonly id: string; readonly backwards?: boolean }
  readonly limit: number
}

export interface IssuedCredential {
  readonly id: CredentialId
  readonly caseId: CaseId
  readonly issuedAt: Instant
  /** The same to the microsecond: where the next slice begins. */
  readonly at: string
}

/** Credentials with a stored signature, latest first; the other way round when reading backwards. */
export async function listIssued(tx: Tx, { caseId, from, limit }: IssuedSlice): Promise<IssuedCredential[]> {
  const isRising = from?.backwards === true
  const direction = isRising ? sql`asc` : sql`desc`
  const { issuedAt, credentialId } = signingRequest
  const rows = await tx.orm
    .select({ id: credentialId, caseId: signingRequest.caseId, issuedAt, at: sql<string>`${issuedAt}::text` })
    .from(signingRequest)
    .where(
      and(
        eq(signingRequest.institution, tx.institution),
        caseId === undefined ? undefined : eq(signingRequest.caseId, caseId),
        sql`exists (select from credential c where c.id = ${credentialId})`,
        from === undefined
          ? undefined
          : sql`(${issuedAt}, ${credentialId}) ${isRising ? sql`>` : sql`<`} (${from.at}::timestamptz, ${from.id})`,
      ),
    )
    .orderBy(sql`${issuedAt} ${direction}`, sql`${credentialId} ${direction}`)
    .limit(limit)
  return rows.map((row) => ({ ...row, id: row.id as CredentialId, caseId: row.caseId as CaseId }))
}
