/** Appeals and complaints: in which order they go, who may handle them, what they end in (ISO/IEC 17024 9.8, 9.9; ESG 1.3, 2.7). */
import { passed, short, text } from '#domain/gates/finding.ts'
import { type Acting, notNamed, officerNow } from '#domain/gates/uninvolved.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { toMillis } from '#domain/time.ts'
import type { Instant, PersonId } from '#domain/words.ts'

/** `reconsideration`: by the institution itself (omprövning); `appeal`: to somebody above the decider (överklagande). */
export const appealKinds = ['reconsideration', 'appeal'] as const
export type AppealKind = (typeof appealKinds)[number]
export const appealOutcomes = ['upheld', 'partly-upheld', 'dismissed', 'withdrawn'] as const
export type AppealOutcome = (typeof appealOutcomes)[number]
export const appealStates = ['lodged', 'acknowledged', 'decided', 'closed'] as const
export type AppealState = (typeof appealStates)[number]

export const complaintOutcomes = ['justified', 'partly-justified', 'unjustified', 'withdrawn'] as const
export type ComplaintOutcome = (typeof complaintOutcomes)[number]
export const complaintStates = ['received', 'acknowledged', 'progressed', 'closed'] as const
export type ComplaintState = (typeof complaintStates)[number]

/** After which step each may come; the first of a matter comes after none. */
const follows = {
  appeal: { acknowledged: ['lodged'], decided: ['acknowledged'], closed: ['decided'] },
  complaint: {
    acknowledged: ['received'],
    progressed: ['acknowledged', 'progressed'],
    closed: ['acknowledged', 'progressed'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

export type MatterKind = keyof typeof follows

export function mayFollow(kind: MatterKind, standing: string, step: string): boolean {
  const before: Readonly<Record<string, readonly string[]>> = follows[kind]
  return before[step]?.includes(standing) === true
}

/** Who was right, wholly or in part, is owed more than the words: something has to follow. */
export function isGranted(outcome: AppealOutcome | ComplaintOutcome): boolean {
  return /^(partly-)?(upheld|justified)$/.test(outcome)
}

/** How long a matter may stay open before somebody should look, in days. */
export const usualHandlingDays = 30

/** Whole days from a day (`2026-03-01`) to a moment. */
export function daysSince(day: string, at: Instant): number {
  return Math.floor((toMillis(at) - toMillis(`${day}T00:00:00Z` as Instant)) / 86_400_000)
}

export interface Handling extends Pick<Acting, 'case' | 'person'> {
  /** Who took part in the case beside those whom its facts name: appointed, decided, or recorded something in their own name. */
  readonly acted: readonly PersonId[]
}

/** Of a complaint: nobody handles what is about themself. */
export function notAbout(isAbout: boolean): Finding {
  const rule = 'handler.not-about'
  const says = text('Klagomålet gäller inte den som handlägger det', 'The complaint is not about who handles it')
  if (!isAbout) return passed(rule, says)
  const because = text('Klagomålet gäller den som handlägger det', 'The complaint is about who handles it')
  return short(rule, { outcome: 'failed', because, missing: says })
}

const who = text('Den som prövar', 'Who judges it')

/** Everything that speaks for or against this person judging what others did in the case. They may only when every finding passed. */
export function judgeHandler({ acted, ...acting }: Handling): Finding[] {
  return [
    officerNow({ ...acting, rule: 'handler.officer', who }),
    notNamed({ ...acting, rule: 'handler.not-named', who }, acted),
  ]
}
