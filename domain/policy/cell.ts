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

/** Webinars and the like, route 2 of D–E. */
export const gatherings: readonly Activity[] = ['webinar', 'theme-cafe', 'presentation', 'online-conference']
/** Projects and the like, route 3 of D–E. */
export const projects: readonly Activity[] = ['development-project', 'invigilator-training']
/** Taking part, as opposed to merely having access. */
export const takingPart: readonly Activity[] = [
  'course',
  'open-course',
  'information-session',
  ...gatherings,
  ...projects,
]
