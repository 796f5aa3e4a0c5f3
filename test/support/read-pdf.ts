/**
 * Reads the PDFs we write (uncompressed, tagged, every font with its letters) as a program that reads aloud does: by the tree of tags, and
 * what stands on each page where.
 */

/** A line as it is drawn; what belongs to no reading order has the tag `Artifact`. */
export interface DrawnLine {
  readonly tag: string
  /** Number by which the tree of tags names it on its page. */
  readonly mark: string
  /** Of the page, from 1. */
  readonly page: number
  /** Points from the left and from the foot. */
  readonly x: number
  readonly y: number
  readonly font: string
  readonly size: number
  readonly text: string
}

export interface ReadPdf {
  /** Tags and texts in reading order, two spaces further in at each level. */
  readonly aloud: readonly string[]
  readonly lines: readonly DrawnLine[]
  /** Titles of the bookmarks. */
  readonly outline: readonly string[]
  /** By their names in the document information. */
  readonly info: Readonly<Record<string, string>>
  /** Everything, a byte a letter. */
  readonly raw: string
}

export function readPdf(bytes: Uint8Array): ReadPdf {
  const raw = Buffer.from(bytes).toString('latin1')
  const file = new PdfFile(raw)
  const pages = file.refsIn(file.at(file.catalog, 'Pages'), 'Kids')
  const lines = pages.flatMap((id, index) => linesOf(file, file.object(id), index + 1))
  return {
    aloud: file
      .refsIn(file.at(file.catalog, 'StructTreeRoot'), 'K')
      .flatMap((id) => aloud({ file, pages, lines }, id, 0)),
    lines,
    outline: [...file.objects.values()].filter((one) => one.includes('/Dest [')).map((one) => textIn(one, 'Title')),
    info: infoOf(file),
    raw,
  }
}

/** Objects by their numbers; what is asked for and not there is empty. */
class PdfFile {
  readonly objects: ReadonlyMap<string, string>
  readonly trailer: string
  readonly catalog: string

  constructor(raw: string) {
    const all = raw.matchAll(/^(\d+) 0 obj\n(.*?)\nendobj$/gms)
    this.objects = new Map([...all].map(([, id = '', text = '']) => [id, text]))
    this.trailer = raw.slice(raw.lastIndexOf('trailer'))
    this.catalog = this.at(this.trailer, 'Root')
  }

  object(id: string): string {
    return this.objects.get(id) ?? ''
  }

  /** The object that a member of another one names. */
  at(text: string, name: string): string {
    return this.object(this.refsIn(text, name)[0] ?? '')
  }

  refsIn(text: string, name: string): string[] {
    const [, all = ''] = new RegExp(`/${name} (\\[[^\\]]*\\]|\\d+ 0 R)`).exec(text) ?? []
    return [...all.matchAll(/(\d+) 0 R/g)].map(([, id = '']) => id)
  }
}

interface Drawn {
  readonly file: PdfFile
  /** Their objects, in order. */
  readonly pages: readonly string[]
  readonly lines: readonly DrawnLine[]
}

function aloud(drawn: Drawn, id: string, depth: number): string[] {
  const { file, pages, lines } = drawn
  const element = file.object(id)
  const [, tag] = /\/S \/(\w+)/.exec(element) ?? []
  const [own = ''] = file.refsIn(element, 'Pg')
  const said = (page: string, mark = '') => {
    const marked = lines.filter((line) => line.page === pages.indexOf(page) + 1 && line.mark === mark)
    return marked.length === 0 ? '?' : marked.map(({ text }) => text).join('')
  }
  const [, all = ''] = /\/K \[(.*?)\]$/ms.exec(element) ?? []
  const kids = [...all.matchAll(kid)].map(([, ref, page, markThere, mark]) =>
    ref === undefined ? said(page ?? own, markThere ?? mark) : aloud(drawn, ref, depth + 1),
  )
  const text = kids.filter((one) => typeof one === 'string').join('')
  return [`${'  '.repeat(depth)}${tag}${text === '' ? '' : ` ${text}`}`, ...kids.filter(Array.isArray).flat()]
}

function infoOf(file: PdfFile): Readonly<Record<string, string>> {
  const members = file.at(file.trailer, 'Info').matchAll(/\/(\w+) (\d+) 0 R/g)
  return Object.fromEntries(
    [...members].map(([, name = '', id = '']) => [name, textIn(`/${name} ${file.object(id)}`, name)]),
  )
}

/** What an element holds: another element, marked content of a named page, or of its own page. */
const kid = /(\d+) 0 R|<<\s*\/Type \/MCR\s*\/Pg (\d+) 0 R\s*\/MCID (\d+)\s*>>|(\d+)/g

type Fonts = ReadonlyMap<string, { readonly name: string; readonly letters: readonly string[] }>

function fontsOf(file: PdfFile, resources: string): Fonts {
  return new Map(
    [...resources.matchAll(/\/(F\d+) \d+ 0 R/g)].map(([, key = '']) => {
      const font = file.at(resources, key)
      const [, name = ''] = /\/BaseFont \/\w+\+(\S+)/.exec(font) ?? []
      return [key, { name, letters: lettersOf(file.at(font, 'ToUnicode')) }]
    }),
  )
}

/** By their numbers in the font; a ligature is more than one. */
function lettersOf(toUnicode: string): string[] {
  return [...toUnicode.matchAll(/\[([^\]]*)\]\nendbfrange/g)].flatMap(([, range = '']) =>
    [...range.matchAll(/<([0-9a-f ]+)>/g)].map(([, codes = '']) =>
      String.fromCharCode(...codes.split(' ').map((code) => Number.parseInt(code, 16))),
    ),
  )
}

const operator =
  /\/(\w+) <<\n(?:\/MCID (\d+)|[^>]*)\n>> BDC|(EMC)|1 0 0 1 (\S+) (\S+) Tm|\/(F\d+) (\S+) Tf|\[([^\]]*)\] TJ/g

function linesOf(file: PdfFile, object: string, page: number): DrawnLine[] {
  const fonts = fontsOf(file, file.at(object, 'Resources'))
  const lines: DrawnLine[] = []
  let now = { tag: 'none', mark: '', x: 0, y: 0, font: '', size: 0 }
  for (const [, tag, mark = '', end, x, y, font, size, drawn = ''] of file.at(object, 'Contents').matchAll(operator)) {
    if (tag !== undefined) now = { ...now, tag, mark }
    else if (end !== undefined) now = { ...now, tag: 'none', mark: '' }
    else if (x !== undefined) now = { ...now, x: Number(x), y: Number(y) }
    else if (font !== undefined) now = { ...now, font, size: Number(size) }
    else {
      const { name = '', letters = [] } = fonts.get(now.font) ?? {}
      const codes = [...drawn.matchAll(/<([0-9a-f]+)>/g)].flatMap(([, hex = '']) => hex.match(/.{4}/g) ?? [])
      const text = codes.map((code) => letters[Number.parseInt(code, 16)] ?? '?').join('')
      lines.push({ ...now, page, font: name, text })
    }
  }
  return lines
}

/** A text of PDF: UTF-16 behind its mark, else a byte a letter. */
function textIn(object: string, name: string): string {
  const [, text = ''] = new RegExp(`/${name} \\(((?:\\\\.|[^)\\\\])*)\\)`, 's').exec(object) ?? []
  const bytes = Buffer.from(text.replaceAll(/\\(.)/gs, '$1'), 'latin1')
  return text.startsWith('\xfe\xff') ? bytes.subarray(2).swap16().toString('utf16le') : text
}
