/**
 * Step 8. Examines, prepares, writes down what will be signed, signs, stores once. Takes case ids and nothing else, so a task
 * scheduled by a stranger can at most make us look at a case (contracts §8).
 */
import type { SignOutcome } from '#activities/contracts.ts'
import type { SigningDependencies } from '#activities/signing/dependencies.ts'
import { type Examined, examine, type Refusal } from '#activities/signing/examine.ts'
import { issue } from '#credentials/signing/issue.ts'
import { type Prepared, prepare } from '#credentials/signing/prepared.ts'
import { approvalsOf } from '#db/approvals.ts'
import { appendEntries, type EntryDraft, readDisclosures } from '#db/audit-log.ts'
import { type CaseRow, lockCases } from '#db/cases.ts'
import { databaseNow, inInstitution, type Tx } from '#db/client.ts'
import { credentialsOf, intentions, recordIntention, storeCredential } from '#db/credentials.ts'
import { credentialId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { personalOf } from '#db/people.ts'
import { claimSlots } from '#db/status-lists.ts'
import { wholeTrails } from '#db/trails.ts'
import { readReplayable } from '#db/verdicts.ts'
import type { CredentialContent } from '#domain/credential/content.ts'
import { buildContent } from '#domain/credential/content.ts'
import { levelFactsOf } from '#domain/credential/level-facts.ts'
import { computeLevel } from '#domain/level.ts'
import type { CaseId, CredentialId, Instant, InstitutionId } from '#domain/words.ts'

/** A list as a stranger may send it; anything else is no list. */
export interface Asked {
  readonly institution: InstitutionId
  readonly cases: readonly CaseId[]
}

export async function signCases(
  dependencies: SigningDependencies,
  { institution, cases }: Asked,
): Promise<SignOutcome[]> {
  const plans = await inInstitution(dependencies.db, institution, (tx) => planAll(dependencies, tx, cases))
  const outcomes: SignOutcome[] = []
  for (const plan of plans) outcomes.push(await carryOut(dependencies, institution, plan))
  return outcomes
}

type Plan =
  | {
      readonly kind: 'sign'
      readonly examined: Examined
      readonly token: Prepared
      readonly content: CredentialContent
    }
  | { readonly kind: 'done'; readonly caseId: CaseId; readonly credentials: readonly CredentialId[] }
  | { readonly kind: 'refused'; readonly caseId: CaseId; readonly code: Refusal; readonly row?: CaseRow }

/** One transaction: examine, claim the slots, write the intentions. Nothing has been signed when it commits. */
async function planAll(dependencies: SigningDependencies, tx: Tx, cases: readonly CaseId[]): Promise<Plan[]> {
  // Twins plan one after the other: the second finds the first one's intention and signs the same document.
  const rows = await lockCases(tx, cases)
  const signed = await credentialsOf(tx, cases)
  const todo = rows.filter((row) => !signed.some(({ caseId }) => caseId === row.id))
  const verdicts = await readReplayable(tx, new Map(todo.map((row) => [row.id, row.person])))
  const trails = await wholeTrails(
    tx,
    todo.map((row) => row.trail),
  )
  const approvals = await approvalsOf(
    tx,
    todo.map((row) => row.id),
  )
  const intended = await intentions(
    tx,
    todo.map((row) => credentialId(row.id, row.achievementVersion, 0)),
  )
  const plans: Plan[] = []
  for (const caseId of cases) {
    const row = rows.find(({ id }) => id === caseId)
    const documents = signed.filter((document) => document.caseId === caseId)
    if (row === undefined) plans.push({ kind: 'refused', caseId, code: 'unknown-case' })
    else if (documents.length > 0)
      plans.push({ kind: 'done', caseId, credentials: [...new Set(documents.map(({ id }) => id))] })
    else {
      const examination = examine({
        institution: tx.institution,
        row,
        verdicts: verdicts.filter((verdict) => verdict.caseId === caseId),
        trail: trails.get(row.trail),
        disclosures: await readDisclosures(tx, row.trail, [row.person]),
        approvals: approvals.get(row.id) ?? [],
        intended: intended.has(credentialId(row.id, row.achievementVersion, 0)),
      })
      plans.push(
        examination.kind === 'refused'
          ? { kind: 'refused', caseId, code: examination.code, row }
          : await plan(dependencies, tx, examination.examined),
      )
    }
  }
  return plans
}

async function plan({ keys, publicUrl }: SigningDependencies, tx: Tx, examined: Examined): Promise<Plan> {
  const { row, credential, input, clearance } = examined
  const refused = (code: Refusal): Plan => ({ kind: 'refused', caseId: row.id, code, row })
  const stored = (await intentions(tx, [credential])).get(credential)
  const issuedAt = stored?.issuedAt ?? (await databaseNow(tx))
  const built = buildContent(input, levelFactsOf(computeLevel(input, 'actual'), input.case.promised), {
    issuedAt,
    trail: row.trail,
    ...(await holderName(tx, row)),
  })
  if (built.kind !== 'content') return refused('content')
  const key = await keys.activeKey(tx.institution, issuedAt)
  if (key === undefined) return refused('no-key')
  const [slot] = await claimSlots(tx, [credential])
  if (slot === undefined) throw new TypeError('no status slot')
  const issuer = { id: `${publicUrl}/institutions/${tx.institution}`, institution: tx.institution }
  const { origin } = await readInstitution(tx)
  const prepared = prepare({
    content: built.content,
    issuer,
    caseId: row.id,
    credentialId: credential,
    status: { list: `${issuer.id}/status-lists/${slot.listId}`, index: slot.slot },
    trail: { log: origin, entry: clearance },
    formats: input.achievement.formats ?? ['ob3-jwt'],
  })
  if (prepared.kind === 'lint') return refused('lint')
  const intention = {
    credentialId: credential,
    caseId: row.id,
    kid: key.kid,
    documentDigest: prepared.token.digest,
    issuedAt,
  }
  if (!(await recordIntention(tx, intention))) return refused('intention-changed')
  await appendEntries(tx, [
    entry(row, 'signing.requested/1', {
      key: credential,
      data: { credential, kid: key.kid },
      digest: intention.documentDigest,
    }),
  ])
  return { kind: 'sign', examined, token: prepared.token, content: built.content }
}

/** Names live outside the judged facts; only the attested document of band A prints one. */
async function holderName(tx: Tx, row: CaseRow): Promise<{ holderName?: string }> {
  const name = (await personalOf(tx, [row.person])).get(row.person)?.name
  return name === undefined ? {} : { holderName: name }
}

async function carryOut(
  dependencies: SigningDependencies,
  institution: InstitutionId,
  plan: Plan,
): Promise<SignOutcome> {
  switch (plan.kind) {
    case 'done':
      return { caseId: plan.caseId, outcome: 'signed', credentials: plan.credentials }
    case 'refused':
      return refuse(dependencies, institution, plan)
    case 'sign':
      return sign(dependencies, institution, plan)
  }
}

async function refuse(
  { db }: SigningDependencies,
  institution: InstitutionId,
  { caseId, code, row }: Extract<Plan, { kind: 'refused' }>,
): Promise<SignOutcome> {
  // Only a case that claims to be cleared has a step to refuse; a hand-made task leaves no mark in a trail it has no part in.
  if (row?.state === 'cleared') {
    await inInstitution(db, institution, (tx) =>
      appendEntries(tx, [
        {
          ...entry(row, 'signing.refused/1', { key: `${row.evidenceVersion}-${code}`, data: {} }),
          act: { meaning: 'signing', outcome: 'refused', reason: code },
        },
      ]),
    )
  }
  return { caseId, outcome: 'refused', credentials: [], code }
}

async function sign(
  dependencies: SigningDependencies,
  institution: InstitutionId,
  { examined, token, content }: Extract<Plan, { kind: 'sign' }>,
): Promise<SignOutcome> {
  const { db, keys } = dependencies
  const { row, credential } = examined
  const issued = await issue(token, keys, { institution, caseId: row.id })
  if (issued.kind === 'refused')
    return refuse(dependencies, institution, { kind: 'refused', caseId: row.id, code: issued.code, row })
  await inInstitution(db, institution, async (tx) => {
    for (const { format, compact, kid, digest } of issued.documents) {
      const isStored = await storeCredential(tx, {
        credentialId: credential,
        caseId: row.id,
        subject: row.person,
        format,
        kid,
        digest,
        compact,
        issuedAt: token.at as Instant,
        ...(content.validity.until === undefined ? {} : { validUntil: content.validity.until }),
      })
      // Somebody was faster: what stands there is the signature, and its entry is written.
      if (!isStored) return
      await appendEntries(tx, [
        entry(row, 'credential.issued/1', {
          key: `${credential}:${format}`,
          data: { credential, kid, formats: [format] },
          digest,
        }),
      ])
    }
  })
  return { caseId: row.id, outcome: 'signed', credentials: [credential] }
}

interface Told {
  readonly key: string
  readonly data: NonNullable<EntryDraft['data']>
  readonly digest?: string
}

function entry(row: CaseRow, type: string, { key, data, digest }: Told): EntryDraft {
  const meaning = type.split('/')[0] ?? type
  return {
    trail: row.trail,
    id: `${row.id}:${meaning}:${key}`,
    type,
    actor: { ref: 'signing', kind: 'service', role: 'signer' },
    act: { meaning, outcome: 'success' },
    data,
    ...(digest === undefined ? {} : { private: [{ name: 'document', value: digest, subject: row.person }] }),
  }
}
