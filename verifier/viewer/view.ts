/** The result as a page: verdict first, then each check with its answer and what it means, then the case as a story. */
import { disclosedWords, packageKinds, packagePurposes, reasonWords, wordsOf } from '#audit/package/code-words.ts'
import { roleWords } from '#audit/package/words.ts'
import type { Text } from '#domain/words.ts'
import type { Check, CheckOutcome, PackageReport, TimelineEntry, TrailReport } from '#verifier/report.ts'
import { el } from './element.ts'
import { canJudgeStamps } from './stamps.ts'
import { checkWords, holds, type Language, outcomes, page, pairRules, profileWords } from './words.ts'

const marks: Readonly<Record<CheckOutcome, string>> = { passed: '✔', failed: '✘', 'could-not-check': '?' }

/** What passed without the gates being judged again must not look like what passed whole. */
function verdictLook({ outcome, shows }: PackageReport): readonly [mark: string, look: string] {
  return outcome === 'passed' && shows !== 'judgements' ? ['◐', 'in-part'] : [marks[outcome], outcome]
}

export function resultView(report: PackageReport, language: Language): HTMLElement {
  const say = (words: Text) => words[language]
  const { proved, stated } = report
  const [mark, look] = verdictLook(report)
  return el(
    'div',
    { class: 'result' },
    el(
      'div',
      { class: `verdict ${look}` },
      el('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
      el('h2', { id: 'verdict', tabindex: '-1' }, say(report.verdict)),
    ),
    proved === undefined ? undefined : provedView(proved, say),
    stated === undefined ? undefined : statedView(stated, say),
    checksTable(report.checks, say(page.checks), say),
    ...report.trails.map((trail) => trailView(trail, say)),
  )
}

type Say = (words: Text) => string

function provedView({ log, size, root, witnesses }: NonNullable<PackageReport['proved']>, say: Say): HTMLElement {
  return listOf(say(page.proved), [
    [say(page.log), log],
    [say(page.size), String(size)],
    [say(page.root), root],
    ...witnesses.map(({ name, time }) => [say(page.witness), `${name}, ${momentOf(time)}`] as const),
  ])
}

/** What nobody has proved stands apart, and says so. */
function statedView(
  { made, requester, purpose, profile, kind }: NonNullable<PackageReport['stated']>,
  say: Say,
): HTMLElement {
  return listOf(say(page.stated), [
    [say(page.made), momentOf(made)],
    [say(page.requester), requester],
    [say(page.purpose), say(wordsOf(packagePurposes, purpose))],
    [say(page.profile), `${say(profileWords[profile])} (${profile})`],
    [say(page.kind), say(wordsOf(packageKinds, kind))],
  ])
}

function listOf(title: string, lines: readonly (readonly [name: string, value: string])[]): HTMLElement {
  const pairs = lines.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])
  return el('div', {}, el('h3', {}, title), el('dl', {}, ...pairs))
}

function momentOf(at: string): string {
  return at.replace('T', ' ').replace('Z', ' UTC')
}

function checksTable(checks: readonly Check[], caption: string, say: Say): HTMLElement {
  const rows = checks.map((check) => {
    const { id, outcome } = check
    const { name, meaning } = checkWords[id]
    return el(
      'tr',
      {},
      el('th', { scope: 'row' }, say(name)),
      el('td', { class: outcome }, el('span', { 'aria-hidden': 'true' }, `${marks[outcome]} `), say(outcomes[outcome])),
      el(
        'td',
        {},
        becauseOf(check, checks, say),
        el('details', {}, el('summary', {}, say(page.meaning)), el('p', {}, say(meaning))),
      ),
    )
  })
  return tableOf(caption, [page.check, page.outcome, page.why].map(say), rows)
}

/** An answer; of time-stamps that lie there unjudged also what it takes to judge them. */
function becauseOf({ id, outcome, because }: Check, checks: readonly Check[], say: Say): string {
  const isThere = id === 'anchors' && checks.some((check) => check.id === 'consistency')
  return isThere && outcome === 'could-not-check'
    ? `${say(because)} ${say(canJudgeStamps() ? page.nameTsa : page.noStamps)}`
    : say(because)
}

function tableOf(caption: string, heads: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  return el(
    'table',
    {},
    el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...rows),
  )
}

function trailView(
  { trail, case: about, checks, timeline, duties, pairs, criteria }: TrailReport,
  say: Say,
): HTMLElement {
  const id = `case-${trail}`
  return el(
    'section',
    { 'aria-labelledby': id },
    el('h2', { id }, `${say(page.case)} ${about}`),
    checksTable(checks, say(page.trailChecks), say),
    el('h3', {}, say(page.duties)),
    duties.length === 0
      ? el('p', {}, say(page.noDuties))
      : el('ul', {}, ...duties.map(({ who, says }) => el('li', {}, `${who.join(', ')} ${say(says)}`))),
    tableOf(
      say(page.pairs),
      [page.rule, page.holds, page.why].map(say),
      pairs.map((pair) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, `${pair.pair}: ${say(pairRules[pair.pair])}`),
          el(
            'td',
            { class: classOf(pair) },
            say(holds[pair.holds]),
            pair.demanded ? '' : ` (${say(page.notDemanded)})`,
          ),
          el('td', {}, say(pair.because), pair.who.length === 0 ? '' : `: ${pair.who.join(', ')}`),
        ),
      ),
    ),
    el('h3', {}, say(page.criteria)),
    el(
      'p',
      { class: criteria.holds === 'yes' ? 'passed' : 'could-not-check' },
      `${say(holds[criteria.holds])}: ${say(criteria.because)}.`,
    ),
    el('h3', {}, say(page.timeline)),
    el('ol', { class: 'timeline' }, ...timeline.map((entry) => entryView(entry, say))),
  )
}

function classOf({ holds: found, demanded }: TrailReport['pairs'][number]): string {
  if (found === 'yes') return 'passed'
  return found === 'unknown' ? 'could-not-check' : demanded ? 'failed' : 'could-not-check'
}

function entryView(entry: TimelineEntry, say: Say): HTMLElement {
  const { n, at, says, actor, index, bracket, disclosed, closed, reason } = entry
  const who = actor.name ?? actor.ref
  const facts = [
    actor.kind === 'human'
      ? `${say(page.by)} ${who} ${say(page.as)} ${say(roleWords(actor.role))}`
      : `${say(page.machine)}: ${say(roleWords(actor.role))}`,
    ...(reason === undefined ? [] : [`${say(page.reason)}: ${say(reasonWords(reason))}`]),
    ...(index === undefined ? [] : [`${say(page.place)} ${index}`]),
    ...(closed === 0 ? [] : [`${say(page.closed)}: ${closed}`]),
  ]
  const bounds = [
    ...(bracket.after === undefined ? [] : [`${say(page.after)} ${momentOf(bracket.after)}`]),
    ...(bracket.before === undefined ? [] : [`${say(page.before)} ${momentOf(bracket.before)}`]),
  ]
  return el(
    'li',
    { value: String(n) },
    el('time', { datetime: at }, momentOf(at)),
    el('strong', {}, say(says)),
    el('span', { class: 'facts' }, facts.join(' · ')),
    bounds.length === 0 ? undefined : el('span', { class: 'facts' }, `${say(page.between)}: ${bounds.join(', ')}`),
    ...disclosed.map(({ name, value }) =>
      el('span', { class: 'facts disclosed' }, `${say(wordsOf(disclosedWords, name))}: ${value}`),
    ),
  )
}
