/** The queue on disk: an append-only file of checked lines. Without it a crash between "told" and "sent" would lose an event. */
import { constants, type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Letter, Refusal } from './door.ts'
import { EmitterError } from './emitter-error.ts'

export interface Refused {
  readonly letter: Letter
  readonly refusal: Refusal
}

interface Written {
  readonly id: string
  readonly sequence: number
  readonly payload: string
  readonly signature: string
}

type Entry =
  /** What stands before a shortened file: the highest number given so far. */
  | { readonly kind: 'base'; readonly sequence: number }
  /** Wait to be delivered, told together in one line: all of them or none. Also what was refused and is offered again. */
  | { readonly kind: 'letters'; readonly letters: readonly Written[] }
  | { readonly kind: 'taken'; readonly id: string }
  | { readonly kind: 'refused'; readonly id: string; readonly refusal: Refusal }
  | { readonly kind: 'dropped'; readonly id: string }

/** Above this many bytes an emptied file is written anew. */
const longest = 4 * 1024 * 1024

/** One writer at a time: callers wait for each promise before the next (the emitter does). */
export class Journal {
  readonly #folder: string
  #file: FileHandle
  #size: number
  #broken: Error | undefined
  readonly #waiting = new Map<string, Letter>()
  readonly #refused = new Map<string, Refused>()
  #sequence = 0

  private constructor(folder: string, file: FileHandle) {
    this.#folder = folder
    this.#file = file
    this.#size = 0
  }

  /**
   * Reads what is there. An end that a crash left torn is cut off: it was never acknowledged to anybody.
   * @throws EmitterError `queue-damaged` where a line in the middle does not hold
   */
  static async open(folder: string): Promise<Journal> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, 'journal')
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600)
    try {
      await syncFolder(folder)
      const journal = new Journal(folder, file)
      const { entries, length } = readLines(await readFile(path))
      await file.truncate(length)
      await file.sync()
      for (const entry of entries) journal.#apply(entry)
      journal.#size = length
      return journal
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** The highest sequence number given out. */
  get sequence(): number {
    return this.#sequence
  }

  /** In the order in which they were told. */
  get waiting(): ReadonlyMap<string, Letter> {
    return this.#waiting
  }

  get refused(): ReadonlyMap<string, Refused> {
    return this.#refused
  }

  /** On disk, for good, when the promise resolves; none of them when it rejects. */
  async add(letters: readonly Letter[]): Promise<void> {
    if (letters.length > 0) await this.#write([lettersEntry(letters)], true)
  }

  /** Not synchronised: a letter that is offered a second time after a crash is recognised by its id. */
  async taken(id: string): Promise<void> {
    await this.#write([{ kind: 'taken', id }], false)
    if (this.#waiting.size === 0 && this.#size > longest) await this.#shorten()
  }

  async refuse(id: string, refusal: Refusal): Promise<void> {
    await this.#write([{ kind: 'refused', id, refusal }], true)
  }

  /** Forgets a refused letter. */
  async drop(id: string): Promise<void> {
    await this.#write([{ kind: 'dropped', id }], true)
  }

  async close(): Promise<void> {
    await this.#file.sync()
    await this.#file.close()
  }

  async #write(entries: readonly Entry[], durable: boolean): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    const bytes = Buffer.from(entries.map(lineOf).join(''))
    try {
      await this.#file.appendFile(bytes)
      if (durable) await this.#file.datasync()
    } catch (error) {
      await this.#cutBack(error)
      throw error
    }
    this.#size += bytes.byteLength
    for (const entry of entries) this.#apply(entry)
  }

  /** A full disk may have taken half a line; whatever came after it would be unreadable. */
  async #cutBack(cause: unknown): Promise<void> {
    try {
      await this.#file.truncate(this.#size)
      await this.#file.datasync()
    } catch {
      this.#broken = cause instanceof Error ? cause : new Error('the queue’s file cannot be written')
    }
  }

  /** The same state in a short file, put in place in one step. */
  async #shorten(): Promise<void> {
    const refused = [...this.#refused.values()].flatMap(({ letter, refusal }): Entry[] => [
      lettersEntry([letter]),
      { kind: 'refused', id: letter.id, refusal },
    ])
    const bytes = Buffer.from([{ kind: 'base' as const, sequence: this.#sequence }, ...refused].map(lineOf).join(''))
    const draft = join(this.#folder, 'journal.new')
    const file = await open(draft, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND, 0o600)
    await file.writeFile(bytes)
    await file.sync()
    await rename(draft, join(this.#folder, 'journal'))
    await syncFolder(this.#folder)
    await this.#file.close()
    this.#file = file
    this.#size = bytes.byteLength
  }

  #apply(entry: Entry): void {
    switch (entry.kind) {
      case 'base':
        this.#sequence = Math.max(this.#sequence, entry.sequence)
        return
      case 'letters':
        for (const { payload, ...rest } of entry.letters) {
          this.#sequence = Math.max(this.#sequence, rest.sequence)
          this.#refused.delete(rest.id)
          this.#waiting.set(rest.id, { ...rest, payload: new TextEncoder().encode(payload) })
        }
        return
      case 'refused': {
        const letter = this.#waiting.get(entry.id)
        this.#waiting.delete(entry.id)
        if (letter !== undefined) this.#refused.set(entry.id, { letter, refusal: entry.refusal })
        return
      }
      case 'taken':
        this.#waiting.delete(entry.id)
        return
      case 'dropped':
        this.#refused.delete(entry.id)
    }
  }
}

function lettersEntry(letters: readonly Letter[]): Entry {
  const text = (payload: Uint8Array) => new TextDecoder().decode(payload)
  return { kind: 'letters', letters: letters.map((letter) => ({ ...letter, payload: text(letter.payload) })) }
}

/** `<CRC-32, 8 hex digits> <JSON>` */
function lineOf(entry: Entry): string {
  const json = JSON.stringify(entry)
  return `${checksum(json)} ${json}\n`
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

/** The whole lines from the beginning, and how many bytes they take. @throws EmitterError `queue-damaged` */
function readLines(bytes: Uint8Array): { entries: Entry[]; length: number } {
  const entries: Entry[] = []
  let length = 0
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, length)) {
    const entry = readLine(Buffer.from(bytes.subarray(length, end)).toString())
    if (entry === undefined) {
      if (end + 1 === bytes.length) break
      throw new EmitterError(
        'queue-damaged',
        `the queue’s file does not hold at byte ${length}; restore it from a copy`,
      )
    }
    entries.push(entry)
    length = end + 1
  }
  return { entries, length }
}

function readLine(line: string): Entry | undefined {
  const json = line.slice(9)
  return line.slice(0, 9) === `${checksum(json)} ` ? (JSON.parse(json) as Entry) : undefined
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
