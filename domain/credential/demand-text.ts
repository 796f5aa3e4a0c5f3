/** Reads a demand as people write it; every fault with its place and how to mend it, all of them at once. */
import { type Clause, type Demand, highest, memberNames } from '#domain/credential/demand.ts'
import { type Band, bands, type Text } from '#domain/words.ts'

/** One fault. `position` counts characters from 0, where it begins. */
export interface DemandProblem {
  readonly code:
    | 'empty'
    | 'syntax'
    | 'unknown-member'
    | 'wrong-operator'
    | 'bad-value'
    | 'unknown-band'
    | 'repeated-member'
  readonly position: number
  readonly what: Text
  readonly mend: Text
}

export type ReadDemand =
  | { readonly kind: 'demand'; readonly demand: Demand }
  | { readonly kind: 'invalid'; readonly problems: readonly DemandProblem[] }

/** Longer is no demand of three members; a limit, so that hostile text costs nothing. */
export const longestDemand = 500

/** The same in the words of a regular expression (ECMA 262), for descriptions: what matches it can be read, and nothing else. */
export const demandPattern = patternOfDemands()

function patternOfDemands(): string {
  const dash = '\\s*[-‐‑‒–—−]\\s*'
  const band = `\\s*(?:[AaEeFf]|[Bb]${dash}[Cc]\\s*1|[Cc]\\s*2${dash}[Dd]|[Dd]${dash}[Ee])\\s*`
  const least = (name: string, level: number) => `\\s*${name}\\s*(?:>=|≥)\\s*0?[1-${level}]\\s*`
  const clauses = [
    least('[Ss][Ee][Qq][Ff]', highest.seqf),
    least('[Ll][Oo][Aa]', highest.loa),
    `\\s*[Bb][Aa][Nn][Dd][Ss]?\\s*\\{${band}(?:,${band})*\\}\\s*`,
  ]
  return `^(?:${eachOnce(clauses)})$`
}

/** Any of them, each at most once, in any order, with commas between. */
function eachOnce(clauses: readonly string[]): string {
  return clauses
    .map((clause) => {
      const others = clauses.filter((one) => one !== clause)
      return others.length === 0 ? clause : `${clause}(?:,(?:${eachOnce(others)}))?`
    })
    .join('|')
}

const form = 'SeQF >= 6, LoA >= 3, bands {A, B-C1}'
const asWritten: Text = { sv: `Skriv till exempel ${form}.`, en: `Write for instance ${form}.` }

/**
 * Reads `SeQF >= n`, `LoA >= n` and `bands {…}`, separated by commas, in any order, each at most once. `≥` is `>=`, case and spaces
 * mean nothing, and a band may have any dash.
 */
export function readDemand(text: string): ReadDemand {
  if (text.length > longestDemand)
    return { kind: 'invalid', problems: [problem('syntax', longestDemand, tooLong, asWritten)] }
  const problems: DemandProblem[] = []
  const clauses: Clause[] = []
  const parts = partsOf(text)
  if (parts.every((part) => part.text.trim() === ''))
    return { kind: 'invalid', problems: [problem('empty', 0, nothing, asWritten)] }
  for (const part of parts) {
    const read = readPart(part)
    if ('code' in read) problems.push(read)
    else if (clauses.some(({ member }) => member === read.member))
      problems.push(problem('repeated-member', start(part), repeated(memberNames[read.member]), keepOne))
    else clauses.push(read)
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'demand', demand: clauses }
}

interface Part {
  readonly text: string
  readonly position: number
}

/** Parts between commas; a comma in braces separates bands. */
function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let begin = 0
  let isInBraces = false
  for (let at = 0; at <= text.length; at += 1) {
    const letter = text[at]
    if (letter === '{') isInBraces = true
    if (letter === '}') isInBraces = false
    if (letter === undefined || (letter === ',' && !isInBraces)) {
      parts.push({ text: text.slice(begin, at), position: begin })
      begin = at + 1
    }
  }
  return parts
}

/** Where the part's own text begins. */
function start({ text, position }: Part): number {
  return position + (text.length - text.trimStart().length)
}

function readPart(part: Part): Clause | DemandProblem {
  const at = start(part)
  const text = part.text.trim()
  if (text === '') return problem('syntax', part.position, emptyPart, asWritten)
  const name = /^[\p{L}\p{N}_-]+/u.exec(text)?.[0] ?? ''
  if (name === '') return problem('syntax', at, noName, asWritten)
  const rest: Part = { text: text.slice(name.length), position: at + name.length }
  switch (name.toLowerCase()) {
    case 'seqf':
      return readLeast('seqf', rest)
    case 'loa':
      return readLeast('loa', rest)
    case 'bands':
    case 'band':
      return readBands(rest)
    default:
      return problem('unknown-member', at, unknown(name), asWritten)
  }
}

function readLeast(member: 'seqf' | 'loa', rest: Part): Clause | DemandProblem {
  const name = memberNames[member]
  const operator = /^\s*([<>=≥≤≧!]*)/u.exec(rest.text)
  const sign = operator?.[1] ?? ''
  const mend: Text = { sv: `Skriv ${name} >= n.`, en: `Write ${name} >= n.` }
  if (sign !== '>=' && sign !== '≥') return problem('wrong-operator', start(rest), wrongSign(name), mend)
  const value: Part = {
    text: rest.text.slice(operator?.[0].length ?? 0),
    position: rest.position + (operator?.[0].length ?? 0),
  }
  const digits = value.text.trim()
  const least = /^[0-9]{1,2}$/.test(digits) ? Number(digits) : 0
  if (least >= 1 && least <= highest[member]) return { member, least }
  const range: Text = {
    sv: `Ange ett heltal från 1 till ${highest[member]}.`,
    en: `Give a whole number from 1 to ${highest[member]}.`,
  }
  return problem('bad-value', start(value), noLevel(name), range)
}

function readBands(rest: Part): Clause | DemandProblem {
  const braces = /^\s*\{([^{}]*)\}\s*$/.exec(rest.text)
  const mend: Text = { sv: 'Skriv bands {A, B-C1}.', en: 'Write bands {A, B-C1}.' }
  if (braces === null) return problem('syntax', start(rest), noBraces, mend)
  const inside: Part = { text: braces[1] ?? '', position: rest.position + rest.text.indexOf('{') + 1 }
  const among: Band[] = []
  for (const word of partsOf(inside.text)) {
    const band = bandIn(word.text)
    if (band === undefined) {
      const known: Text = { sv: `Nivåerna är ${bands.join(', ')}.`, en: `The bands are ${bands.join(', ')}.` }
      return problem('unknown-band', inside.position + start(word), noBand(word.text.trim()), known)
    }
    among.push(band)
  }
  return { member: 'bands', among: bands.filter((band) => among.includes(band)) }
}

/** `B–C1`, `b-c1` and `B - C1` are one band. */
function bandIn(text: string): Band | undefined {
  const plain = text
    .replaceAll(/\s/gu, '')
    .replaceAll(/[‐‑‒–—−]/gu, '-')
    .toUpperCase()
  return bands.find((band) => band === plain)
}

function problem(code: DemandProblem['code'], position: number, what: Text, mend: Text): DemandProblem {
  return { code, position, what, mend }
}

const tooLong: Text = { sv: 'Kravet är för långt.', en: 'The demand is too long.' }
const nothing: Text = { sv: 'Inget krävs.', en: 'Nothing is demanded.' }
const emptyPart: Text = { sv: 'Mellan två komman står inget.', en: 'There is nothing between two commas.' }
const noName: Text = { sv: 'Här väntades SeQF, LoA eller bands.', en: 'SeQF, LoA or bands was expected here.' }
const noBraces: Text = { sv: 'Nivåerna står inte inom klamrar.', en: 'The bands do not stand in braces.' }
const keepOne: Text = { sv: 'Behåll ett av dem.', en: 'Keep one of them.' }
const repeated = (name: string): Text => ({ sv: `${name} krävs två gånger.`, en: `${name} is demanded twice.` })
const unknown = (name: string): Text => ({
  sv: `${cut(name)} går inte att kräva; SeQF, LoA och bands går.`,
  en: `${cut(name)} cannot be demanded; SeQF, LoA and bands can.`,
})
const wrongSign = (name: string): Text => ({
  sv: `Efter ${name} väntades >= (eller ≥).`,
  en: `>= (or ≥) was expected after ${name}.`,
})
const noLevel = (name: string): Text => ({ sv: `Det är ingen nivå i ${name}.`, en: `That is no level of ${name}.` })
const noBand = (word: string): Text =>
  word === ''
    ? { sv: 'Ingen nivå står här.', en: 'There is no band here.' }
    : { sv: `${cut(word)} är ingen kompetenssäkringsnivå.`, en: `${cut(word)} is no competence-assurance level.` }

function cut(word: string): string {
  return word.length > 30 ? `${word.slice(0, 30)}…` : word
}
