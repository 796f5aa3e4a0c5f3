/** Verdicts with their exact inputs. Without the input nobody could ever judge again and see the same (contracts §5). */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { and, asc, eq, sql } from 'drizzle-orm'
import { canonicalBytes, type Json } from '#audit/canonical.ts'
import { hex } from '#audit/digest.ts'
import { newSalt, saltBytes } from '#audit/disclosure.ts'
import { appendEntries, type EntryDraft } from '#db/audit-log.ts'
import { stepEvent } from '#db/case-events.ts'
import { lockStandings, type Standing } from '#db/cases.ts'
import { among, list, type Tx } from '#db/client.ts'
import { CryptoError, existingCipher, type SubjectCipher, subjectCipher } from '#db/crypto.ts'
import { enqueue } from '#db/outbox.ts'
import { keepRules, type Rules, readRules, rulesDigest } from '#db/rule-sets.ts'
import { verdict as verdictTable } from '#db/schema/cases.ts'
import type { CaseInput } from '#domain/case.ts'
import { assessmentBeginning } from '#domain/criteria.ts'
import type { GateName, Verdict } from '#domain/gates/verdict.ts'
import type { CaseId, Instant, PersonId } from '#domain/words.ts'
import { inputDigestOf } from '#verifier/replay.ts'

/** Facts beyond the verdict, such as the computed level. Codes, integers, flags and lists of codes also go into the leaf. */
export type Extra = { readonly [name: string]: Json }

export interface JudgedCase {
  readonly input: CaseInput
  readonly verdict: Verdict
  readonly extra?: Extra
}

export interface RecordedVerdict {
  /** What was judged now; at a version judged before, the stored input may differ from it in `now`. */
  readonly input: CaseInput
  readonly verdict: Verdict
  readonly extra: Extra
  /** Id of the entry in the trail. */
  readonly entry: string
  /** False when this gate had judged this version before; then `verdict` and `extra` are the recorded ones. */
  readonly isNew: boolean
}

export interface StoredVerdict {
  readonly caseId: CaseId
  readonly gate: GateName
  readonly evidenceVersion: number
  readonly verdict: Verdict
  readonly extra: Extra
  readonly entry: string
  readonly at: Instant
}

/** An input as it is kept: its rules stand in `rule_set`, and their digest binds them to it as firmly as their text would. */
type StoredInput = Omit<CaseInput, keyof Rules> & { readonly rules: string }

/** JCS bytes of an input as it is kept. */
export function storedBytes({ achievement, profiles, ...facts }: CaseInput): Uint8Array {
  return canonicalBytes({ ...facts, rules: rulesDigest({ achievement, profiles }) }, { numbers: 'finite' })
}

/** With what was judged, for a replay of the same rule over the same bytes. */
export interface ReplayableVerdict extends StoredVerdict {
  readonly input: CaseInput
  /** Digest of the rules in it. */
  readonly rules: string
  /** JCS bytes of the input, with the digest of its rules in their place. */
  readonly inputBytes: Uint8Array
  readonly inputSalt: Uint8Array
  /** base64url of SHA-256(salt ‖ input bytes), computed; what it must be is disclosed in the leaf (`input`). */
  readonly inputDigest: string
}

/**
 * Records verdicts: row with the encrypted input, entry `gate.judged/1` and outgoing event, in this transaction. Unique by case,
 * gate and evidence version: what is recorded already wins and is returned (contracts §5).
 */
export async function recordVerdicts(tx: Tx, judged: readonly JudgedCase[]): Promise<RecordedVerdict[]> {
  if (judged.length === 0) return []
  const inputs = judged.map(({ input }) => input)
  const [rows, prepared] = await Promise.all([
    lockStandings(
      tx,
      inputs.map((input) => input.case.id),
    ),
    prepare(tx, judged),
    keepRules(tx, inputs),
  ])
  const inserted = await insert(tx, prepared)
  const fresh = prepared.filter((one) => inserted.has(one.entry))
  if (fresh.length > 0) await tell(tx, fresh, rows)
  const recorded = fresh.length === prepared.length ? new Map() : await byEntry(tx, prepared)
  return prepared.map(({ input, verdict, extra, entry }) => {
    const earlier = inserted.has(entry) ? undefined : recorded.get(entry)
    return earlier === undefined
      ? { input, verdict, extra, entry, isNew: true }
      : { input, verdict: earlier.verdict, extra: earlier.extra, entry, isNew: false }
  })
}

/** Entry and outgoing event of each verdict that is new. */
async function tell(tx: Tx, fresh: readonly Prepared[], rows: ReadonlyMap<CaseId, Standing>): Promise<void> {
  const [first] = await appendEntries(
    tx,
    fresh.map((one) => entryOf(one, rows)),
  )
  if (first === undefined) return
  await enqueue(
    tx,
    fresh.map(({ input: { case: about }, verdict: { gate, outcome } }) =>
      stepEvent(tx.institution, {
        caseId: about.id,
        step: gate,
        outcome,
        state: rows.get(about.id)?.state ?? 'judging',
        version: about.evidenceVersion,
        time: first.at,
        traceparent: rows.get(about.id)?.traceparent,
      }),
    ),
  )
}

/** All verdicts of these cases, by case, then in the order they were given; without inputs. */
export async function readVerdicts(tx: Tx, cases: readonly CaseId[]): Promise<StoredVerdict[]> {
  if (cases.length === 0) return []
  const { input: _, inputSalt: __, ...columns } = allColumns
  const rows = await tx.orm
    .select(columns)
    .from(verdictTable)
    .where(ofCases(tx, cases))
    .orderBy(...inOrder)
  return rows.map(parse)
}

/** Which gate judged what and how it ended, without what it found. */
export interface JudgedGate extends Pick<StoredVerdict, 'caseId' | 'gate' | 'evidenceVersion' | 'entry'> {
  readonly outcome: Verdict['outcome']
}

/** What has been judged of these cases, at any version; light, for those who only ask whether. */
export async function judgedGates(tx: Tx, cases: readonly CaseId[]): Promise<Map<CaseId, JudgedGate[]>> {
  if (cases.length === 0) return new Map()
  const { caseId, gate, evidenceVersion, entry } = allColumns
  const rows = await tx.orm
    .select({ caseId, gate, evidenceVersion, entry, outcome: verdictTable.outcome })
    .from(verdictTable)
    .where(ofCases(tx, cases))
  const byCase = new Map<CaseId, JudgedGate[]>(cases.map((id) => [id, []]))
  for (const row of rows) byCase.get(row.caseId as CaseId)?.push(row as JudgedGate)
  return byCase
}

/** The latest verdict of each gate, by case. */
export async function latestVerdicts(tx: Tx, cases: readonly CaseId[]): Promise<Map<CaseId, StoredVerdict[]>> {
  const latest = new Map<CaseId, Map<GateName, StoredVerdict>>(cases.map((id) => [id, new Map()]))
  for (const one of await readVerdicts(tx, cases)) {
    const gates = latest.get(one.caseId)
    const other = gates?.get(one.gate)
    if (other === undefined || other.evidenceVersion < one.evidenceVersion) gates?.set(one.gate, one)
  }
  return new Map([...latest].map(([id, gates]) => [id, [...gates.values()]]))
}

/** Verdicts with their decrypted inputs; for the signing worker and the auditor's export. Left out are those that are erased or were changed. */
export async function readReplayable(tx: Tx, learners: ReadonlyMap<CaseId, PersonId>): Promise<ReplayableVerdict[]> {
  const cases = [...learners.keys()]
  if (cases.length === 0) return []
  const rows = await tx.orm
    .select()
    .from(verdictTable)
    .where(ofCases(tx, cases))
    .orderBy(...inOrder)
  const cipher = await subjectCipher(tx, [...learners.values()])
  const opened = rows.flatMap((row) => {
    const learner = learners.get(row.caseId as CaseId)
    const unsealed = learner === undefined ? undefined : unseal(cipher, learner, row)
    if (unsealed === undefined) return []
    const { salt, inputBytes } = unsealed
    const { rules, ...facts } = JSON.parse(Buffer.from(inputBytes).toString()) as StoredInput
    const inputDigest = inputDigestOf(salt, inputBytes)
    return [{ ...parse(row), facts, rules, inputBytes, inputSalt: salt, inputDigest }]
  })
  const rules = await readRules(
    tx,
    opened.map((one) => one.rules),
  )
  return opened.map(({ facts, ...one }) => ({ ...one, input: { ...facts, ...lawOf(rules, one.rules) } }))
}

/** `readRules` gives all it was asked for, or throws. */
function lawOf(known: ReadonlyMap<string, Rules>, digest: string): Rules {
  const rules = known.get(digest)
  if (rules === undefined) throw new TypeError(`no rules ${digest}`)
  return rules
}

/** Salt and input are sealed together: with the key both are gone, and the digest in the leaf tells nothing to whoever tries out inputs. */
function seal(
  cipher: SubjectCipher,
  learner: PersonId,
  { entry, salt, inputBytes }: { readonly entry: string; readonly salt: Uint8Array; readonly inputBytes: Uint8Array },
): Uint8Array {
  const deflated = deflateRawSync(inputBytes, { level: constants.Z_BEST_SPEED })
  return cipher.seal(learner, purposeOf(entry), Buffer.concat([salt, deflated]))
}

interface Unsealed {
  readonly salt: Uint8Array
  readonly inputBytes: Uint8Array
}

/** Undefined for what is erased or was changed. An input sealed before migration `erasure` has its salt beside it. */
function unseal(
  cipher: SubjectCipher,
  learner: PersonId,
  row: Pick<typeof verdictTable.$inferSelect, 'entry' | 'input' | 'inputSalt'>,
): Unsealed | undefined {
  if (row.input.length === 0 || !cipher.knows(learner)) return undefined
  const together = openIfAuthentic(() => cipher.open(learner, purposeOf(row.entry), row.input))
  if (together !== undefined) {
    return { salt: together.subarray(0, saltBytes), inputBytes: inflateRawSync(together.subarray(saltBytes)) }
  }
  const alone = openIfAuthentic(() => cipher.open(learner, `verdict/${row.entry}`, row.input))
  if (alone === undefined || row.inputSalt === null) return undefined
  return { salt: row.inputSalt, inputBytes: inflateRawSync(alone) }
}

function openIfAuthentic(open: () => Uint8Array): Uint8Array | undefined {
  try {
    return open()
  } catch (error) {
    if (error instanceof CryptoError) return undefined
    throw error
  }
}

/** A verdict with the bytes it was judged from; without them where they are erased. */
export interface KeptVerdict extends StoredVerdict {
  readonly input?: { readonly bytes: Uint8Array; readonly salt: Uint8Array }
}

/** A case's verdicts as they are kept, for whoever passes them on; nothing is judged from them. */
export async function keptVerdicts(tx: Tx, caseId: CaseId, learner: PersonId): Promise<KeptVerdict[]> {
  const rows = await tx.orm
    .select()
    .from(verdictTable)
    .where(ofCases(tx, [caseId]))
    .orderBy(...inOrder)
  const cipher = await existingCipher(tx, [learner])
  return rows.map((row) => {
    const opened = unseal(cipher, learner, row)
    return opened === undefined ? parse(row) : { ...parse(row), input: { bytes: opened.inputBytes, salt: opened.salt } }
  })
}

interface Prepared {
  readonly input: CaseInput
  readonly verdict: Verdict
  readonly extra: Extra
  readonly entry: string
  readonly sealed: Uint8Array
  readonly digest: string
}

async function prepare(tx: Tx, judged: readonly JudgedCase[]): Promise<Prepared[]> {
  const cipher = await subjectCipher(
    tx,
    judged.map(({ input }) => input.case.learner),
  )
  // Gates that judge the same input are recorded with the same bytes.
  const spelled = new Map(judged.map(({ input }) => [input, storedBytes(input)]))
  return judged.map(({ input, verdict, extra = {} }) => {
    const entry = `${input.case.id}:${verdict.gate}:${input.case.evidenceVersion}`
    const inputBytes = spelled.get(input) ?? storedBytes(input)
    const salt = newSalt()
    return {
      input,
      verdict,
      extra,
      entry,
      sealed: seal(cipher, input.case.learner, { entry, salt, inputBytes }),
      digest: inputDigestOf(salt, inputBytes),
    }
  })
}

/** Ids of the entries whose verdict was not recorded before. A twin that is faster makes this wait for its commit. */
async function insert(tx: Tx, prepared: readonly Prepared[]): Promise<Set<string>> {
  // In one order everywhere, so that twins wait for each other and never in a circle: by case, and a case's gates as they come.
  const rows = prepared.toSorted(({ input: a }, { input: b }) =>
    a.case.id < b.case.id ? -1 : Number(a.case.id > b.case.id),
  )
  const column = (pick: (one: Prepared) => unknown) => list(rows.map(pick))
  const inserted = await tx.execute<{ entry: string }>(sql`
    insert into verdict (institution, case_id, gate, evidence_version, outcome, result, input, entry, at)
    select ${tx.institution}, u.case_id, u.gate, u.version, u.outcome, u.result::jsonb, decode(u.input, 'hex'), u.entry, clock_timestamp()
    from unnest(${column(({ input }) => input.case.id)}::text[], ${column(({ verdict }) => verdict.gate)}::text[],
      ${column(({ input }) => input.case.evidenceVersion)}::int[], ${column(({ verdict }) => verdict.outcome)}::text[],
      ${column(({ verdict, extra }) => JSON.stringify({ verdict, extra }))}::text[], ${column(({ sealed }) => hex(sealed))}::text[],
      ${column(({ entry }) => entry)}::text[])
      with ordinality as u(case_id, gate, version, outcome, result, input, entry, place)
    order by u.place
    on conflict do nothing
    returning entry`)
  return new Set(inserted.map(({ entry }) => entry))
}

function entryOf({ input, verdict, extra, entry, digest }: Prepared, rows: ReadonlyMap<CaseId, Standing>): EntryDraft {
  const trail = rows.get(input.case.id)?.trail
  if (trail === undefined) throw new TypeError(`no trail of ${input.case.id}`)
  return {
    trail,
    id: entry,
    type: 'gate.judged/1',
    actor: { ref: 'pipeline', kind: 'service', role: verdict.gate },
    act: { meaning: 'gate-judged', outcome: verdict.outcome },
    data: {
      ...factsIn(extra),
      gate: verdict.gate,
      outcome: verdict.outcome,
      rules: verdict.rules,
      band: verdict.band,
      evidenceVersion: input.case.evidenceVersion,
      ...(verdict.gate === 'assessment' ? beginningTold(input) : {}),
    },
    // Which rules applied, found again under this digest (audit-log §4).
    proc: { policy: `${input.achievement.id}-${input.achievement.version}@sha256:${rulesDigest(input)}` },
    private: [{ name: 'input', value: digest, subject: input.case.learner }],
  }
}

/** So that the log alone can tell whether the criteria were there before (audit-log §12, F3). */
function beginningTold(input: CaseInput): { readonly [name: string]: string } {
  const { at, by } = assessmentBeginning(input) ?? {}
  return {
    ...(at === undefined ? {} : { assessmentBegan: at }),
    ...(by === undefined || at !== undefined ? {} : { assessmentBegunBy: by }),
  }
}

type Fact = string | number | boolean | readonly string[]
const code = /^[\x21-\x7e]{1,512}$/

/** What of the extra may stand in a leaf: no sentences, no fractions, nothing nested. */
function factsIn(extra: Extra): Record<string, Fact> {
  const fits = (value: Json): value is Fact =>
    typeof value === 'boolean' ||
    Number.isSafeInteger(value) ||
    (typeof value === 'string' && code.test(value)) ||
    (Array.isArray(value) && value.every((item) => typeof item === 'string' && code.test(item)))
  return Object.fromEntries(Object.entries(extra).filter((member): member is [string, Fact] => fits(member[1])))
}

async function byEntry(tx: Tx, prepared: readonly Prepared[]): Promise<Map<string, StoredVerdict>> {
  const { input: _, inputSalt: __, ...columns } = allColumns
  const rows = await tx.orm
    .select(columns)
    .from(verdictTable)
    .where(
      and(
        eq(verdictTable.institution, tx.institution),
        among(
          verdictTable.caseId,
          prepared.map((one) => one.input.case.id),
        ),
        sql`${verdictTable.entry} = any(${list(prepared.map((one) => one.entry))}::text[])`,
      ),
    )
  return new Map(rows.map((row) => [row.entry, parse(row)]))
}

const allColumns = {
  caseId: verdictTable.caseId,
  gate: verdictTable.gate,
  evidenceVersion: verdictTable.evidenceVersion,
  result: verdictTable.result,
  entry: verdictTable.entry,
  at: verdictTable.at,
  input: verdictTable.input,
  inputSalt: verdictTable.inputSalt,
}
const inOrder = [asc(verdictTable.caseId), asc(verdictTable.at), asc(verdictTable.gate)]

function ofCases(tx: Tx, cases: readonly CaseId[]) {
  return and(eq(verdictTable.institution, tx.institution), among(verdictTable.caseId, [...cases]))
}

interface Row {
  readonly caseId: string
  readonly gate: string
  readonly evidenceVersion: number
  readonly result: unknown
  readonly entry: string
  readonly at: Instant
}

function parse(row: Row): StoredVerdict {
  const { verdict, extra } = row.result as { verdict: Verdict; extra: Extra }
  return {
    caseId: row.caseId as CaseId,
    gate: row.gate as GateName,
    evidenceVersion: row.evidenceVersion,
    verdict,
    extra,
    entry: row.entry,
    at: row.at,
  }
}

function purposeOf(entry: string): string {
  return `salted-input/${entry}`
}
