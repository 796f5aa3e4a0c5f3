/** Appeals and complaints as the log tells them: a first entry, and the steps that followed it. */
import type { Entry } from '#audit/entry.ts'
import { stepIn } from '#audit/entry-types.ts'
import { entriesOf } from '#db/acts.ts'
import type { Tx } from '#db/client.ts'
import { appealStates, complaintStates, type MatterKind } from '#domain/handling.ts'

export interface Matter {
  readonly id: string
  /** What it began with. */
  readonly first: Entry
  /** All of them in their order, the first among them. */
  readonly entries: readonly Entry[]
  /** The latest step: `lodged`, `decided` … */
  readonly state: string
}

const steps: Readonly<Record<MatterKind, readonly string[]>> = {
  appeal: appealStates,
  complaint: complaintStates,
}

export function typeOf(kind: MatterKind, step: string): string {
  return `${kind}.${step}/1`
}

/** The institution's, latest first. */
export async function matters(tx: Tx, kind: MatterKind): Promise<Matter[]> {
  const types = steps[kind].map((step) => typeOf(kind, step))
  return mattersIn(kind, await entriesOf(tx, types)).toReversed()
}

/** In the order in which they began. */
export function mattersIn(kind: MatterKind, entries: readonly Entry[]): Matter[] {
  const byId = new Map<string, Entry[]>()
  for (const entry of entries) {
    if (!entry.type.startsWith(`${kind}.`)) continue
    const id = String(entry.data?.[kind])
    byId.set(id, [...(byId.get(id) ?? []), entry])
  }
  return [...byId].flatMap(([id, all]) => {
    const [first, last] = [all[0], all.at(-1)]
    if (first === undefined || last === undefined) return []
    return [{ id, first, entries: all, state: stepIn(last) }]
  })
}

/** The latest entry of this step. */
export function stepOf({ entries }: Matter, step: string): Entry | undefined {
  return entries.findLast((entry) => stepIn(entry) === step)
}
