/**
 * Step 8. Examines, prepares, writes down what will be signed, signs, stores once. Takes case ids and nothing else, so a task
 * scheduled by a stranger can at most make us look at a case (contracts §8).
 */
import type { SignOutcome } from '#activities/contracts.ts'
import { type Keys, oneReading, type SigningDependencies } from '#activities/signing/dependencies.ts'
import { entryOf } from '#activities/signing/entry.ts'
import type { Examined, Refusal } from '#activities/signing/examine.ts'
import { type Plan, planAll, predecessorIn, refusal } from '#activities/signing/plan.ts'
import { inSpan, inTraceOf } from '#connectors/platform/tracing.ts'
import { issue } from '#credentials/signing/issue.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { type CaseRow, lockStandings } from '#db/cases.ts'
import { inInstitution, type Tx } from '#db/client.ts'
import { intentions, type Predecessor, type SignedDocument, storeCredentials } from '#db/credentials.ts'
import type { CaseId, Instant, InstitutionId } from '#domain/words.ts'

/** A list as a stranger may send it; anything else is no list. */
export interface Asked {
  readonly institution: InstitutionId
  readonly cases: readonly CaseId[]
}

/** Once the log has published the clearances, two transactions however long the list is: what will be signed, and what was. */
export async function signCases(
  dependencies: SigningDependencies,
  { institution, cases }: Asked,
): Promise<SignOutcome[]> {
  const { db } = dependencies
  await dependencies.log.covers(institution, cases)
  const plans = await inInstitution(db, institution, (tx) => planAll(dependencies, tx, cases))
  const keys = oneReading(dependencies.keys)
  const signed = await Promise.all(plans.map((plan) => signTraced(keys, institution, plan)))
  await inInstitution(db, institution, (tx) => storeAll(tx, signed))
  return signed.map(outcomeOf)
}

type ReadyPlan = Extract<Plan, { kind: 'sign' }>

type Signed =
  | Exclude<Plan, { kind: 'sign' }>
  | {
      readonly kind: 'signed'
      readonly examined: Examined
      readonly after: Predecessor | undefined
      readonly documents: readonly SignedDocument[]
    }

/** Each credential is signed in its own case's trace, however many are signed together. */
async function signTraced(keys: Keys, institution: InstitutionId, plan: Plan): Promise<Signed> {
  if (plan.kind !== 'sign') return plan
  const { row, credential } = plan.examined
  const fields = { institution, case_id: row.id, credential }
  return inSpan('sign credential', { ...inTraceOf(row.traceparent), fields }, async (span) => {
    const signed = await sign(keys, institution, plan)
    if (signed.kind === 'refused') {
      span.tell({ code: signed.code })
      span.failed()
    }
    return signed
  })
}

async function sign(keys: Keys, institution: InstitutionId, plan: ReadyPlan): Promise<Signed> {
  const { examined, token, content, after } = plan
  const { row, credential } = examined
  const issued = await issue(token, keys, { institution, caseId: row.id })
  if (issued.kind === 'refused') return refusal(row, issued.code)
  const documents = issued.documents.map(
    ({ format, compact, kid, digest }): SignedDocument => ({
      credentialId: credential,
      caseId: row.id,
      subject: row.person,
      format,
      kid,
      digest,
      compact,
      issuedAt: token.at as Instant,
      ...(content.validity.until === undefined ? {} : { validUntil: content.validity.until }),
    }),
  )
  return { kind: 'signed', examined, after, documents }
}

/** One transaction: every signature once, and an entry for each, as for each refusal. */
async function storeAll(tx: Tx, signed: readonly Signed[]): Promise<void> {
  const documents = signed.flatMap((one) => (one.kind === 'signed' ? one.documents : []))
  await demandIntended(tx, documents)
  const rows = new Map(signed.flatMap((one) => (one.kind === 'signed' ? [[one.examined.row.id, one]] : [])))
  // Where somebody was faster, what stands there is the signature, and its entry is written.
  const stored = await storeCredentials(tx, documents)
  const issued = stored.flatMap(({ caseId, credentialId: credential, kid, format, digest, validUntil = 'open' }) => {
    const one = rows.get(caseId)
    if (one === undefined) return []
    const data = { credential, kid, formats: [format], validUntil, ...predecessorIn(one.after) }
    return entryOf(one.examined.row, 'credential.issued/1', { key: `${credential}:${format}`, data, digest })
  })
  // Only a case that claims to be cleared has a step to refuse; a hand-made task leaves no mark in a trail it has no part in.
  const refused = signed.flatMap((one) =>
    one.kind === 'refused' && one.row?.state === 'cleared' ? [refusedEntry(one.row, one.code)] : [],
  )
  await appendEntries(tx, [...issued, ...refused])
}

/** A signer that was overtaken: its case was cleared again meanwhile, and another document is to be signed. The cases are held until the end. */
async function demandIntended(tx: Tx, documents: readonly SignedDocument[]): Promise<void> {
  await lockStandings(
    tx,
    documents.map(({ caseId }) => caseId),
  )
  const intended = await intentions(
    tx,
    documents.map(({ credentialId }) => credentialId),
  )
  const overtaken = documents.find(({ credentialId, issuedAt }) => intended.get(credentialId)?.issuedAt !== issuedAt)
  if (overtaken !== undefined) throw new Error(`${overtaken.caseId} was cleared again while it was signed`)
}

function refusedEntry(row: CaseRow, code: Refusal): EntryDraft {
  return {
    ...entryOf(row, 'signing.refused/1', { key: `${row.evidenceVersion}-${code}`, data: {} }),
    act: { meaning: 'signing', outcome: 'refused', reason: code },
  }
}

function outcomeOf(signed: Signed): SignOutcome {
  switch (signed.kind) {
    case 'signed':
      return { caseId: signed.examined.row.id, outcome: 'signed', credentials: [signed.examined.credential] }
    case 'done':
      return { caseId: signed.caseId, outcome: 'signed', credentials: signed.credentials }
    case 'refused':
      return { caseId: signed.caseId, outcome: 'refused', credentials: [], code: signed.code }
  }
}
