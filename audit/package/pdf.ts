/** The report as PDF/A-3a: tagged, so that a screen reader can follow it, and with the same data attached as JSON (docs/audit-package.md). */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import { canonicalBytes } from '#audit/canonical.ts'
import { reasonWords } from '#audit/package/code-words.ts'
import type { Report, ReportedActor, ReportedEntry, ReportedTrail } from '#audit/package/report.ts'
import { type Language, outcomeWords, timeWords } from '#audit/package/words.ts'
import type { Text } from '#domain/words.ts'

const fonts = createRequire(import.meta.url)
/** By file, never under names of our own: the library opens a font again at each use of a second name for the one it began with. */
const plain = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')
const bold = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')

/** What a report without entries is dated; a time of day would make two exports differ. */
const firstDay = '1980-01-01T00:00:00.000Z'

/** The same report and language give the same bytes: no clock, no compression by the machine's own library. */
export async function reportPdf(report: Report, language: Language): Promise<Uint8Array> {
  const date = new Date(report.trails.flatMap(({ entries }) => entries.map(({ at }) => at)).reduce(later, firstDay))
  const title = `${words.title[language]} – ${report.institution[language]}`
  const doc = new PDFDocument({
    subset: 'PDF/A-3a',
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    lang: language,
    compress: false,
    bufferPages: true,
    size: 'A4',
    margins: { top: 56, bottom: 64, left: 56, right: 56 },
    font: plain,
    info: {
      Title: title,
      Author: report.institution[language],
      Subject: report.log,
      Creator: 'Beviskedja',
      Producer: 'Beviskedja',
      CreationDate: date,
      ModDate: date,
    },
  })
  const chunks: Uint8Array[] = []
  doc.on('data', (chunk: Uint8Array) => chunks.push(chunk))
  const ended = once(doc, 'end')
  const attachment = {
    name: 'report.json',
    type: 'application/json',
    description: words.attachment[language],
    creationDate: date,
    modifiedDate: date,
    relationship: 'Data',
  }
  doc.file(Buffer.from(canonicalBytes(report)), attachment)
  await write(doc, { report, language, title })
  doc.end()
  await ended
  return Buffer.concat(chunks)
}

interface Writing {
  readonly report: Report
  readonly language: Language
  readonly title: string
}

async function write(doc: PDFKit.PDFDocument, { report, language, title }: Writing): Promise<void> {
  const page = new Page(doc, language)
  page.heading('H1', title)
  for (const line of introduction(report, language)) page.paragraph(line)
  const isBrief = report.trails.length > mostInDetail
  if (isBrief) page.paragraph(words.brief[language])
  for (const trail of report.trails) {
    await writeTrail(page, isBrief ? peoplesPart(trail) : trail)
  }
  page.end()
}

/** Longer, nobody would read it; what it leaves out the page beside it shows. */
const mostInDetail = 5

function peoplesPart(trail: ReportedTrail): ReportedTrail {
  return { ...trail, entries: trail.entries.filter(({ who }) => who.kind === 'human') }
}

function introduction({ log, checkpoint, profile, trails }: Report, language: Language): string[] {
  return [
    words.standing[language],
    `${words.log[language]}: ${log}. ${words.checkpoint[language]}: ${checkpoint.size} (${checkpoint.root}).`,
    `${words.profile[language]}: ${profileWords[profile][language]}. ${words.count[language]}: ${trails.length}.`,
  ]
}

async function writeTrail(page: Page, trail: ReportedTrail): Promise<void> {
  const { language } = page
  const { achievement, level, holder, entries, withheld, looks } = trail
  page.heading('H2', `${words.case[language]} ${trail.case}`)
  const name = achievement.name?.[language] ?? achievement.id
  page.paragraph(`${name} (${achievement.id}, ${words.version[language]} ${achievement.version})`)
  page.paragraph(`${words.level[language]}: ${level ?? words.noLevel[language]}. ${holderLine(holder, language)}`)
  page.paragraph(`${words.trail[language]}: ${trail.trail}`)
  page.heading('H3', words.entries[language])
  await page.list(entries.map((entry) => entryLines(entry, language)))
  const closed = Object.entries(withheld).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (closed.length > 0) {
    page.heading('H3', words.withheld[language])
    await page.list(closed.map(([why, count]): Item => [`${withheldWords[why]?.[language] ?? why}: ${count}`]))
  }
  if (looks.length > 0) {
    page.heading('H3', words.looks[language])
    await page.list(looks.map((look) => entryLines(look, language)))
  }
}

function holderLine({ name, masked }: ReportedTrail['holder'], language: Language): string {
  const shown = name ?? (masked === undefined ? words.unknown[language] : maskedWords[masked][language])
  return `${words.holder[language]}: ${shown}`
}

/** The first line is what happened; the others who, meaning what, known how. */
function entryLines(entry: ReportedEntry, language: Language): Item {
  const { n, at, what, who, reason, login, text, findings = [] } = entry
  const because = reason === undefined ? [] : [`${words.reason[language]}: ${reasonWords(reason)[language]}`]
  const meant = who.kind === 'human' ? [`${words.meaning[language]}: ${meaningOf(entry)[language]}`] : []
  return [
    `${n}. ${what[language]}`,
    [timeWords(at, language), actorLine(who, language), ...meant, ...because].join('. '),
    ...(login === undefined
      ? []
      : [`${words.login[language]} ${timeWords(login.at, language)}, ${words.acr[language]} ${login.acr}`]),
    ...(text === undefined ? [] : [`${words.said[language]}: ${quoted(text, language)}`]),
    ...findings.map(
      (one) =>
        `${one.rule}: ${outcomeWords(one.outcome)[language]}. ${one.because[language]}${missingOf(one.missing, language)}`,
    ),
  ]
}

const quoted = (text: string, language: Language): string => (language === 'sv' ? `”${text}”` : `“${text}”`)

/** What a person’s signature under the entry means (A3). */
function meaningOf({ type, outcome, what }: ReportedEntry): Text {
  return type === 'decision.recorded/1' ? outcomeWords(outcome) : what
}

function missingOf(missing: Text | undefined, language: Language): string {
  return missing === undefined ? '' : ` ${words.missing[language]}: ${missing[language]}`
}

function actorLine({ ref, kind, role, name, masked }: ReportedActor, language: Language): string {
  if (kind !== 'human') return `${words.machine[language]}: ${ref} (${role[language]})`
  const pseudonym = `${words.pseudonym[language]} ${ref}`
  const shown = masked === undefined ? name : maskedWords[masked][language]
  return `${capital(role[language])}: ${shown === undefined ? pseudonym : `${shown}, ${pseudonym}`}`
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** Lines of an item of a list, the first in bold. */
type Item = readonly [string, ...string[]]
type Element = ReturnType<PDFKit.PDFDocument['struct']>
type HeadingLevel = 'H1' | 'H2' | 'H3'
const sizes: Readonly<Record<HeadingLevel, number>> = { H1: 17, H2: 13, H3: 11 }

/** Points, of the text in lists. */
const lineHeight = 11
const mostTogether = 5

/** Text in reading order, each piece with its place in the structure tree. */
class Page {
  readonly language: Language
  readonly #doc: PDFKit.PDFDocument
  readonly #root: Element

  constructor(doc: PDFKit.PDFDocument, language: Language) {
    this.#doc = doc
    this.language = language
    this.#root = doc.struct('Document')
    doc.addStructure(this.#root)
  }

  heading(level: HeadingLevel, text: string): void {
    const doc = this.#doc
    if (level !== 'H1') doc.moveDown(level === 'H2' ? 1 : 0.5)
    this.#keepTogether(mostTogether)
    if (level === 'H2') doc.outline.addItem(text)
    this.#add(this.#root, level, () => doc.font(bold).fontSize(sizes[level]).text(text))
    doc.moveDown(0.3)
  }

  paragraph(text: string): void {
    this.#add(this.#root, 'P', () => this.#doc.font(plain).fontSize(10).text(text))
    this.#doc.moveDown(0.3)
  }

  async list(items: readonly Item[]): Promise<void> {
    const doc = this.#doc
    const list = doc.struct('L')
    this.#root.add(list)
    for (const [first, ...more] of items) {
      this.#keepTogether(more.length + 1)
      const item = doc.struct('LI')
      list.add(item)
      const body = doc.struct('LBody')
      item.add(body)
      this.#add(body, 'P', () => doc.font(bold).fontSize(9.5).text(first))
      for (const line of more) this.#add(body, 'P', () => doc.font(plain).fontSize(9).text(line))
      body.end()
      item.end()
      doc.moveDown(0.35)
      // Nobody else in this process waits for more than one item to be set.
      await new Promise(setImmediate)
    }
    list.end()
  }

  /** Closes the tree and numbers the pages, which belong to no reading order. */
  end(): void {
    this.#root.end()
    const doc = this.#doc
    const { start, count } = doc.bufferedPageRange()
    for (let index = start; index < start + count; index += 1) {
      doc.switchToPage(index)
      doc.markContent('Artifact', { type: 'Pagination' })
      doc.font(plain).fontSize(8)
      doc.text(`${index + 1} (${count})`, 56, doc.page.height - 40, { lineBreak: false })
      doc.endMarkedContent()
    }
  }

  /** A new page rather than a few lines at the foot of this one. */
  #keepTogether(lines: number): void {
    const doc = this.#doc
    const needed = Math.min(lines, mostTogether) * lineHeight
    if (doc.y + needed > doc.page.height - doc.page.margins.bottom) doc.addPage()
  }

  #add(parent: Element, type: string, draw: () => void): void {
    const element = this.#doc.struct(type)
    parent.add(element)
    element.add(draw)
    element.end()
  }
}

function later(a: string, b: string): string {
  return a < b ? b : a
}

const text = (sv: string, en: string): Text => ({ sv, en })

const words = {
  title: text('Granskningsunderlag', 'Audit package'),
  attachment: text('Samma uppgifter som i rapporten, för program', 'The same data as in the report, for programs'),
  standing: text(
    'Rapporten är till för läsning. Beviset är filerna bredvid: posterna, deras bevis och den bevittnade kontrollpunkten. Kontrollera dem med sidan viewer.html eller med bevis verify; inget av det behöver nätverk.',
    'This report is for reading. The proof is in the files beside it: the entries, their proofs and the witnessed checkpoint. Check them with the page viewer.html or with bevis verify; neither needs a network.',
  ),
  brief: text(
    'Av varje ärende visas här bara vad människor gjorde. Allt annat står i bilagan report.json och på sidan viewer.html.',
    'Of each case only what people did is shown here. Everything else is in the attachment report.json and on the page viewer.html.',
  ),
  log: text('Granskningslogg', 'Audit log'),
  checkpoint: text('Kontrollpunkt', 'Checkpoint'),
  profile: text('Utlämnat till', 'Disclosed to'),
  count: text('Antal ärenden', 'Cases'),
  case: text('Ärende', 'Case'),
  version: text('version', 'version'),
  level: text('Nivå', 'Level'),
  noLevel: text('ingen', 'none'),
  holder: text('Innehavare', 'Holder'),
  unknown: text('okänd', 'unknown'),
  trail: text('Kedja', 'Trail'),
  entries: text('Vad som hände', 'What happened'),
  withheld: text('Inte utlämnat', 'Not disclosed'),
  looks: text('Vem som har tagit del av ärendet', 'Who has looked at the case'),
  reason: text('Skäl', 'Reason'),
  meaning: text('Innebörd', 'Meaning'),
  login: text('Inloggad', 'Logged in'),
  acr: text('tillitsnivå enligt', 'assurance by'),
  said: text('Motivering', 'Reasons'),
  missing: text('Saknas', 'Missing'),
  machine: text('System', 'System'),
  pseudonym: text('pseudonym', 'pseudonym'),
} as const

const profileWords: Readonly<Record<Report['profile'], Text>> = {
  public: text('vem som helst', 'anyone'),
  employer: text('arbetsgivare', 'employer'),
  accreditor: text('ackrediterings- eller tillsynsorgan', 'accreditation or supervisory body'),
  court: text('domstol', 'court'),
  subject: text('den uppgifterna rör', 'the data subject'),
}

const maskedWords = {
  protected: text('skyddade personuppgifter', 'protected personal data'),
  profile: text('visas inte i detta underlag', 'not shown in this package'),
} as const

const withheldWords: Readonly<Record<string, Text>> = {
  profile: text('öppnas inte för mottagaren', 'not opened to this reader'),
  protected: text('skyddade personuppgifter', 'protected personal data'),
  erased: text('gallrat', 'erased'),
}
