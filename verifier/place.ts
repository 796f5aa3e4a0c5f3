/** Where in a log something stands, for whoever wants to look. */
import type { Entry } from '#audit/entry.ts'

export interface Place {
  /** In the log, from 0. */
  readonly index: number
  readonly trail: string
  readonly n: number
  readonly at: string
  readonly actor: string
  readonly reason?: string
  /** Of a quick decision. */
  readonly seconds?: number
}

export function placeOf({ trail, n, at, actor, act }: Entry, index: number, seconds: number | undefined): Place {
  return {
    index,
    trail,
    n,
    at,
    actor: actor.ref,
    ...(act.reason === undefined ? {} : { reason: act.reason }),
    ...(seconds === undefined ? {} : { seconds }),
  }
}
