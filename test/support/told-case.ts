/** A whole case told into a log in memory, judged and signed for real, without the product's own writers. */

import { canonicalBytes } from '#audit/canonical.ts'
import { b64url, sha256 } from '#audit/digest.ts'
import { headsMap } from '#audit/heads.ts'
import { achievementDigest } from '#audit/package/achievement.ts'
import { printProof } from '#audit/tlog-proof.ts'
import { leafHash } from '#audit/tree.ts'
import type { LogProof } from '#credentials/formats/evidence.ts'
import type { Approval, CaseInput } from '#domain/case.ts'
import { assessmentBeginning } from '#domain/criteria.ts'
import { extraOf } from '#domain/gates/extra.ts'
import { type CaseGate, caseGates, judge } from '#domain/gates/judge.ts'
import type { Achievement } from '#domain/register.ts'
import { inputDigestOf } from '#verifier/replay.ts'
import { type Draft, type Kept, type MemoryLog, nextSalt, origin, ownTrail } from './memory-log.ts'

const service = (ref: string, role = ref) => ({ ref, kind: 'service' as const, role })
const conductor = { ref: 'issuance', kind: 'workflow' as const, role: 'conductor' }
const human = (role: string, ref: string) => ({
  ref,
  kind: 'human' as const,
  role,
  authn: { acr: 'https://refeds.org/profile/mfa', auth_time: 1_795_000_000 },
})

export interface Judged {
  readonly n: number
  readonly inputBytes: Uint8Array
  readonly salt: Uint8Array
  readonly verdict: unknown
}

export interface ToldCase {
  readonly id: string
  readonly judged: readonly Judged[]
  readonly rules: ReadonlyMap<string, Uint8Array>
  readonly clearance: string
  readonly credential: string
  readonly document?: Document
}

export interface Document {
  readonly compact: string
  readonly kid: string
  /** Keys as the issuer publishes them. */
  readonly jwks: unknown
}

/** Given the proof of the clearance, the signed document. */
export type SignDocument = (proof: LogProof) => Promise<Document>

/** Tells a whole case of a band into its trail, as the product does: gates, decisions, clearance, signature, seal. */
export async function tellCase(
  log: MemoryLog,
  trail: string,
  told: { input: CaseInput; sign?: SignDocument | undefined; beginning?: Readonly<Record<string, string>> },
): Promise<ToldCase> {
  const { input } = told
  const { id, evidenceVersion } = input.case
  const rules = canonicalBytes({ achievement: input.achievement, profiles: input.profiles }, { numbers: 'finite' })
  const rulesDigest = b64url(sha256(rules))
  const judged: Judged[] = []
  const gateIds: string[] = []
  const credential = `cred_${id.slice(5)}`
  const add = (draft: Draft) => log.append(trail, draft)
  const moved = (to: string, cause: string, more: { type: string; reason?: string; by?: string; data?: object }) =>
    add({
      id: `${id}:${to}:${more.by ?? evidenceVersion}${more.by === undefined && to === 'judging' ? '' : ''}`,
      type: more.type,
      actor: conductor,
      act: { meaning: 'case-moved', outcome: to, ...(more.reason === undefined ? {} : { reason: more.reason }) },
      data: { step: 'gates', cause, evidenceVersion, ...more.data },
    })
  const gate = (name: CaseGate, approvals: readonly Approval[]) => {
    const { achievement: _, profiles: __, ...facts } = { ...input, approvals }
    const inputBytes = canonicalBytes({ ...facts, rules: rulesDigest }, { numbers: 'finite' })
    const salt = nextSalt()
    const verdict = judge(name, { ...input, approvals })
    const kept = add({
      id: `${id}:${name}:${evidenceVersion}`,
      type: 'gate.judged/1',
      actor: service('pipeline', name),
      act: { meaning: 'gate-judged', outcome: verdict.outcome },
      data: {
        gate: name,
        outcome: verdict.outcome,
        rules: verdict.rules,
        band: verdict.band,
        evidenceVersion,
        ...(name === 'assessment' ? (told.beginning ?? beginningOf(input)) : {}),
      },
      secrets: [{ name: 'input', value: inputDigestOf(salt, inputBytes) }],
    })
    gateIds.push(`${id}:${name}:${evidenceVersion}`)
    judged.push({ n: kept.n, inputBytes, salt, verdict: { verdict, extra: extraOf(name, { ...input, approvals }) } })
  }
  add({
    id: `${id}:opened:1`,
    type: 'case.opened/1',
    actor: service('intake'),
    act: { meaning: 'case-opened', outcome: 'received' },
    data: {
      achievement: input.achievement.id,
      achievementVersion: input.achievement.version,
      promised: input.case.promised,
    },
    secrets: [{ name: 'event', value: 'digest-of-the-event' }],
  })
  moved('judging', 'gates-started', { type: 'case.judging/1' })
  for (const name of caseGates.slice(0, caseGates.indexOf('approval'))) gate(name, [])
  for (const [index, approval] of input.approvals.entries()) {
    const data = { for: 'approver' }
    moved('deciding', 'approval-demanded', {
      type: 'case.waiting/1',
      reason: 'approval',
      by: `${evidenceVersion}:${index}`,
      data,
    })
    add({
      id: `${id}:decision:${approval.id}`,
      type: 'decision.recorded/1',
      actor: human(approval.role, `pseudonym-of-${approval.role}`),
      act: { meaning: 'decision', outcome: approval.outcome, reason: 'meets-criteria' },
      data: {
        decision: approval.id,
        role: approval.role,
        outcome: approval.outcome,
        evidenceVersion,
        loa: approval.loa,
      },
      secrets: [{ name: 'seen', value: approval.seen }],
    })
    moved('judging', 'approved', { type: 'case.resumed/1', by: approval.id })
  }
  if (input.approvals.length > 0) gate('approval', input.approvals)
  gate('level', input.approvals)
  moved('cleared', 'all-passed', { type: 'case.cleared/1' })
  const clearance = `${id}:clearance:${evidenceVersion}`
  add({
    id: clearance,
    type: 'issuance.cleared/1',
    actor: service('pipeline', 'clearance'),
    act: { meaning: 'cleared', outcome: 'success' },
    data: { level: input.case.promised, evidenceVersion, verdicts: gateIds.toSorted(), credentials: [credential] },
  })
  const document = await told.sign?.(proofOfLast(log))
  if (document !== undefined) {
    sign(add, { id, credential, document })
    moved('issued', 'credential-stored', { type: 'case.issued/1' })
    seal(log, trail)
  }
  const kept = { id, judged, rules: new Map([[rulesDigest, rules]]), clearance, credential }
  return document === undefined ? kept : { ...kept, document }
}

/** As the signing worker puts it into a credential: the entry's bytes travel in the extra line. */
function proofOfLast(log: MemoryLog): LogProof {
  const index = log.size - 1
  const extra = log.entries[index]?.leaf ?? new Uint8Array()
  return { origin, index, text: printProof({ index, extra, path: log.inclusion(index), checkpoint: log.note() }) }
}

function seal(log: MemoryLog, trail: string) {
  const last = log.entries.findLast((entry) => entry.trail === trail)
  if (last === undefined) return
  const { n, leaf } = last
  log.append(trail, {
    id: `seal-after-${n}`,
    type: 'trail.sealed/1',
    actor: service('record', 'keeper'),
    act: { meaning: 'trail-sealed', outcome: 'success' },
    data: { count: n, head: b64url(leafHash(leaf)) },
  })
}

function sign(
  add: (draft: Draft) => Kept,
  { id, credential, document }: { id: string; credential: string; document: Document },
) {
  const { compact, kid } = document
  const digest = b64url(sha256(Buffer.from(compact.split('.')[1] ?? '', 'base64url')))
  for (const [type, meaning, more] of [
    ['signing.requested/1', 'signing.requested', {}],
    ['credential.issued/1', 'credential.issued', { formats: ['ob3-jwt'] }],
  ] as const) {
    add({
      id: `${id}:${meaning}:${credential}`,
      type,
      actor: service('signing', 'signer'),
      act: { meaning, outcome: 'success' },
      data: { credential, kid, ...more },
      secrets: [{ name: 'document', value: digest }],
    })
  }
}

/** Entries of the institution itself, so that the log is about more than one case. */
function beginningOf(input: CaseInput): Readonly<Record<string, string>> {
  const { at, by } = assessmentBeginning(input) ?? {}
  if (at !== undefined) return { assessmentBegan: at }
  return by === undefined ? {} : { assessmentBegunBy: by }
}

/** Tells in the institution's own trail that an achievement came into the register. */
export function tellPublished(log: MemoryLog, achievement: Achievement, digest = achievementDigest(achievement)): Kept {
  const { id, version } = achievement
  return log.append(ownTrail, {
    id: `register:${log.size}:${id}@${version}`,
    type: 'achievement.published/1',
    actor: service('registry'),
    act: { meaning: 'publish', outcome: 'success' },
    data: { achievement: id, achievementVersion: version, version: 1, digest },
  })
}

export function tellOwn(log: MemoryLog, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const kid = `kid-${log.size}`
    log.append(ownTrail, {
      id: `key:${kid}:created`,
      type: 'key.created/1',
      actor: service('registry'),
      act: { meaning: 'key.created', outcome: 'success' },
      data: { kid },
    })
  }
}

export function tellHeads(log: MemoryLog): { readonly n: number; readonly size: number } {
  const size = log.size
  const map = headsMap(origin)
  for (const end of log.ends(size)) map.add(end)
  const { root, size: trails } = map.finish()
  const { n } = log.append(ownTrail, {
    id: `log:heads:${size}`,
    type: 'log.heads/1',
    actor: service('sequencer'),
    act: { meaning: 'log.heads', outcome: 'success' },
    data: { asOfSize: size, mapRoot: root, trails },
  })
  return { n, size }
}
