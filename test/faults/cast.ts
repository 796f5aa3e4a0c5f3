/** The people and systems of the plays: they do their part as the case stands, and do it again where the house was away. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventKey, caseId as idOfCase } from '#db/ids.ts'
import { type CaseView, expectStatus } from '#dev/demo/api.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import { type CaseState, isEnd } from '#domain/issuance/state.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { type Ground, handInSurely, postSurely, sendSurely } from './ground.ts'
import type { Play, Turn } from './plays.ts'

/** A play whose case is known. */
export interface Part {
  readonly play: Play
  readonly caseId: string
  /** Turns still to be taken. */
  readonly turns: Turn[]
  /** Why the last attempt at a turn came to nothing. */
  trouble?: string
}

interface Standing {
  readonly id: string
  readonly state: CaseState
  readonly level: string | null
  readonly entries: readonly string[] | null
  readonly decided: readonly string[] | null
  readonly credential: string | null
}

const institution = as<InstitutionId>('norrsken')
const officers = ['officer-1', 'officer-2'] as const
const pauseMs = 250

/** Sends the events of a play, in the order given; the id of its case follows from the completion among them. */
export async function begin(
  ground: Ground,
  play: Play,
  { sent, pause = () => 0 }: { readonly sent: Sent[]; readonly pause?: () => number },
): Promise<Part> {
  let caseId = ''
  for (const draft of play.events) {
    const message = play.over === 'http' ? await postSurely(ground, draft) : await sendSurely(ground, draft)
    sent.push(message)
    if (draft.type.includes('completion')) caseId = idOfCase(eventKey(institution, message.source, message.id))
    await sleep(pause())
  }
  return { play, caseId, turns: [...play.turns] }
}

/**
 * Everybody acts until each case stands where its play demands, however often the house is away.
 * @returns what did not come to be within `patienceMs`, one line per play
 */
export async function perform(
  ground: Ground,
  parts: readonly Part[],
  { sent, patienceMs }: { readonly sent: Sent[]; readonly patienceMs: number },
): Promise<string[]> {
  for (const deadline = Date.now() + patienceMs; ; ) {
    const standings = await standingsOf(ground, parts).catch(() => undefined)
    const open = parts.filter((part) => !isOver(part, standings?.get(part.caseId)))
    if (open.length === 0) return []
    if (Date.now() > deadline) return open.map((part) => telling(part, standings?.get(part.caseId)))
    await Promise.all(open.map((part) => actOnce(ground, part, { standing: standings?.get(part.caseId), sent })))
    await sleep(pauseMs)
  }
}

/** Where a case stands that should stand elsewhere; empty when all stand where their plays demand. */
export async function astray(ground: Ground, parts: readonly Part[]): Promise<string[]> {
  const standings = await standingsOf(ground, parts)
  return parts
    .filter((part) => !isOver(part, standings.get(part.caseId)))
    .map((part) => telling(part, standings.get(part.caseId)))
}

function isOver({ play, turns }: Part, standing: Standing | undefined): boolean {
  if (turns.length > 0 || standing?.state !== play.expect.state) return false
  return play.expect.level === undefined || standing.level === play.expect.level
}

function telling({ play, caseId, turns, trouble }: Part, standing: Standing | undefined): string {
  const where = standing === undefined ? 'nowhere' : `${standing.state} at ${standing.level ?? 'no level'}`
  const next = turns[0] === undefined ? '' : `, ${turns[0].does} not done`
  const wanted = `${play.expect.state} at ${play.expect.level ?? 'any level'}`
  return `${play.key} ${caseId} stands ${where}${next}, should be ${wanted}${trouble === undefined ? '' : ` (${trouble})`}`
}

async function standingsOf({ admin }: Ground, parts: readonly Part[]): Promise<Map<string, Standing>> {
  const ids = parts.map(({ caseId }) => caseId)
  const rows = await admin<Standing[]>`
    select c.id, c.state, coalesce(c.level, c.evidence_level) as level,
      (select array_agg(distinct e.type) from audit.entry e where e.trail = c.trail) as entries,
      (select array_agg(distinct d.outcome) from decision d where d.case_id = c.id) as decided,
      (select min(x.id) from credential x where x.case_id = c.id) as credential
    from cases c where c.id = any(${ids})`
  return new Map(rows.map((row) => [row.id, row]))
}

interface Scene {
  readonly standing: Standing | undefined
  readonly sent: Sent[]
}

/** Takes the next turn if it can be taken now; a turn counts as taken when its effect is seen, not when it was asked for. */
async function actOnce(ground: Ground, part: Part, { standing, sent }: Scene): Promise<void> {
  if (standing === undefined) return
  const [turn] = part.turns
  try {
    delete part.trouble
    if (turn === undefined) await approve(ground, standing)
    else if (await take(ground, turn, { part, standing, sent })) part.turns.shift()
  } catch (error) {
    part.trouble = error instanceof Error ? error.message.slice(0, 300) : String(error)
  }
}

interface Cue {
  readonly part: Part
  readonly standing: Standing
  readonly sent: Sent[]
}

async function take(ground: Ground, turn: Turn, { part, standing, sent }: Cue): Promise<boolean> {
  switch (turn.does) {
    case 'await-entry':
      return standing.entries?.includes(turn.type) === true
    case 'decide':
      return decideAs(ground, standing, turn)
    case 'events':
      return bring(ground, standing, { turn, sent })
    case 'hand-in':
      if (standing.state !== 'waiting' && standing.state !== 'stopped') return false
      sent.push(await handInSurely(ground, standing.id, turn.event))
      return true
    case 'end-appointment':
      return endAppointment(ground, standing)
    case 'approve-listed':
      return approveListed(ground, standing)
    case 'declare-conflict':
      return declareConflict(ground, standing)
    case 'tamper':
      // Again each time: a case that is judged anew meanwhile has a new verdict, which is sound.
      if (await tamper(ground, standing, part.play.events.length)) await approve(ground, standing)
      return standing.entries?.includes('signing.refused/1') === true
    case 'verify':
      return verify(ground, standing)
    case 'revoke':
      return revoke(ground, standing, turn.until)
  }
}

/** Whoever the case waits for approves; who is not asked does nothing. */
async function approve(ground: Ground, { id, state }: Standing): Promise<void> {
  if (state !== 'deciding') return
  const { view, etag } = await ground.api.caseView('officer-1', id)
  const asked = askedIn(ground, view)
  if (asked !== undefined) await decide(ground, { sub: asked, view, etag, outcome: 'approve', body: approval })
}

const approval = { reason: 'outcomes-shown' }

async function decideAs(
  ground: Ground,
  { id, state, decided }: Standing,
  { outcome, body }: Extract<Turn, { does: 'decide' }>,
): Promise<boolean> {
  const isOfficers = outcome === 'refuse' || outcome === 'withdraw'
  const isOpen = isOfficers ? !isEnd(state) && state !== 'judging' : state === 'deciding'
  // Nobody decides again before the first decision has taken effect: the newest would win.
  if (decided?.includes(outcome) === true) return !isOpen
  if (!isOpen || (outcome === 'refuse' && state !== 'stopped')) return false
  const { view, etag } = await ground.api.caseView('officer-1', id)
  const sub = isOfficers ? 'officer-1' : askedIn(ground, view)
  if (sub !== undefined) await decide(ground, { sub, view, etag, outcome, body })
  return false
}

interface DrawnList {
  readonly id: string
  readonly cases: readonly { readonly id: string; readonly sampled: boolean }[]
}

/** Whoever is asked draws a list, opens its sample and approves it. */
async function approveListed(ground: Ground, { id, state, decided }: Standing): Promise<boolean> {
  if (decided?.includes('approve') === true) return true
  if (state !== 'deciding') return false
  const { api } = ground
  const { view } = await api.caseView('officer-1', id)
  const asked = askedIn(ground, view)
  if (asked === undefined) return false
  const { body } = expectStatus(await api.post(asked, '/decision-lists', { cases: [id] }), [201])
  const list = body as DrawnList
  for (const one of list.cases) await api.get(asked, `/decision-lists/${list.id}/cases/${one.id}`)
  expectStatus(await api.post(asked, `/decision-lists/${list.id}/approve`, { reason: approval.reason }), [200])
  return false
}

interface Decision {
  readonly sub: string
  readonly view: CaseView
  readonly etag: string
  readonly outcome: string
  readonly body: object
}

/** The key is the decision's own: the same one again after a lost answer is the same decision. */
async function decide({ api }: Ground, { sub, view, etag, outcome, body }: Decision): Promise<void> {
  const headers = { 'if-match': etag, 'idempotency-key': keyOf(view.id, sub, outcome, view.seen.digest) }
  const path = `/cases/${view.id}/decisions`
  expectStatus(await api.post(sub, path, { ...body, outcome, seen: view.seen }, headers), [200, 202])
}

function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 32)
}

/** The login of whoever holds the role that the case waits for. */
function askedIn({ api }: Ground, { state, waiting, deciders }: CaseView): string | undefined {
  const role = (waiting?.for as { role?: string } | undefined)?.role
  const decider = state === 'deciding' ? deciders.find((one) => one.role === role) : undefined
  return decider === undefined ? undefined : api.subjectOf(decider.person)
}

async function bring(
  ground: Ground,
  { state }: Standing,
  { turn, sent }: { turn: Extract<Turn, { does: 'events' }>; sent: Sent[] },
): Promise<boolean> {
  if (state !== 'waiting' && state !== 'stopped') return false
  for (const draft of turn.events) sent.push(await sendSurely(ground, draft))
  return true
}

async function declareConflict(ground: Ground, { id, state, entries }: Standing): Promise<boolean> {
  if (entries?.includes('conflict.declared/1') === true) return true
  if (state !== 'deciding') return false
  const { view } = await ground.api.caseView('officer-1', id)
  const asked = askedIn(ground, view)
  if (asked === undefined) return false
  const headers = { 'idempotency-key': keyOf(id, 'conflict') }
  const answer = await ground.api.post(asked, `/cases/${id}/conflicts`, { reason: 'near-relation' }, headers)
  expectStatus(answer, [200, 202])
  return false
}

/** Whoever is asked will not come: an officer ends the appointment, once. */
async function endAppointment({ admin, api }: Ground, { id, state }: Standing): Promise<boolean> {
  const [ended] = await admin`select role from case_appointment where case_id = ${id} and ended_at is not null`
  if (ended !== undefined) return true
  const { view } = await api.caseView('officer-1', id)
  const [decider] = view.deciders
  if (state !== 'deciding' || decider === undefined) return false
  const path = `/cases/${id}/appointments`
  const { etag } = await api.get('officer-1', path)
  const headers = { 'if-match': etag ?? '' }
  expectStatus(await api.post('officer-1', `${path}/${decider.role}/end`, { reason: 'absent' }, headers), [200])
  return false
}

/**
 * What the signer must find out: the recorded input is no longer the one that was judged. Done when all evidence is there, for
 * what comes later is judged anew, rightly.
 */
async function tamper({ admin }: Ground, { id }: Standing, events: number): Promise<boolean> {
  const changed = await admin`
    update verdict v set input = decode('00', 'hex') from cases c
    where c.id = ${id} and v.case_id = c.id and v.gate = 'identity' and v.evidence_version = c.evidence_version
      and c.state = 'deciding' and (select count(*) from evidence e where e.offering = c.offering) = ${events}
    returning v.gate`
  return changed.length > 0
}

async function verify({ api, stack }: Ground, { credential }: Standing): Promise<boolean> {
  if (credential === null) return false
  const { body } = await api.get('officer-2', `/credentials/${credential}/document?purpose=audit`)
  const answer = await fetch(`${stack.urls.public}/v1/verify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ credential: String(body) }),
  })
  return answer.ok && ((await answer.json()) as { result: string }).result === 'verified'
}

interface Revocation {
  readonly id: string
  readonly state: string
}

async function revoke(
  ground: Ground,
  { credential }: Standing,
  until: Extract<Turn, { does: 'revoke' }>['until'],
): Promise<boolean> {
  if (credential === null) return false
  const [row] = await ground.admin<Revocation[]>`
    select id, state from revocation where credential_id = ${credential} order by ordinal desc limit 1`
  if (row?.state === until) return true
  const [proposer, second] = officers
  if (row === undefined || row.state === 'refused') {
    const body = { credential, reason: 'assessment-invalid', text: 'Provets station 2 hade fel underlag.' }
    const headers = { 'idempotency-key': keyOf(credential, until) }
    expectStatus(await ground.api.post(proposer, '/revocations', body, headers), [201])
    return false
  }
  const verb = { executed: 'approve', refused: 'refuse', expired: undefined }[until]
  if (row.state === 'proposed' && verb !== undefined) await decideRevocation(ground, { sub: second, id: row.id, verb })
  return false
}

/** On what was read, as the API demands of every change. */
async function decideRevocation(
  { api }: Ground,
  { sub, id, verb }: { readonly sub: string; readonly id: string; readonly verb: string },
): Promise<void> {
  const path = `/revocations/${id}`
  const { etag } = await api.get(sub, path)
  expectStatus(await api.post(sub, `${path}/${verb}`, {}, { 'if-match': etag ?? '' }), [200])
}
