/** How an event is refused. Without a closed list of codes a sender could not write code that mends what went wrong. */

/** Every code there is, with its meaning; printed in docs/events/README.md. A code never changes its meaning. */
export const problemMeanings = {
  'too-large': 'The event is larger than 256 KiB.',
  'not-utf8': 'The bytes are not UTF-8 without a byte order mark.',
  'not-json': 'The text is not JSON.',
  'duplicate-member': 'An object names the same member twice, so two readers could see two different events.',
  'too-deep': 'Objects and arrays are nested deeper than 32 levels.',
  'unsafe-text': 'A text or member name holds half a surrogate pair, or a member is called __proto__ or toJSON.',
  'number-out-of-range': 'A number is not finite, or a whole number beyond 2^53.',
  'not-an-object': 'The event is JSON, but not an object.',
  'unknown-type': 'The event type is none of ours.',
  'missing-member': 'A required member is absent.',
  'unknown-member': 'The contract has no such member.',
  'personal-data-in-plain': 'A member holds personal data that may travel only as JWE in `personal`.',
  'wrong-type': 'The value has another JSON type than the contract demands.',
  'value-not-allowed': 'The value is not in the list of allowed ones.',
  'bad-format': 'The text does not have the demanded form.',
  'too-short': 'The text is too short.',
  'too-long': 'The text is too long.',
  'too-few': 'The list has too few entries.',
  'too-many': 'The list has too many entries.',
  'out-of-range': 'The number is smaller or larger than allowed.',
  'time-order': 'A period ends before it begins.',
  'time-in-future': 'Something that is said to have happened lies more than 5 minutes ahead.',
  'duplicate-id': 'A list names the same id or person twice.',
  'pass-mark-missing': 'There are items but no pass mark, so the result could not be recomputed.',
  'items-missing': 'There is a pass mark but no items it could apply to.',
  'points-above-maximum': 'A score has more points than the item can give.',
  'outcome-not-declared': 'An item covers an outcome that the result does not name.',
  'scorer-not-listed': 'A score is by somebody who is not among the scorers, so separation could not be judged.',
  'nothing-stated': 'The event carries no fact: neither teaching nor attendance.',
  'refers-to-itself': 'A withdrawal withdraws itself, or is replaced by what it withdraws.',
  'more-problems': 'There are more problems than are listed.',
} as const

export type ProblemCode = keyof typeof problemMeanings
export const problemCodes = Object.keys(problemMeanings) as ProblemCode[]

/**
 * One thing to mend. `pointer` (RFC 6901) leads to the member, `''` is the whole event. `detail` says what is wrong and
 * `advice` what to do; neither quotes a value, because problems are stored and shown in the open (contracts §10).
 */
export interface Problem {
  readonly code: ProblemCode
  readonly pointer: string
  readonly detail: string
  readonly advice: string
}

export type Path = readonly (string | number)[]

/** RFC 6901 §3: `~` and `/` inside a name are escaped. */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** More than this are not even told: a hostile event must not cost more than an honest one. */
export const longestList = 100

/** At most 100 problems: a hostile event must not become a larger dead letter than it was itself. */
export function limited(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= longestList) return problems
  return [
    ...problems.slice(0, longestList),
    {
      code: 'more-problems',
      pointer: '',
      detail: 'more problems were found than are listed',
      advice: 'mend those listed and send the event again under a new id',
    },
  ]
}
