/** The shape of a lint rule, so that each stands alone in its file and names the clause it enforces. */
import { isObject } from '#credentials/bytes.ts'
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
  /** `leaves` is the document taken apart, once for all rules. */
  readonly check: (document: Document, context: BadgeRequest, leaves: readonly Leaf[]) => readonly Problem[]
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

export interface Leaf {
  readonly path: string
  /** Last name of the path; an array's own name for its elements. */
  readonly name: string
  readonly value: unknown
}

/** Every value in a document, containers too, with its path; the inline context is no content and is left out. */
export function everything(value: unknown, path = '$', name = '$'): Leaf[] {
  const here: Leaf = { path, name, value }
  if (Array.isArray(value)) {
    return [here, ...value.flatMap((item: unknown, index) => everything(item, `${path}[${index}]`, name))]
  }
  if (!isObject(value)) return [here]
  const members = Object.entries(value).filter(([key]) => key !== '@context')
  return [here, ...members.flatMap(([key, item]) => everything(item, `${path}.${key}`, key))]
}

/** The evidence item of a genre. */
export function evidenceItem(document: Document, genre: string): Record<string, unknown> | undefined {
  const items = document['evidence']
  return Array.isArray(items) ? items.filter(isObject).find((item) => item['genre'] === genre) : undefined
}
