/** What the signing worker will do about each case of a list, decided and written down before a key is touched (contracts §8). */
import { oneReading, type SigningDependencies } from '#activities/signing/dependencies.ts'
import { entryOf } from '#activities/signing/entry.ts'
import { type Examined, examine, type Refusal } from '#activities/signing/examine.ts'
import { proveClearances } from '#activities/signing/proof.ts'
import { type Prepared, prepare } from '#credentials/signing/prepared.ts'
import { approvalsOf } from '#db/approvals.ts'
import { actorRef, appendEntries, disclosuresOf } from '#db/audit-log.ts'
import { type CaseRow, lockCases } from '#db/cases.ts'
import { databaseNow, type Tx } from '#db/client.ts'
import {
  credentialsOf,
  type Intention,
  intentions,
  type Predecessor,
  predecessors,
  recordIntentions,
  renewIntentions,
} from '#db/credentials.ts'
import { credentialId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { personalOf } from '#db/people.ts'
import { claimSlots } from '#db/status-lists.ts'
import { wholeTrails } from '#db/trails.ts'
import { readReplayable } from '#db/verdicts.ts'
import { buildContent, type CredentialContent } from '#domain/credential/content.ts'
import { levelFactsOf } from '#domain/credential/level-facts.ts'
import { computeLevel } from '#domain/level.ts'
import type { CaseId, CredentialId, Instant } from '#domain/words.ts'

export type Plan =
  | {
      readonly kind: 'sign'
      readonly examined: Examined
      readonly token: Prepared
      readonly content: CredentialContent
      readonly after: Predecessor | undefined
    }
  | { readonly kind: 'done'; readonly caseId: CaseId; readonly credentials: readonly CredentialId[] }
  | { readonly kind: 'refused'; readonly caseId: CaseId; readonly code: Refusal; readonly row?: CaseRow }

type Sign = Extract<Plan, { kind: 'sign' }>

/** One transaction: examine, claim the slots, write the intentions. Nothing has been signed when it commits. */
export async function planAll(dependencies: SigningDependencies, tx: Tx, cases: readonly CaseId[]): Promise<Plan[]> {
  // Twins plan one after the other: the second finds the first one's intention and signs the same document.
  // Asked in this order, answered in this order: what is signed is looked up under the locks.
  const [rows, credentials] = await Promise.all([lockCases(tx, cases), credentialsOf(tx, cases)])
  const signed = new Map<CaseId, CredentialId[]>()
  for (const { caseId, id } of credentials) signed.set(caseId, [...(signed.get(caseId) ?? []), id])
  const todo = rows.filter((row) => !signed.has(row.id))
  const intended = await intentions(
    tx,
    todo.map((row) => credentialId(row.id, row.achievementVersion, 0)),
  )
  const examined = await examineAll(tx, todo, intended)
  const ready = examined.flatMap((one) => (one.kind === 'ready' ? one.examined : []))
  const refused = examined.flatMap((one) => (one.kind === 'ready' ? [] : one.plan))
  const plans = [...refused, ...(await planReady(dependencies, tx, ready))]
  const byCase = new Map(plans.map((plan) => [plan.kind === 'sign' ? plan.examined.row.id : plan.caseId, plan]))
  return cases.map((caseId): Plan => {
    const documents = signed.get(caseId)
    if (documents !== undefined) return { kind: 'done', caseId, credentials: [...new Set(documents)] }
    return byCase.get(caseId) ?? { kind: 'refused', caseId, code: 'unknown-case' }
  })
}

type Intended = ReadonlyMap<CredentialId, Intention>
type Looked =
  | { readonly kind: 'ready'; readonly examined: Examined }
  | { readonly kind: 'refused'; readonly plan: Extract<Plan, { kind: 'refused' }> }

async function examineAll(tx: Tx, rows: readonly CaseRow[], intended: Intended): Promise<Looked[]> {
  const trails = rows.map((row) => row.trail)
  const persons = rows.map((row) => row.person)
  const [replayable, whole, opened, approvals] = await Promise.all([
    readReplayable(tx, new Map(rows.map((row) => [row.id, row.person]))),
    wholeTrails(tx, trails),
    disclosuresOf(tx, trails, persons),
    approvalsOf(
      tx,
      rows.map((row) => row.id),
    ),
  ])
  const verdicts = groupBy(replayable, (one) => one.caseId)
  const disclosures = groupBy(opened, ({ trail, subject }) => `${trail} ${subject}`)
  return rows.map((row) => {
    const examination = examine({
      institution: tx.institution,
      row,
      verdicts: verdicts.get(row.id) ?? [],
      trail: whole.get(row.trail),
      disclosures: disclosures.get(`${row.trail} ${row.person}`) ?? [],
      approvals: approvals.get(row.id) ?? [],
      refOf: (person) => actorRef(tx.keys, tx.institution, person),
      intention: intended.get(credentialId(row.id, row.achievementVersion, 0)),
    })
    return examination.kind === 'ready' ? examination : { kind: 'refused', plan: refusal(row, examination.code) }
  })
}

export function refusal(row: CaseRow, code: Refusal): Extract<Plan, { kind: 'refused' }> {
  return { kind: 'refused', caseId: row.id, code, row }
}

interface Built {
  readonly examined: Examined
  readonly content: CredentialContent
  readonly after: Predecessor | undefined
  readonly kid: string
}

type Ready = Sign & Pick<Built, 'kid'> & { readonly provedBy: number; readonly slot: string }

/** Builds and lints each document, with its slot claimed and its intention written; what fails on the way is refused. */
async function planReady(
  { keys: store, publicUrl, policyOf }: SigningDependencies,
  tx: Tx,
  ready: readonly Examined[],
): Promise<Plan[]> {
  if (ready.length === 0) return []
  const keys = oneReading(store)
  const [now, names, { origin }, policy] = await Promise.all([
    databaseNow(tx),
    personalOf(
      tx,
      ready.map(({ row }) => row.person),
    ),
    readInstitution(tx),
    policyOf(tx.institution),
  ])
  const plans: Plan[] = []
  const built: Built[] = []
  // The clock may have been set back since; no credential is older than its clearance.
  const issuedAt = ({ intention, clearedAt }: Examined) => intention?.issuedAt ?? (now < clearedAt ? clearedAt : now)
  const before = await predecessors(
    tx,
    ready.map((one) => ({
      caseId: one.row.id,
      person: one.row.person,
      achievement: one.input.achievement.id,
      at: issuedAt(one),
    })),
  )
  for (const examined of ready) {
    const { row } = examined
    const at = issuedAt(examined)
    const after = before.get(row.id)
    // Beside one that stands it is a second one and says nothing of the first: documents of one holder do not name each other needlessly.
    const replaces = after?.is === 'replaced' ? after.id : undefined
    const content = contentOf(examined, { at, name: names.get(row.person)?.name, replaces })
    const key = content === undefined ? undefined : await keys.activeKey(tx.institution, at)
    if (content === undefined) plans.push(refusal(row, 'content'))
    else if (key === undefined) plans.push(refusal(row, 'no-key'))
    else built.push({ examined, content, after, kid: key.kid })
  }
  const proofs = await proveClearances(
    tx,
    policy,
    built.map(({ examined: { clearance, intention } }) => ({ clearance, provedBy: intention?.provedBy })),
  )
  const slots = await claimSlots(
    tx,
    built.map(({ examined }) => examined.credential),
  )
  const slotOf = new Map(slots.map((slot) => [slot.credentialId, slot]))
  const issuer = { id: `${publicUrl}/institutions/${tx.institution}`, institution: tx.institution }
  const prepared: Ready[] = []
  for (const [index, { examined, content, after, kid }] of built.entries()) {
    const { row, credential, clearance } = examined
    const slot = slotOf.get(credential)
    if (slot === undefined) throw new TypeError('no status slot')
    const proof = proofs[index]
    if (proof === undefined) {
      plans.push(refusal(row, 'not-in-log'))
      continue
    }
    const outcome = prepare({
      content,
      issuer,
      caseId: row.id,
      credentialId: credential,
      status: { list: `${issuer.id}/status-lists/${slot.listId}`, index: slot.slot },
      trail: { log: origin, entry: clearance.id, proof },
      formats: examined.input.achievement.formats ?? ['ob3-jwt'],
    })
    if (outcome.kind === 'lint') plans.push(refusal(row, 'lint'))
    else {
      const place = `${slot.listId}/${slot.slot}`
      prepared.push({
        kind: 'sign',
        examined,
        token: outcome.token,
        content,
        after,
        kid,
        provedBy: proof.size,
        slot: place,
      })
    }
  }
  return [...plans, ...(await writeIntentions(tx, prepared))]
}

/** Names live outside the judged facts; only the attested document of band A prints one. */
function contentOf(
  { input, row }: Examined,
  { at, name, replaces }: { at: Instant; name: string | undefined; replaces: CredentialId | undefined },
): CredentialContent | undefined {
  const built = buildContent(input, levelFactsOf(computeLevel(input, 'actual'), input.case.promised), {
    issuedAt: at,
    trail: row.trail,
    ...(name === undefined ? {} : { holderName: name }),
    ...(replaces === undefined ? {} : { replaces }),
  })
  return built.kind === 'content' ? built.content : undefined
}

async function writeIntentions(tx: Tx, prepared: readonly Ready[]): Promise<Plan[]> {
  const wanted = prepared.map(({ examined: { row, credential }, token, kid, provedBy }) => ({
    credentialId: credential,
    caseId: row.id,
    kid,
    provedBy,
    documentDigest: token.digest,
    issuedAt: token.at as Instant,
  }))
  const outlived = new Set(prepared.flatMap(({ examined }) => (examined.outlived ? [examined.credential] : [])))
  await renewIntentions(
    tx,
    wanted.filter(({ credentialId }) => outlived.has(credentialId)),
  )
  const stand = await recordIntentions(tx, wanted)
  const signable = prepared.filter(({ examined }) => stand.has(examined.credential))
  await appendEntries(
    tx,
    signable.map(({ examined: { row, credential }, token, after, kid, slot }) =>
      entryOf(row, 'signing.requested/1', {
        // One that follows an intention which led to nothing is told beside it.
        key: outlived.has(credential) ? `${credential}:${row.evidenceVersion}` : credential,
        data: { credential, kid, slot, ...predecessorIn(after) },
        digest: token.digest,
      }),
    ),
  )
  const changed = prepared.filter(({ examined }) => !stand.has(examined.credential))
  return [...signable, ...changed.map(({ examined }) => refusal(examined.row, 'intention-changed'))]
}

/** As entries tell it: nothing takes another's place in silence (audit-log §12, G6). */
export function predecessorIn(after: Predecessor | undefined): {
  readonly replaces?: string
  readonly beside?: string
} {
  if (after === undefined) return {}
  return after.is === 'replaced' ? { replaces: after.id } : { beside: after.id }
}

function groupBy<K, T>(list: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const one of list) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}
