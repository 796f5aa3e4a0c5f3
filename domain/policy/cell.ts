/** How a cell of the level table is written: one line, readable aloud. */

import type { Activity } from '#domain/evidence.ts'
import type { Cell, Durations } from '#domain/policy/profile.ts'

/** A demand the seed states. */
export function seed<D>(rule: string, sv: string, en: string, demand: D): Cell<D> {
  return { rule, source: 'seed', text: { sv, en }, demand }
}

/** A demand where the seed is silent: our reading, with its reason in docs/levels.md. */
export function reading<D>(rule: string, sv: string, en: string, demand: D): Cell<D> {
  return { rule, source: 'reading', text: { sv, en }, demand }
}

const day = 86_400

/** Waits of every band unless an institution shortens them; seconds. */
export const durations: Durations = {
  evidence: 30 * day,
  approval: 14 * day,
  reminder: 3 * day,
  officer: 7 * day,
  freshLogin: 3_600,
}

/** Route 2 of D–E: taken part in live, with a discussion. */
export const gatherings: readonly Activity[] = ['webinar', 'theme-cafe', 'presentation']
/** Route 3 of D–E: projects and the like. */
export const projects: readonly Activity[] = ['development-project', 'invigilator-training']
/** What one can fulfil in one's own time; everything else is joined live or merely watched. */
export const completable: readonly Activity[] = ['course', 'open-course', ...projects]
/** Taking part, as opposed to merely having access. */
export const takingPart: readonly Activity[] = [
  ...completable,
  'information-session',
  'online-conference',
  ...gatherings,
]
