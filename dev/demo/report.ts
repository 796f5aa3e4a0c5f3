/** What the demo says, in Swedish or English: a case as a quality officer would tell it. */
import type { Text } from '#domain/words.ts'
import type { CaseView } from './api.ts'

export type Language = 'sv' | 'en'

const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined
const paint = (code: number, line: string) => (colour ? `\u001b[${code}m${line}\u001b[0m` : line)

const gates: Readonly<Record<string, Text>> = {
  open: { sv: 'definition och mandat', en: 'definition and mandate' },
  identity: { sv: 'identitet', en: 'identity' },
  assessment: { sv: 'bedömning', en: 'assessment' },
  separation: { sv: 'åtskillnad', en: 'separation' },
  'evidence-level': { sv: 'nivå enligt underlaget', en: 'level by the evidence' },
  approval: { sv: 'godkännande', en: 'approval' },
  level: { sv: 'nivå', en: 'level' },
}

const states: Readonly<Record<string, Text>> = {
  waiting: { sv: 'väntar', en: 'waits' },
  stopped: { sv: 'stoppat', en: 'stopped' },
  deciding: { sv: 'hos granskare', en: 'with an examiner' },
  issued: { sv: 'utfärdat', en: 'issued' },
  recorded: { sv: 'registrerat, ingen handling', en: 'recorded, no document' },
  refused: { sv: 'avslaget', en: 'refused' },
  withdrawn: { sv: 'återtaget', en: 'withdrawn' },
}

export class Report {
  readonly #language: Language
  constructor(language: Language) {
    this.#language = language
  }

  say(text: Text): void {
    console.log(text[this.#language])
  }

  heading(text: Text): void {
    console.log(`\n${paint(1, text[this.#language])}`)
  }

  step(text: Text): void {
    console.log(`  ${paint(2, '·')} ${text[this.#language]}`)
  }

  /** Gates of a case in their order, what stands, and what the next higher band lacks. */
  case(view: CaseView): void {
    for (const { gate, outcome } of ordered(view)) {
      const mark = outcome === 'pass' ? paint(32, '✔') : outcome === 'missing' ? paint(33, '…') : paint(31, '✘')
      console.log(`  ${mark} ${gates[gate]?.[this.#language] ?? gate}`)
    }
    const level = view.level ?? view.evidenceLevel ?? '–'
    const state = states[view.state]?.[this.#language] ?? view.state
    this.step({
      sv: `beräknad nivå ${level}, utlovad ${view.promised}: ${state}${this.#until(view)}`,
      en: `computed level ${level}, promised ${view.promised}: ${state}${this.#until(view)}`,
    })
    for (const lack of missing(view))
      this.step({ sv: `saknas för ${view.promised}: ${lack.sv}`, en: `missing for ${view.promised}: ${lack.en}` })
  }

  #until({ waiting }: CaseView): string {
    const day = waiting?.until?.slice(0, 10)
    if (day === undefined) return ''
    return this.#language === 'sv' ? `, senast ${day}` : `, until ${day}`
  }
}

const order = Object.keys(gates)

function ordered({ judgements }: CaseView) {
  return judgements.toSorted((a, b) => order.indexOf(a.gate) - order.indexOf(b.gate))
}

/** What the promised band lacks, each once. */
export function missing({ higher, promised }: CaseView): Text[] {
  const lacks = higher.find(({ band }) => band === promised)?.lacks ?? []
  const texts = lacks.flatMap((lack) => (lack.missing === undefined ? [] : [lack.missing]))
  return [...new Map(texts.map((text) => [text.en, text])).values()]
}

export function missingRules({ higher, promised }: CaseView): string[] {
  const lacks = higher.find(({ band }) => band === promised)?.lacks ?? []
  return [...new Set(lacks.map(({ rule }) => rule))]
}
