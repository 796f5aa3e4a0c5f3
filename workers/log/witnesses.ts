/** The witnesses of each log's policy, as its publisher asks them; what each holds is remembered, so that one question is enough. */

import { parseCheckpoint } from '#audit/checkpoint.ts'
import { parseNote } from '#audit/note.ts'
import type { Cosigned, Witnesses } from './publish.ts'
import { type Gathered, gatherCosignatures } from './quorum.ts'

export interface WitnessesOptions {
  /** Told of a witness that is not content with a log, also after a quorum was found without it. `what` is a code. */
  readonly onTrouble?: (origin: string, witness: string, what: string) => void
  readonly patienceMs?: number
  readonly signal?: AbortSignal
}

/** Keeps what it learns in memory: a witness that we know nothing of tells us itself, for one question more. */
export function policyWitnesses({ onTrouble, ...patience }: WitnessesOptions = {}): Witnesses {
  const held = new Map<string, ReadonlyMap<string, number>>()
  return {
    cosign: async ({ policy, note, size, proofFrom: prove }) => {
      const { origin } = parseCheckpoint(parseNote(note).text)
      const known = held.get(origin) ?? new Map<string, number>()
      const gathering = await gatherCosignatures({ policy, note, size, held: known, prove, ...patience })
      const end = ({ held: now, outcomes }: Gathered) => {
        held.set(origin, new Map([...(held.get(origin) ?? []), ...now]))
        for (const [witness, outcome] of outcomes)
          if (outcome.kind !== 'cosigned')
            onTrouble?.(
              origin,
              witness,
              'status' in outcome && outcome.status !== undefined ? `${outcome.kind}-${outcome.status}` : outcome.kind,
            )
      }
      held.set(origin, gathering.held)
      // The proof for a straggler may fail with the transaction it was read in; the next checkpoint asks anew.
      gathering.rest.then(end, () => undefined)
      return cosigned(gathering)
    },
  }
}

/** A quorum is a quorum, whatever one witness beside it says; without one, what speaks against the log comes before mere silence. */
function cosigned({ met, note, outcomes }: Gathered): Cosigned {
  const seen = new Map(
    [...outcomes].flatMap(([name, one]) => (one.kind === 'cosigned' ? [[name, one.time] as const] : [])),
  )
  if (met) return { kind: 'quorum', note, seen }
  const all = [...outcomes.values()]
  const ahead = all.flatMap((one) => (one.kind === 'ahead' ? [one.size] : []))
  if (ahead.length > 0) return { kind: 'ahead', size: Math.max(...ahead) }
  const contradicts = all.some((one) => one.kind === 'refused' && (one.status === 422 || one.status === 409))
  return { kind: contradicts ? 'refused' : 'missed' }
}
