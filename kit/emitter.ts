/** A system that tells facts: each is on disk before `tell` resolves, and is offered, the same bytes, until the server has it. */
import { mkdirSync } from 'node:fs'
import type { JWK } from 'jose'
import type { Delivery, Door, Letter } from './door.ts'
import { EmitterError } from './emitter-error.ts'
import { type EventDraft, eventBytes, type Origin } from './event.ts'
import { lockFolder } from './folder-lock.ts'
import { Journal, type Refused } from './journal.ts'
import { type Sign, signWith } from './sign.ts'

export interface EmitterOptions extends Origin {
  /** Where the queue is kept; this emitter's alone, on a disk that survives restarts. */
  readonly folder: string
  /** Private JWK with its `kid`; the public part stands in the institution's register. */
  readonly key: JWK
  readonly door: Door
  /** The server did not accept an event; the queue goes on. It is kept until it is mended, offered again or dropped. */
  readonly onRefused?: (refused: Refused) => void
  /** A delivery did not come through and will be repeated. */
  readonly onTrouble?: (reason: string) => void
  /** First and longest wait between repeats, in milliseconds (default 500 and 60 000). */
  readonly waits?: { readonly firstMs: number; readonly longestMs: number }
}

export interface Told {
  readonly id: string
  readonly sequence: number
}

const defaultWaits = { firstMs: 500, longestMs: 60_000 }

/** Opens the queue, takes up where the last process was, and goes on delivering until closed. @throws EmitterError */
export async function openEmitter(options: EmitterOptions): Promise<Emitter> {
  const sign = await signWith(options.key)
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(options.folder)
  try {
    return new Emitter(options, { sign, unlock, journal: await Journal.open(options.folder) })
  } catch (error) {
    unlock()
    throw error
  }
}

interface Parts {
  readonly sign: Sign
  readonly unlock: () => void
  readonly journal: Journal
}

export class Emitter {
  readonly #options: EmitterOptions
  readonly #parts: Parts
  readonly #stop = new AbortController()
  readonly #delivering: Promise<void>
  /** Everything that writes to the journal, one after the other. */
  #queue: Promise<unknown> = Promise.resolve()
  #wake: () => void = () => undefined
  #idle: (() => void)[] = []

  constructor(options: EmitterOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
    this.#delivering = this.#deliverAll()
  }

  /** Number of the last event told; a program that starts again knows from it how far it was. */
  get sequence(): number {
    return this.#parts.journal.sequence
  }

  /** How many events wait to be delivered. */
  get waiting(): number {
    return this.#parts.journal.waiting.size
  }

  /** Events the server did not accept, in the order in which it said so. */
  get refused(): readonly Refused[] {
    return [...this.#parts.journal.refused.values()]
  }

  /** Once resolved, the event survives any crash and will be delivered. @throws EmitterError `too-large`, `id-in-use`, `closed` */
  async tell(draft: EventDraft): Promise<Told> {
    const [told] = await this.tellAll([draft])
    return told as Told
  }

  /** Several at the price of one write to disk: all of them are told, or none. */
  tellAll(drafts: readonly EventDraft[]): Promise<Told[]> {
    return this.#inTurn(async () => {
      const { journal } = this.#parts
      const ids = new Set<string>()
      for (const { id } of drafts) {
        if (journal.waiting.has(id) || journal.refused.has(id) || ids.has(id))
          throw new EmitterError('id-in-use', `the queue has an event with the id ${id} already`)
        ids.add(id)
      }
      const first = journal.sequence + 1
      const letters = await Promise.all(drafts.map((draft, index) => this.#letter(draft, first + index)))
      await journal.add(letters)
      this.#wake()
      return letters.map(({ id, sequence }) => ({ id, sequence }))
    })
  }

  /** A refused event with its fault mended: same id, same number, so that no gap is left. @throws EmitterError `not-refused` */
  mend(draft: EventDraft): Promise<Told> {
    return this.#inTurn(async () => {
      const { sequence } = this.#refusedLetter(draft.id)
      await this.#parts.journal.add([await this.#letter(draft, sequence)])
      this.#wake()
      return { id: draft.id, sequence }
    })
  }

  /** A refused event as it was, after its cause was mended elsewhere, for instance in the register. @throws EmitterError `not-refused` */
  offerAgain(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const { sequence, payload } = this.#refusedLetter(id)
      await this.#parts.journal.add([{ id, sequence, payload, signature: await this.#parts.sign(payload) }])
      this.#wake()
    })
  }

  /** Gives a refused event up. @throws EmitterError `not-refused` */
  drop(id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#refusedLetter(id)
      await this.#parts.journal.drop(id)
    })
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    if (this.waiting === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Ends; what waits is delivered by the next process that opens the folder. */
  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return
    this.#stop.abort()
    this.#wake()
    await this.#delivering
    await this.#queue.catch(() => undefined)
    await this.#options.door.close()
    await this.#parts.journal.close()
    this.#parts.unlock()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#stop.signal.aborted) return Promise.reject(new EmitterError('closed', 'the emitter is closed'))
    return this.#chained(work)
  }

  #chained<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work, work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #letter(draft: EventDraft, sequence: number): Promise<Letter> {
    const payload = eventBytes(this.#options, sequence, draft)
    return { id: draft.id, sequence, payload, signature: await this.#parts.sign(payload) }
  }

  #refusedLetter(id: string): Letter {
    const refused = this.#parts.journal.refused.get(id)
    if (refused === undefined) throw new EmitterError('not-refused', `no refused event has the id ${id}`)
    return refused.letter
  }

  async #deliverAll(): Promise<void> {
    const { signal } = this.#stop
    for (let failures = 0; !signal.aborted; ) {
      const [letter] = this.#parts.journal.waiting.values()
      if (letter === undefined) {
        for (const resolve of this.#idle.splice(0)) resolve()
        await this.#until()
        continue
      }
      const delivery = await this.#deliver(letter)
      failures = delivery.kind === 'later' ? failures + 1 : 0
      if (delivery.kind === 'later' && !signal.aborted) await this.#pause(delivery, failures)
    }
  }

  async #deliver(letter: Letter): Promise<Delivery> {
    try {
      const delivery = await this.#options.door.deliver(letter, this.#stop.signal)
      await this.#note(letter, delivery)
      return delivery
    } catch (error) {
      // A disk that takes no note: the letter is offered again, and recognised.
      return { kind: 'later', reason: String(error) }
    }
  }

  async #note({ id }: Letter, delivery: Delivery): Promise<void> {
    const { journal } = this.#parts
    if (delivery.kind === 'taken') await this.#chained(() => journal.taken(id))
    if (delivery.kind !== 'refused') return
    await this.#chained(() => journal.refuse(id, delivery.refusal))
    const refused = journal.refused.get(id)
    if (refused !== undefined) this.#options.onRefused?.(refused)
  }

  /** Longer each time, never the same for all: senders that were cut off together must not come back together. */
  async #pause({ reason, afterMs = 0 }: Extract<Delivery, { kind: 'later' }>, failures: number): Promise<void> {
    const { firstMs, longestMs } = this.#options.waits ?? defaultWaits
    this.#options.onTrouble?.(reason)
    const wait = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16)) * (0.5 + Math.random() / 2)
    await this.#until(Math.max(afterMs, wait))
  }

  /** Until somebody calls `#wake` (only when nothing is paused), the time is up, or the emitter closes. */
  async #until(ms?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
      const end = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#wake = ms === undefined ? end : () => (this.#stop.signal.aborted ? end() : undefined)
      if (this.#stop.signal.aborted) end()
    })
  }
}
