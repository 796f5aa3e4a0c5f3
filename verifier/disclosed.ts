/** What was opened of a trail: every disclosure belongs to a digest in its own entry, every closed digest is accounted for. */
import { parseStrict } from '#audit/canonical.ts'
import { type Opened, openDisclosure } from '#audit/disclosure.ts'
import type { Entry } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'
import type { WithheldLine } from '#audit/package/manifest.ts'
import { isObject } from '#audit/shape.ts'
import { type Answer, couldNotCheck, counted, failed, few, passed } from '#verifier/report.ts'

type Open = Extract<Opened, { kind: 'opened' }>

/** Disclosures by number of the entry. */
export type Disclosures = ReadonlyMap<number, readonly string[]>

export interface Disclosed {
  readonly answer: Answer
  readonly texts: Disclosures
  readonly opened: ReadonlyMap<number, readonly Open[]>
}

/** `disclosures.json` of a trail: numbers without zeros, lists of texts. Undefined when it is something else. */
export function readDisclosures(bytes: Uint8Array): Disclosures | undefined {
  try {
    const value: unknown = parseStrict(bytes)
    if (!isObject(value)) return undefined
    const lines = Object.entries(value).map(([n, list]) => [Number(n), list, n] as const)
    const fits = lines.every(([n, list, text]) => String(n) === text && n > 0 && isTexts(list))
    return fits ? new Map(lines.map(([n, list]) => [n, list as string[]])) : undefined
  } catch (error) {
    if (error instanceof AuditError) return undefined
    throw error
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** Opens what was given for these entries. `withheld` are the manifest's lines of this trail. */
export function judgeDisclosures(
  entries: readonly Entry[],
  given: readonly Disclosures[],
  withheld: readonly WithheldLine[],
): Disclosed {
  const texts = merged(given)
  const opened = new Map<number, Open[]>()
  const wrong: string[] = [...texts.keys()].filter((n) => !entries.some((entry) => entry.n === n)).map(String)
  for (const entry of entries) {
    for (const disclosure of texts.get(entry.n) ?? []) {
      const one = openDisclosure(disclosure, entry._sd ?? [])
      if (one.kind === 'opened') opened.set(entry.n, [...(opened.get(entry.n) ?? []), one])
      else wrong.push(`${entry.n} (${one.kind})`)
    }
  }
  const excused = new Set(withheld.map(({ n, digest }) => `${n} ${digest}`))
  const closed = entries.flatMap(({ n, _sd = [] }) => {
    const open = opened.get(n) ?? []
    return _sd.filter((digest) => !open.some((one) => one.digest === digest)).map((digest) => `${n} ${digest}`)
  })
  const unexplained = closed.filter((key) => !excused.has(key)).map((key) => key.split(' ')[0] ?? '')
  const count = [...opened.values()].reduce((sum, list) => sum + list.length, 0)
  return { answer: answerOf({ wrong, unexplained, opened: count, closed: closed.length }), texts, opened }
}

function merged(given: readonly Disclosures[]): Disclosures {
  const all = new Map<number, string[]>()
  for (const one of given) for (const [n, list] of one) all.set(n, [...new Set([...(all.get(n) ?? []), ...list])])
  return all
}

function answerOf(found: {
  readonly wrong: readonly string[]
  readonly unexplained: readonly string[]
  readonly opened: number
  readonly closed: number
}): Answer {
  const { wrong, unexplained, opened, closed } = found
  if (wrong.length > 0) {
    const where = few(wrong)
    return failed(
      `En öppnad uppgift hör inte till sin post: ${where}.`,
      `A disclosed value does not belong to its entry: ${where}.`,
    )
  }
  if (unexplained.length > 0) {
    const where = few([...new Set(unexplained)])
    return couldNotCheck(
      `Uppgifter i post ${where} är varken öppnade eller angivna som undanhållna.`,
      `Values of entry ${where} are neither disclosed nor stated to be withheld.`,
    )
  }
  const [svOpened, enOpened] = counted(
    opened,
    ['En uppgift är öppnad och stämmer med sin post', 'One value is disclosed and matches its entry'],
    [
      `${opened} uppgifter är öppnade och stämmer med sina poster`,
      `${opened} values are disclosed and match their entries`,
    ],
  )
  if (closed === 0) return passed(`${svOpened}; ingen är sluten.`, `${enOpened}; none is closed.`)
  const [svClosed, enClosed] = counted(
    closed,
    ['en är sluten', 'one is closed'],
    [`${closed} är slutna`, `${closed} are closed`],
  )
  return passed(`${svOpened}; ${svClosed}, med angivet skäl.`, `${enOpened}; ${enClosed}, for a stated reason.`)
}
