/** `npm run demo`: the whole story on real servers, from completion events to a revocation, told as it goes. Ends non-zero if anything was not as told. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Api, expectStatus } from './demo/api.ts'
import { Emitters } from './demo/emitters.ts'
import { emptyFolder, leave, leaveEvents, leaveTrail } from './demo/leave.ts'
import { checkFromOutside, noticesTampering } from './demo/outside.ts'
import { begin, type Played, play, type Stage, until } from './demo/play.ts'
import { applyDemoRegister } from './demo/register.ts'
import { type Language, missing, Report } from './demo/report.ts'
import { stories } from './demo/stories.ts'
import { sendTroubles, type Trouble } from './demo/troubles.ts'
import { startStack } from './stack.ts'

interface Check {
  readonly what: string
  readonly ok: boolean
}

interface Show extends Stage {
  readonly folder: string
  readonly checks: Check[]
}

const language: Language = (process.env['BEVIS_LANG'] ?? process.env['LANG'] ?? '').startsWith('sv') ? 'sv' : 'en'
const run = Date.now().toString(36)
const report = new Report(language)
// `--dir` puts everything elsewhere than `.bevis`, so that a test can run the demo beside a stack in use.
const { dir } = parseArgs({ options: { dir: { type: 'string' } } }).values
const stack = await startStack(dir === undefined ? {} : { dir })
const emitters = new Emitters(stack, run)
let good = false
try {
  const show = { api: new Api(stack), emitters, report, folder: emptyFolder(stack.dir), checks: [] }
  good = await tell(show)
} finally {
  await emitters.close()
  await stack.stop()
}
process.exitCode = good ? 0 : 1

async function tell(show: Show): Promise<boolean> {
  const began = Date.now()
  report.heading({ sv: 'Registret för Norrskens universitet', en: 'The register of Norrsken University' })
  const applied = await applyDemoRegister(stack, emitters)
  report.step({ sv: applied, en: applied })

  const played = await playAll(show)
  const troubles = await makeTrouble(show)
  const issued = await verifyAll(show, played)
  await revokeOne(show, played, issued)
  await killWorker(show)
  await leaveAll(show, { played, troubles })
  return summarise(show, Math.round((Date.now() - began) / 1000))
}

/** All events first, in one go: order and neighbours do not matter. Then each case to its end. */
async function playAll(show: Show): Promise<Played[]> {
  const all = stories(run)
  const ids: string[] = []
  for (const story of all) ids.push(await begin(show, story))
  report.say({
    sv: `\n${emitters.sent.length} händelser sända över NATS`,
    en: `\n${emitters.sent.length} events sent over NATS`,
  })
  const played: Played[] = []
  for (const [index, story] of all.entries()) {
    const one = await play(show, story, ids[index] ?? '')
    show.checks.push({ what: `case ${story.key} came out as told`, ok: one.asTold })
    played.push(one)
  }
  return played
}

async function makeTrouble(show: Show): Promise<Trouble[]> {
  report.heading({ sv: 'Det som inte får komma igenom', en: 'What must not get through' })
  const first = emitters.sent.find(({ source }) => source === 'webb')
  if (first === undefined) throw new Error('nothing was sent')
  const repeats = await countCases(show)
  const troubles = await sendTroubles(show, run, first)
  for (const { says, code, found } of troubles) {
    show.checks.push({ what: `dead letter ${code}`, ok: found })
    report.step({
      sv: `${says.sv}: ${found ? `felkön, ${code}` : 'HITTADES INTE'}`,
      en: `${says.en}: ${found ? `dead letter, ${code}` : 'NOT FOUND'}`,
    })
  }
  const same = (await countCases(show)) === repeats
  show.checks.push({ what: 'a duplicate makes no case', ok: same })
  report.step({
    sv: 'samma händelse igen: bekräftad, räknad, utan verkan',
    en: 'the same event again: acknowledged, counted, without effect',
  })
  return troubles
}

async function countCases({ api }: Show): Promise<number> {
  const { body } = await api.get('officer-1', '/cases?limit=200')
  return (body as { items: unknown[] }).items.length
}

/** Every credential, by a library we do not sign with, from its own published addresses. */
async function verifyAll(show: Show, played: readonly Played[]): Promise<Map<string, string>> {
  report.heading({ sv: 'Kontroll utifrån', en: 'Checked from outside' })
  const issued = new Map<string, string>()
  for (const { view } of played) {
    for (const { id } of view.credentials) {
      // A privacy officer too: one of the learners has a protected identity.
      const compact = String((await show.api.get('officer-2', `/credentials/${id}/document?purpose=audit`)).body)
      const outside = await checkFromOutside(compact)
      const notices = await noticesTampering(compact)
      issued.set(id, compact)
      leave(show.folder, `credentials/${id}.jwt`, compact)
      leave(show.folder, `status-lists/${outside.listUrl.split('/').at(-1)}.jwt`, outside.list)
      show.checks.push({ what: `${id} verifies outside`, ok: outside.status === 'valid' && notices })
      report.step({
        sv: `${view.promised}: underskriften håller, ej återkallad; en ändrad bokstav märks`,
        en: `${view.promised}: signature holds, not revoked; one changed letter is noticed`,
      })
    }
  }
  return issued
}

/** One officer alone cannot; two can, and then the world sees it. */
async function revokeOne(show: Show, played: readonly Played[], issued: ReadonlyMap<string, string>): Promise<void> {
  report.heading({ sv: 'Återkallelse med två personer', en: 'Revocation with two people' })
  const { api, checks } = show
  const credential = played.find(({ story }) => story.key === 'band-c2-d')?.view.credentials[0]?.id ?? ''
  const body = { credential, reason: 'assessment-invalid', text: 'Provets station 2 hade fel underlag.' }
  const proposal = expectStatus(await api.post('officer-1', '/revocations', body), [201]).body as { id: string }
  const path = `/revocations/${proposal.id}`
  const read = { 'if-match': (await api.get('officer-2', path)).etag ?? '' }
  const alone = await api.post('officer-1', `${path}/approve`, {}, read)
  checks.push({ what: 'one officer alone cannot revoke', ok: alone.status === 403 })
  report.step({ sv: 'den som föreslog får inte godkänna själv', en: 'who proposed may not approve' })
  expectStatus(await api.post('officer-2', `${path}/approve`, {}, read), [200])
  const revoked = await becomesRevoked(issued.get(credential) ?? '')
  checks.push({ what: 'the revoked credential is refused', ok: revoked !== undefined })
  if (revoked !== undefined) leave(show.folder, `status-lists/${revoked.listUrl.split('/').at(-1)}.jwt`, revoked.list)
  report.step({
    sv: 'en annan handläggare godkänner; statuslistan säger nu återkallad',
    en: 'another officer approves; the status list now says revoked',
  })
}

async function becomesRevoked(compact: string) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const outside = await checkFromOutside(compact)
    if (outside.status === 'revoked') return outside
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return undefined
}

/** The pipeline dies in the middle of a case; the case goes on where it was. */
async function killWorker(show: Show): Promise<void> {
  report.heading({ sv: 'Arbetaren dör mitt i ett ärende', en: 'The worker dies in the middle of a case' })
  const [story] = stories(`${run}k`).filter(({ key }) => key === 'band-d-e')
  if (story === undefined) throw new Error('no story')
  const sending = begin(show, story)
  await stack.kill('pipeline')
  const id = await sending
  const view = await until(show.api, id, ({ state }) => state === 'issued')
  const once = view.credentials.length === 1
  show.checks.push({ what: 'a case survives its worker, with one credential', ok: once })
  report.step({
    sv: 'en ny arbetare tog vid; en handling, en underskrift',
    en: 'a new worker took over; one document, one signature',
  })
}

async function leaveAll(
  { folder, api, emitters: from }: Show,
  { played, troubles }: { played: readonly Played[]; troubles: readonly Trouble[] },
): Promise<void> {
  for (const { caseId } of played) await leaveTrail(folder, api, caseId)
  const keys = await fetch(`${stack.urls.public}/institutions/norrsken/keys`)
  leave(folder, 'jwks.json', (await keys.json()) as unknown)
  leaveEvents(folder, from.sent)
  const cases = await Promise.all(
    played.map(async ({ story, caseId }) => {
      const view = await until(api, caseId, () => true)
      const { promised, level, evidenceLevel, state, credentials } = view
      return {
        id: caseId,
        story: story.key,
        promised,
        computed: level ?? evidenceLevel,
        outcome: state,
        missing: missing(view),
        credentials: credentials.map(({ id }) => id),
      }
    }),
  )
  const totals = {
    cases: cases.length,
    events: from.sent.length,
    credentials: cases.flatMap(({ credentials }) => credentials).length,
    deadLetters: troubles.filter(({ found }) => found).length,
  }
  leave(folder, 'summary.json', { cases, totals })
}

function summarise({ checks, folder }: Show, seconds: number): boolean {
  const failed = checks.filter(({ ok }) => !ok)
  report.heading({ sv: 'Sammanfattning', en: 'Summary' })
  for (const { what } of failed) report.step({ sv: `INTE som sagt: ${what}`, en: `NOT as told: ${what}` })
  report.step({
    sv: `${checks.length - failed.length} av ${checks.length} kontroller som sagt, ${seconds} s`,
    en: `${checks.length - failed.length} of ${checks.length} checks as told, ${seconds} s`,
  })
  report.say({
    sv: `\nTitta vidare: npm run dev öppnar samma data igen; npx bevis case list --as officer-1; filerna finns i ${relative(folder)}`,
    en: `\nLook around: npm run dev reopens the same data; npx bevis case list --as officer-1; the files are in ${relative(folder)}`,
  })
  return failed.length === 0
}

function relative(folder: string): string {
  const inside = folder.split('/.bevis/').at(1)
  return inside === undefined ? folder : join('.bevis', inside)
}
