/** What makes a family of events: one type, one schema, and the checks a schema cannot say. */
import type { z } from 'zod'
import type { EvidenceKind } from '#domain/evidence.ts'
import type { Examiner } from './examiner.ts'

/**
 * A value of which any part may be absent, because the schema refused that part. Checks over a sketch still see the rest, so a
 * sender gets *all* errors at once.
 */
export type Sketch<T> = T extends readonly (infer Item)[]
  ? readonly Sketch<Item>[] | undefined
  : T extends object
    ? { readonly [K in keyof T]?: Sketch<T[K]> } | undefined
    : T | undefined

export interface Family<Type extends string, Schema extends z.ZodType> {
  readonly type: Type
  /** The domain's word for the fact; emitters are granted kinds (contracts §3, authority). */
  readonly kind: EvidenceKind
  readonly title: string
  readonly data: Schema
  /** Semantic checks that need no database. `data` is the sender's own spelling, with whatever the schema refused cut out. */
  readonly examine: (
    examiner: Examiner & { readonly data: Sketch<z.input<Schema>>; readonly id: string | undefined },
  ) => void
}

/** Keeps the literal type and the schema's own type. */
export function defineFamily<const Type extends string, Schema extends z.ZodType>(
  family: Family<Type, Schema>,
): Family<Type, Schema> {
  return family
}
