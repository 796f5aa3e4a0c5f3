/** Appeals as a trail tells them; without it one could be decided by whoever it is against, and nobody outside would see (ISO/IEC 17024 9.8). */
import type { Entry } from '#audit/entry.ts'

/** Receiving an appeal and answering that it came is no part in what it is against, nor is closing what others decided. */
const clerical = new Set(['appeal.lodged/1', 'appeal.acknowledged/1', 'appeal.closed/1'])

/**
 * As the log calls them: who acted in person before this appeal was decided, and who was appointed or declared partial. What the
 * entries do not tell is not here: who taught and who scored stands in the facts.
 */
export function tookPart(entries: readonly Entry[], appeal: string): ReadonlySet<string> {
  const decided = entries.findIndex(({ type, data }) => type === 'appeal.decided/1' && data?.['appeal'] === appeal)
  const before = decided < 0 ? entries : entries.slice(0, decided)
  return new Set(
    before.flatMap(({ type, actor, data }) => {
      const named = data?.['person']
      const acted = actor.kind === 'human' && !clerical.has(type) ? [actor.ref] : []
      return typeof named === 'string' ? [...acted, named] : acted
    }),
  )
}

/** What an appeal is against, by the id people know it under; undefined for what cannot be appealed against or is not told. */
export function appealed(entries: readonly Entry[], against: string): Entry | undefined {
  return entries.findLast(({ type, data }) =>
    against === 'outcome' ? ends.has(type) : decisions[type] !== undefined && data?.[decisions[type]] === against,
  )
}

/** Type → the member of `data` that tells the decision's id. */
const decisions: Readonly<Record<string, string>> = {
  'decision.recorded/1': 'decision',
  'revocation.approved/1': 'revocation',
  'appeal.decided/1': 'appeal',
}

const ends = new Set(['case.issued/1', 'case.recorded/1', 'case.refused/1', 'case.withdrawn/1'])

/** What followed an appeal in the same trail, by the id people know it under: a decision anew, or a credential taken back. */
export function followedIn(entries: readonly Entry[], decided: Entry, id: string): boolean {
  return entries.some(
    ({ type, n, data }) =>
      n > decided.n &&
      ((type === 'decision.recorded/1' && data?.['decision'] === id) ||
        (type === 'credential.revoked/1' && data?.['revocation'] === id)),
  )
}
