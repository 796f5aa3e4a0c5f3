/** The shape of a lint rule, so that each stands alone in its file and names the clause it enforces. */
import { isObject } from '#credentials/bytes.ts'
import type { Language } from '#credentials/formats/achievement.ts'
import type { BadgeRequest } from '#credentials/formats/open-badge.ts'
import type { Text } from '#domain/words.ts'

/** An unsigned document as any reader would meet it: plain members, nothing taken for granted. */
export type Document = Readonly<Record<string, unknown>>

export interface Problem {
  /** Path of the member, `$.a.b[0]`. */
  readonly path: string
  readonly because: Text
}

export interface LintRule {
  readonly id: string
  /** The clause that is enforced. */
  readonly clause: string
  /** What is wrong with the document as a whole. `leaves`: taken apart once for all rules, without parts `lint` was told to pass over. */
  readonly check?: (document: Document, context: BadgeRequest, leaves: readonly Leaf[]) => readonly Problem[]
  /**
   * What is wrong with one value. It sees that value, the names above it and the document's language and nothing else, so that a
   * part which is the same in many documents is asked about once.
   */
  readonly each?: (leaf: Leaf, language: Language) => readonly Problem[]
}

export interface LintFinding extends Problem {
  readonly rule: string
  readonly clause: string
}

/** One problem, as a list. */
export function problem(path: string, sv: string, en: string): readonly Problem[] {
  return [{ path, because: { sv, en } }]
}

export const none: readonly Problem[] = []

/** The member at a path of names, undefined when any step is missing. */
export function member(document: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), document)
}

/** A value and where it stands. */
export class Leaf {
  readonly value: unknown
  /** Last name of the path; an array's own name for its elements. */
  readonly name: string
  /** What holds it; the document itself is held by nothing. */
  readonly parent: Leaf | undefined
  readonly #step: string | number

  constructor(value: unknown, step: string | number = '$', parent?: Leaf) {
    this.value = value
    this.parent = parent
    this.#step = step
    this.name = typeof step === 'number' ? (parent?.name ?? '') : step
  }

  /** Written out when asked for: a document without problems needs none. */
  get path(): string {
    if (this.parent === undefined) return String(this.#step)
    const step = typeof this.#step === 'number' ? `[${this.#step}]` : `.${this.#step}`
    return `${this.parent.path}${step}`
  }
}

/** Every value in a document, containers too, with its path; the inline context is no content and is left out, as is what `passOver` names. */
export function everything(document: unknown, passOver: (value: unknown) => boolean = () => false): Leaf[] {
  const leaves = [new Leaf(document)]
  // The list grows while it is walked, until no value holds another.
  for (const leaf of leaves) {
    const { value } = leaf
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) if (!passOver(item)) leaves.push(new Leaf(item, index, leaf))
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        const held = value[key]
        if (key !== '@context' && !passOver(held)) leaves.push(new Leaf(held, key, leaf))
      }
    }
  }
  return leaves
}

/** The evidence item of a genre. */
export function evidenceItem(document: Document, genre: string): Record<string, unknown> | undefined {
  const items = document['evidence']
  return Array.isArray(items) ? items.filter(isObject).find((item) => item['genre'] === genre) : undefined
}
