/** Signing requests and signed documents: the reason a crash leaves at most one signature per credential and format. */
import { and, eq, notInArray, sql } from 'drizzle-orm'
import { among, list, type Tx } from '#db/client.ts'
import { subjectCipher } from '#db/crypto.ts'
import { humansOf } from '#db/humans.ts'
import { cases } from '#db/schema/cases.ts'
import { credential, signingRequest } from '#db/schema/credentials.ts'
import { endStates } from '#domain/issuance/state.ts'
import type { CaseId, CredentialId, Instant, PersonId } from '#domain/words.ts'

export interface Intention {
  readonly credentialId: CredentialId
  readonly caseId: CaseId
  readonly kid: string
  /** Digest of the exact payload that will be signed. */
  readonly documentDigest: string
  readonly issuedAt: Instant
  /** Size of the checkpoint whose proof stands in the document. */
  readonly provedBy: number | undefined
}

/** The stored intention, if signing was ever begun: its time, key and proof are used again, so a repeat signs the same document. */
export async function intentions(tx: Tx, credentials: readonly CredentialId[]): Promise<Map<CredentialId, Intention>> {
  if (credentials.length === 0) return new Map()
  const rows = await tx.orm
    .select()
    .from(signingRequest)
    .where(and(eq(signingRequest.institution, tx.institution), among(signingRequest.credentialId, [...credentials])))
  return new Map(
    rows.map((row) => [
      row.credentialId as CredentialId,
      {
        ...row,
        credentialId: row.credentialId as CredentialId,
        caseId: row.caseId as CaseId,
        provedBy: row.provedBy ?? undefined,
      },
    ]),
  )
}

/** Writes intentions down before the key is touched. Gives those that stand; left out is where another document was intended. */
export async function recordIntentions(tx: Tx, wanted: readonly Intention[]): Promise<ReadonlySet<CredentialId>> {
  if (wanted.length === 0) return new Set()
  await tx.orm
    .insert(signingRequest)
    .values(wanted.map((intention) => ({ ...intention, institution: tx.institution })))
    .onConflictDoNothing()
  const stored = await intentions(
    tx,
    wanted.map(({ credentialId }) => credentialId),
  )
  const stands = wanted.filter((one) => stored.get(one.credentialId)?.documentDigest === one.documentDigest)
  return new Set(stands.map(({ credentialId }) => credentialId))
}

/** Puts new intentions in the place of those that an earlier clearance had led to. What is signed stays as it was intended; whoever asks holds the cases. */
export async function renewIntentions(tx: Tx, wanted: readonly Intention[]): Promise<void> {
  for (const { credentialId, kid, documentDigest, issuedAt, provedBy } of wanted) {
    await tx.orm
      .update(signingRequest)
      .set({ kid, documentDigest, issuedAt, provedBy: provedBy ?? null })
      .where(
        and(
          eq(signingRequest.institution, tx.institution),
          eq(signingRequest.credentialId, credentialId),
          sql`not exists (select from credential c where c.id = ${signingRequest.credentialId})`,
        ),
      )
  }
}

/** Cases under way whose document was to be signed with this key and is not: a repeat signs with it, and with no other. */
export async function casesToSignWith(tx: Tx, kid: string, limit: number): Promise<CaseId[]> {
  const rows = await tx.orm
    .select({ id: cases.id })
    .from(signingRequest)
    .innerJoin(cases, and(eq(cases.institution, tx.institution), eq(cases.id, signingRequest.caseId)))
    .where(
      and(
        eq(signingRequest.institution, tx.institution),
        eq(signingRequest.kid, kid),
        notInArray(cases.state, [...endStates]),
        sql`not exists (select from credential c where c.id = ${signingRequest.credentialId})`,
      ),
    )
    .orderBy(cases.id)
    .limit(limit)
  return rows.map(({ id }) => id as CaseId)
}

/** Whose credential is about to be issued, of what and when. */
export interface Successor {
  readonly caseId: CaseId
  readonly person: PersonId
  readonly achievement: string
  readonly at: Instant
}

/** The holder's last credential of the same achievement: taken back as superseded, so that another stands in for it, or in force beside it. */
export interface Predecessor {
  readonly id: CredentialId
  readonly is: 'replaced' | 'beside'
}

/**
 * What each comes after: the last one of the same human being and achievement issued before, if it was revoked as superseded by then, or not
 * revoked. As of `at`, so that a repeat after a crash answers the same.
 */
export async function predecessors(tx: Tx, wanted: readonly Successor[]): Promise<Map<CaseId, Predecessor>> {
  if (wanted.length === 0) return new Map()
  const humans = await humansOf(
    tx,
    wanted.map(({ person }) => person),
  )
  const asked = wanted.flatMap((one) => (humans.get(one.person) ?? [one.person]).map((id) => ({ ...one, id })))
  const column = (pick: (one: (typeof asked)[number]) => string) => list(asked.map(pick))
  const rows = await tx.execute<{ case_id: CaseId; id: CredentialId; reason: string | null }>(sql`
    select distinct on (u.case_id) u.case_id, c.id, (
        select max(r.reason) from revocation r where r.institution = ${tx.institution} and r.credential_id = c.id
          and r.state = 'executed' and r.effective_at <= u.at::timestamptz) as reason
    from unnest(${column((one) => one.caseId)}::text[], ${column((one) => one.id)}::text[],
      ${column((one) => one.achievement)}::text[], ${column((one) => one.at)}::text[]) as u(case_id, person, achievement, at)
    join cases k on k.institution = ${tx.institution} and k.person = u.person and k.achievement = u.achievement and k.id <> u.case_id
    join credential c on c.institution = k.institution and c.case_id = k.id and c.issued_at < u.at::timestamptz
    order by u.case_id, c.issued_at desc, c.id`)
  return new Map(
    rows.flatMap(({ case_id, id, reason }): [CaseId, Predecessor][] => {
      if (reason === null) return [[case_id, { id, is: 'beside' }]]
      return reason === 'superseded' ? [[case_id, { id, is: 'replaced' }]] : []
    }),
  )
}

/** Credentials of the same human being and achievement that were issued after this one, and that nobody has taken back. */
export async function successorsOf(
  tx: Tx,
  { id, person, achievement }: { readonly id: CredentialId; readonly person: PersonId; readonly achievement: string },
): Promise<CredentialId[]> {
  const humans = (await humansOf(tx, [person])).get(person) ?? [person]
  const rows = await tx.execute<{ id: CredentialId }>(sql`
    select distinct c.id from cases k join credential c on c.institution = k.institution and c.case_id = k.id
    where k.institution = ${tx.institution} and k.person = any(${list(humans)}::text[]) and k.achievement = ${achievement} and c.id <> ${id}
      and c.issued_at > (select min(o.issued_at) from credential o where o.institution = ${tx.institution} and o.id = ${id})
      and not exists (select from revocation r where r.institution = ${tx.institution} and r.credential_id = c.id
        and r.state in ('approved', 'executed'))
    order by c.id`)
  return rows.map((row) => row.id)
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

/** Stores signatures once per (credential, format). Gives those that were stored; of the others one stood there already. */
export async function storeCredentials(tx: Tx, documents: readonly SignedDocument[]): Promise<SignedDocument[]> {
  if (documents.length === 0) return []
  const cipher = await subjectCipher(
    tx,
    documents.map(({ subject }) => subject),
  )
  const stored = await tx.orm
    .insert(credential)
    .values(
      documents.map(({ credentialId, compact, validUntil, subject, ...rest }) => ({
        ...rest,
        id: credentialId,
        institution: tx.institution,
        body: cipher.seal(subject, `credential/${credentialId}`, new TextEncoder().encode(compact)),
        ...(validUntil === undefined ? {} : { validUntil }),
      })),
    )
    .onConflictDoNothing()
    .returning({ id: credential.id, format: credential.format })
  const keys = new Set(stored.map(({ id, format }) => `${id}/${format}`))
  return documents.filter(({ credentialId, format }) => keys.has(`${credentialId}/${format}`))
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
    .where(and(eq(credential.institution, tx.institution), among(credential.caseId, [...cases])))
  return rows.map(({ validUntil, ...row }) => ({
    ...row,
    id: row.id as CredentialId,
    caseId: row.caseId as CaseId,
    ...(validUntil === null ? {} : { validUntil }),
  }))
}

/** The signed document as it was delivered, or undefined where there is none or it is erased. */
export async function readCredential(
  tx: Tx,
  { id, format, subject }: { id: CredentialId; format: string; subject: PersonId },
): Promise<string | undefined> {
  const [row] = await tx.orm
    .select({ body: credential.body })
    .from(credential)
    .where(and(eq(credential.institution, tx.institution), eq(credential.id, id), eq(credential.format, format)))
  if (row === undefined || row.body.length === 0) return undefined
  const cipher = await subjectCipher(tx, [subject])
  if (!cipher.knows(subject)) return undefined
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
