/** Plays one story: sends its events, waits for the case, lets people act, and says whether it came out as told. */
import { caseId as caseIdOf, eventKey } from '#db/ids.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import type { Api, CaseView } from './api.ts'
import type { Emitters } from './emitters.ts'
import { missingRules, type Report } from './report.ts'
import type { Act, Story } from './stories.ts'

export interface Played {
  readonly story: Story
  readonly caseId: string
  readonly view: CaseView
  readonly asTold: boolean
}

export interface Stage {
  readonly api: Api
  readonly emitters: Emitters
  readonly report: Report
}

const officer = 'officer-1'
/** A worker that was killed is away as long as a busy machine takes to start it. */
const patienceMs = 120_000

/** Sends the events of a story and tells the id its case will have; ids are derived, so it is known at once. */
export async function begin({ emitters }: Stage, story: Story): Promise<string> {
  let opened = ''
  for (const draft of story.events) {
    const sent = await emitters.send(draft)
    if (draft.type.includes('completion')) opened = idOf(sent.source, sent.id)
  }
  return opened
}

function idOf(source: string, id: string): string {
  return caseIdOf(eventKey(as<InstitutionId>('norrsken'), source, id))
}

/** Follows a case that has begun to its end. */
export async function play(stage: Stage, story: Story, caseId: string): Promise<Played> {
  const { api, report } = stage
  report.heading({ sv: `${story.expect.level}  ${story.title.sv}`, en: `${story.expect.level}  ${story.title.en}` })
  for (const act of story.acts) await perform(stage, caseId, act)
  const view = await until(api, caseId, (now) => now.state === story.expect.state)
  report.case(view)
  return { story, caseId, view, asTold: isAsTold(story, view) }
}

function isAsTold({ expect }: Story, view: CaseView): boolean {
  const level = view.level ?? view.evidenceLevel
  const named = expect.missing === undefined || missingRules(view).some((rule) => rule.startsWith(expect.missing ?? ''))
  return view.state === expect.state && level === expect.level && named
}

async function perform(stage: Stage, caseId: string, act: Act): Promise<void> {
  switch (act.kind) {
    case 'approve':
      return decide(stage, caseId, { outcome: 'approve', reason: 'outcomes-shown' })
    case 'reject':
      return decide(stage, caseId, { outcome: 'reject', reason: 'outcomes-not-shown', text: act.text })
    case 'return':
      return decide(stage, caseId, {
        outcome: 'return',
        reason: 'supplement-needed',
        text: act.text,
        markedItems: act.items,
      })
    case 'officer-refuses':
      return refuse(stage, caseId, act.text)
    case 'events':
      return bringEvidence(stage, caseId, act)
  }
}

/** Whoever was drawn from the decided list decides, in their own name. */
async function decide(
  { api, report }: Stage,
  caseId: string,
  decision: Readonly<Record<string, unknown>>,
): Promise<void> {
  const asked = await until(api, caseId, (view) => askedIn(view) !== undefined)
  const decider = askedIn(asked)
  if (decider === undefined) throw new Error('nobody was drawn')
  await api.decide(api.subjectOf(decider.person), caseId, decision)
  const [role, word] = [roles[decider.role], words[String(decision['outcome'])]]
  report.step({ sv: `${role?.sv}: ${word?.sv}`, en: `${role?.en}: ${word?.en}` })
  await until(api, caseId, (view) => askedIn(view)?.person !== decider.person)
}

/** Who holds the role the case waits for. */
function askedIn({ state, waiting, deciders }: CaseView): CaseView['deciders'][number] | undefined {
  const role = (waiting?.for as { role?: string } | undefined)?.role
  return state === 'deciding' ? deciders.find((one) => one.role === role) : undefined
}

const roles: Readonly<Record<string, { sv: string; en: string }>> = {
  examiner: { sv: 'examinator, dragen ur listan', en: 'examiner, drawn from the list' },
  'external-reviewer': { sv: 'extern granskare, dragen ur listan', en: 'external reviewer, drawn from the list' },
  'decision-maker': { sv: 'beslutsfattare', en: 'decision-maker' },
}

const words: Readonly<Record<string, { sv: string; en: string }>> = {
  approve: { sv: 'godkänner', en: 'approves' },
  reject: { sv: 'avslår, med skäl', en: 'rejects, with reasons' },
  return: { sv: 'sänder tillbaka med markerade punkter', en: 'returns with marked items' },
}

async function refuse({ api, report }: Stage, caseId: string, text: string): Promise<void> {
  const stopped = await until(api, caseId, ({ state }) => state === 'stopped')
  report.case(stopped)
  await api.decide(officer, caseId, { outcome: 'refuse', reason: 'below-promise', text })
  report.step({
    sv: 'kvalitetshandläggaren avslår, med skäl och väg till omprövning',
    en: 'the quality officer refuses, with reasons and the way to reconsideration',
  })
}

async function bringEvidence(
  { api, emitters, report }: Stage,
  caseId: string,
  act: Extract<Act, { kind: 'events' }>,
): Promise<void> {
  const before = await until(api, caseId, ({ state }) => state === 'waiting' || state === 'stopped')
  report.case(before)
  for (const draft of act.events) await emitters.send(draft)
  report.step(act.says)
  await until(
    api,
    caseId,
    ({ evidenceVersion, state }) => evidenceVersion > before.evidenceVersion && state !== before.state,
  )
}

/** Asks until it is so. @throws Error after two minutes, with where the case stands */
export async function until(api: Api, caseId: string, holds: (view: CaseView) => boolean): Promise<CaseView> {
  let last: CaseView | undefined
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
    const answer = await api.call(officer, `/v1/institutions/norrsken/cases/${caseId}`)
    if (answer.status === 200) {
      last = answer.body as CaseView
      if (holds(last)) return last
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(
    `Case ${caseId} stands at ${last?.state ?? 'nothing'} (${last?.step ?? 'no step'}) and does not go on`,
  )
}
