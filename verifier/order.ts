/** The course of a case, from its entries alone: gates in their order, legal moves, no clearance or signature before its ground (E7). */
import type { Entry } from '#audit/entry.ts'
import { goneBackType } from '#audit/entry-types.ts'
import { caseGates, factGates } from '#domain/gates/judge.ts'
import { type CaseState, caseStates, isEnd, stateWords } from '#domain/issuance/state.ts'
import { type Cause, findTransition, type Need } from '#domain/issuance/transitions.ts'
import { tableOf } from '#domain/policy/levels.ts'
import { bands } from '#domain/words.ts'
import { type Answer, couldNotCheck, counted, failed, passed } from '#verifier/report.ts'

/** What has been told so far. */
interface Told {
  state: CaseState
  /** Gates passed, by evidence version. */
  readonly passed: Map<unknown, Set<string>>
  readonly judged: Set<string>
  readonly ids: Set<string>
  readonly decisions: Set<unknown>
  readonly credentials: Set<unknown>
  readonly requested: Set<unknown>
  cleared: boolean
  issued: boolean
}

const isCase = (entries: readonly Entry[]) => entries[0]?.type === 'case.opened/1'
const noCase = couldNotCheck('Kedjan är inte ett ärendes.', 'The trail is not that of a case.')

/** Legal moves only, each from where the case stood, each with its ground told before. */
export function judgeMoves(entries: readonly Entry[]): Answer {
  if (!isCase(entries)) return noCase
  const told = nothingTold()
  let moves = 0
  for (const entry of entries) {
    if (entry.act.meaning === 'case-moved') {
      const problem = isGoneBack(entry) ? goneBackProblem(entry) : moveProblem(told, entry)
      if (problem !== undefined) return illegal(entry, problem)
      told.state = entry.act.outcome as CaseState
      moves += 1
    }
    note(told, entry)
  }
  const { sv, en } = stateWords[told.state]
  return passed(
    ...counted(
      moves,
      [`Ett steg, tillåtet; ärendet är ${sv}.`, `One move, a legal one; the case is ${en}.`],
      [`${moves} steg, alla tillåtna; ärendet är ${sv}.`, `${moves} moves, all of them legal; the case is ${en}.`],
    ),
  )
}

function nothingTold(): Told {
  return {
    state: 'received',
    passed: new Map(),
    judged: new Set(),
    ids: new Set(),
    decisions: new Set(),
    credentials: new Set(),
    requested: new Set(),
    cleared: false,
    issued: false,
  }
}

/** The database's owner says after a restore where the record has the case: what it had told since counts for nothing any more. */
function isGoneBack({ type }: Entry): boolean {
  return type === goneBackType
}

function goneBackProblem({ act }: Entry): string | undefined {
  const to = caseStates.find((state) => state === act.outcome)
  return to === undefined || isEnd(to) ? 'unknown-state' : undefined
}

function forget(told: Told): void {
  told.passed.clear()
  told.credentials.clear()
  told.requested.clear()
  told.cleared = false
  told.issued = false
}

function note(told: Told, entry: Entry): void {
  const { id, type, data = {} } = entry
  told.ids.add(id)
  if (isGoneBack(entry)) forget(told)
  if (type === 'gate.judged/1') {
    told.judged.add(`${String(data['gate'])} ${String(data['evidenceVersion'])}`)
    if (data['outcome'] === 'pass') passedAt(told, data['evidenceVersion']).add(String(data['gate']))
  }
  if (type === 'decision.recorded/1') told.decisions.add(data['decision'])
  if (type === 'issuance.cleared/1') {
    told.cleared = true
    for (const credential of listOf(data['credentials'])) told.credentials.add(credential)
  }
  if (type === 'signing.requested/1') told.requested.add(data['credential'])
  if (type === 'credential.issued/1') told.issued = true
}

function passedAt({ passed: all }: Told, version: unknown): Set<string> {
  const found = all.get(version) ?? new Set<string>()
  all.set(version, found)
  return found
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function illegal({ n }: Entry, why: string): Answer {
  return failed(`Post ${n} är inte ett tillåtet steg (${why}).`, `Entry ${n} is no legal step (${why}).`)
}

function moveProblem(told: Told, { act, data = {}, id }: Entry): string | undefined {
  const to = caseStates.find((state) => state === act.outcome)
  const cause = data['cause']
  if (to === undefined || typeof cause !== 'string') return 'unknown-state'
  const found = findTransition(told.state, to, cause as Cause)
  if (found === undefined) return `${told.state} → ${to}: ${cause}`
  return found.needs.find((need) => !isGiven(need, { told, act, version: data['evidenceVersion'], id }))
}

interface MoveGround {
  readonly told: Told
  readonly act: Entry['act']
  readonly version: unknown
  readonly id: string
}

/** Needs that a trail tells; the others (deadlines, marked items, how many approvals) are judged by the gates and their replay. */
function isGiven(need: Need, { told, act, version, id }: MoveGround): boolean {
  switch (need) {
    case 'reason':
      return act.reason !== undefined
    case 'verdict':
      return caseGates.some((gate) => told.judged.has(`${gate} ${String(version)}`))
    case 'gates-passed':
      return factGates.every((gate) => passedAt(told, version).has(gate))
    case 'decision':
      return told.decisions.has(id.split(':')[2])
    case 'clearance':
      return told.cleared
    case 'credential':
      return told.issued
    case 'no-credential':
      return !told.issued
    case 'newer-evidence':
    case 'approvals':
    case 'marked-items':
    case 'deadline-passed':
    case 'no-document':
      return true
  }
}

/** No approval or level before what it stands on has passed, no gate twice over the same facts; clearance names verdicts that passed, signatures follow it. */
export function judgeOrder(entries: readonly Entry[]): Answer {
  if (!isCase(entries)) return noCase
  const told = nothingTold()
  // Another achievement promises another band; what that demands only the replay can tell.
  const hasMoved = entries.some(({ data }) => data?.['cause'] === 'achievement-chosen')
  const promised = hasMoved ? undefined : entries[0]?.data?.['promised']
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  for (const entry of entries) {
    const problem = orderProblem(told, { entry, byId, promised })
    if (problem !== undefined) {
      return failed(
        `Post ${entry.n} kommer i fel ordning (${problem}).`,
        `Entry ${entry.n} comes out of order (${problem}).`,
      )
    }
    note(told, entry)
  }
  return passed(
    'Inget är godkänt, klarerat eller undertecknat före sin grund.',
    'Nothing was approved, cleared or signed before its ground.',
  )
}

interface InOrder {
  readonly entry: Entry
  readonly byId: ReadonlyMap<string, Entry>
  readonly promised: unknown
}

function orderProblem(told: Told, { entry, byId, promised }: InOrder): string | undefined {
  const { data = {} } = entry
  switch (entry.type) {
    case 'gate.judged/1':
      return gateProblem(told, data)
    case 'issuance.cleared/1':
      return clearanceProblem(told, { entry, byId, promised })
    case 'signing.requested/1':
      return told.credentials.has(data['credential']) ? undefined : 'not-cleared'
    case 'credential.issued/1':
      return told.requested.has(data['credential']) ? undefined : 'not-requested'
    default:
      return undefined
  }
}

function gateProblem(told: Told, data: NonNullable<Entry['data']>): string | undefined {
  const version = data['evidenceVersion']
  const place = caseGates.findIndex((gate) => gate === data['gate'])
  if (place < 0) return data['gate'] === 'revocation' ? undefined : 'unknown-gate'
  if (told.judged.has(`${caseGates[place]} ${String(version)}`)) return 'judged-twice'
  // The gates over the facts are all asked in each round, so that everything missing is told at once, and facts may come in between
  // two of them. Whoever approves and whoever clears stands on all of them, over one version of the facts.
  return place < factGates.length ? undefined : factGates.find((gate) => !passedAt(told, version).has(gate))
}

function clearanceProblem(told: Told, { entry, byId, promised }: InOrder): string | undefined {
  const { data = {} } = entry
  const verdicts = listOf(data['verdicts']).map((id) =>
    typeof id === 'string' && told.ids.has(id) ? byId.get(id) : undefined,
  )
  const version = data['evidenceVersion']
  const isSound = verdicts.every(
    (one) =>
      one?.type === 'gate.judged/1' && one.data?.['outcome'] === 'pass' && one.data['evidenceVersion'] === version,
  )
  if (!isSound) return 'verdict-missing'
  const gates = new Set(verdicts.map((one) => one?.data?.['gate']))
  const rules = verdicts.find((one) => one?.data?.['gate'] === 'level')?.data?.['rules']
  const lacking = caseGates.find((gate) => !gates.has(gate) && (gate !== 'approval' || needsApproval(rules, promised)))
  return lacking === undefined ? undefined : `without-${lacking}`
}

/** By our own published table: institutions may only tighten. */
function needsApproval(rules: unknown, promised: unknown): boolean {
  const band = bands.find((one) => one === promised)
  const table = typeof rules === 'string' ? tableOf(rules) : undefined
  return band !== undefined && table !== undefined && table.byBand[band].approvers.demand.roles.length > 0
}
