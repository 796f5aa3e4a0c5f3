/** A small log in memory with real keys and real proofs, and the trust of somebody who knows it. */
import { canonicalBytes, type Json } from '#audit/canonical.ts'
import { checkpointText } from '#audit/checkpoint.ts'
import { sha256, utf8 } from '#audit/digest.ts'
import { disclose } from '#audit/disclosure.ts'
import { type EntryDraft, nextEntry } from '#audit/entry.ts'
import { inKeyOrder } from '#audit/heads.ts'
import { addSignatures, printSignature, signNote } from '#audit/note.ts'
import { cosigner, ed25519Signer } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import { printProof } from '#audit/tlog-proof.ts'
import {
  consistencyRanges,
  emptyEdge,
  extend,
  type Hash,
  inclusionRanges,
  leafHash,
  type Range,
  rootOf,
} from '#audit/tree.ts'
import type { Trust } from '#verifier/trust.ts'

export const origin = 'audit.example.org/norrsken'
export const caseTrail = '9f0c4d2e-6a51-4c8e-9b7a-1f2e3d4c5b6a'
export const ownTrail = '00000000-0000-4000-8000-000000000001'

const seed = (byte: number) => new Uint8Array(32).fill(byte)
export const logKey = ed25519Signer(origin, seed(1))
export const witnesses = [cosigner('witness-one.example', seed(2)), cosigner('witness-two.example', seed(3))] as const

/** The trust of somebody who knows the log and demands one of two witnesses. */
export const policyText = [
  `log ${logKey.vkey}`,
  `witness one ${witnesses[0].vkey}`,
  `witness two ${witnesses[1].vkey}`,
  'group any-one any one two',
  'quorum any-one',
  '',
].join('\n')
export const trust: Trust = { policy: parsePolicy(policyText) }

/** Salts that are the same each time: nothing here is secret. */
let salts = 0
/** From the first salt on, so that the same package is made each time. */
export function resetSalts(): void {
  salts = 0
}
export const nextSalt = () => sha256(`salt ${(salts += 1)}`).subarray(0, 16)

interface Secret {
  readonly name: string
  readonly value: Json
}

export type Draft = EntryDraft & { readonly secrets?: readonly Secret[] }

export interface Kept {
  readonly trail: string
  readonly n: number
  readonly leaf: Uint8Array
  readonly disclosures: readonly string[]
}

/** A log whose clock goes one second with each entry. */
export class MemoryLog {
  readonly entries: Kept[] = []
  readonly #heads = new Map<string, { n: number; hash: Hash }>()
  #clock: number

  constructor(start = '2026-11-20T09:00:00.000Z') {
    this.#clock = Date.parse(start)
  }

  get size(): number {
    return this.entries.length
  }

  append(trail: string, { secrets = [], ...draft }: Draft, at?: string): Kept {
    const head = this.#heads.get(trail) ?? { n: 0, hash: new Uint8Array() }
    const made = secrets.map(({ name, value }) => disclose(name, value, nextSalt()))
    const sealed = made.length === 0 ? draft : { ...draft, _sd: made.map(({ digest }) => digest).toSorted() }
    this.#clock += 1000
    const time = at ?? new Date(this.#clock).toISOString()
    const leaf = canonicalBytes(nextEntry(sealed, { log: origin, trail, ...head }, time))
    const kept = { trail, n: head.n + 1, leaf, disclosures: made.map(({ disclosure }) => disclosure) }
    this.#heads.set(trail, { n: kept.n, hash: leafHash(leaf) })
    this.entries.push(kept)
    return kept
  }

  root(size = this.size): Hash {
    return this.#over({ start: 0, size })
  }

  inclusion(index: number, size = this.size): Hash[] {
    return inclusionRanges(index, size).map((range) => this.#over(range))
  }

  consistency(from: number, to = this.size): Hash[] {
    return consistencyRanges(from, to).map((range) => this.#over(range))
  }

  #over({ start, size }: Range): Hash {
    return rootOf(
      extend(
        emptyEdge,
        this.entries.slice(start, start + size).map(({ leaf }) => leafHash(leaf)),
      ),
    )
  }

  ends(size = this.size) {
    const found = new Map<string, { trail: string; n: number; head: Hash }>()
    for (const { trail, n, leaf } of this.entries.slice(0, size)) found.set(trail, { trail, n, head: leafHash(leaf) })
    return inKeyOrder(origin, found.values())
  }

  /** A checkpoint signed by the log and cosigned by those given. */
  note(size = this.size, by: readonly (typeof witnesses)[number][] = [witnesses[0]], key = logKey): string {
    const text = checkpointText({ origin, size, root: this.root(size), extensions: [] })
    const lines = by.map((one) => {
      const signature = one.cosign(utf8(text), 1_795_000_000)
      return printSignature({ name: one.name, keyId: one.keyId, signature })
    })
    return addSignatures(signNote(text, [key]), lines)
  }

  proof(index: number, note: string, size = this.size): string {
    return printProof({ index, path: this.inclusion(index, size), checkpoint: note })
  }

  indexOf(trail: string, n: number): number {
    return this.entries.findIndex((entry) => entry.trail === trail && entry.n === n)
  }
}
