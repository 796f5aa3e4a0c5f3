/** Why an event is not taken in, in words its sender can act on. Without stable codes a sender could not write code that mends it. */
import type { Problem } from '#db/dead-letters.ts'

/** A message that becomes a dead letter. */
export interface Refusal {
  readonly kind: 'refused'
  /** Stable; the first problem's code unless the event could not be read at all. */
  readonly code: string
  readonly problems: readonly Problem[]
}

/** Reasons beyond the shape of an event (`events/problems.ts`): where it comes from and what its sender may say. */
const meanings = {
  'not-our-subject': {
    pointer: '',
    detail: 'came on a subject that no emitter has',
    advice: 'publish on completions.<institution>.<emitter>',
  },
  'unknown-institution': {
    pointer: '/institution',
    detail: 'is no institution of this installation',
    advice: 'check the subject you publish on; the institution must have applied its register first',
  },
  'foreign-institution': {
    pointer: '/institution',
    detail: 'is another institution than the one in the subject',
    advice: 'send each institution’s events on its own subject',
  },
  'foreign-source': {
    pointer: '/source',
    detail: 'is another source than the one in the subject',
    advice: 'write the emitter’s id that the subject names',
  },
  'unknown-emitter': {
    pointer: '/source',
    detail: 'is no emitter in the institution’s register',
    advice: 'ask the institution to declare the emitter, then have the dead letter replayed',
  },
  'not-authenticated': {
    pointer: '',
    detail: 'is not signed by an emitter of the institution it names',
    advice: 'check institution, source and kid against the register, and sign exactly the bytes you send',
  },
  'signature-missing': {
    pointer: '',
    detail: 'is not signed, though this emitter or this achievement demands it',
    advice: 'send a detached JWS over the payload bytes in the header Bevis-Signature',
  },
  'unknown-key': {
    pointer: '',
    detail: 'is signed with a key that was not the emitter’s at that time',
    advice: 'sign with a key the register names, or ask the institution to declare the new one',
  },
  'bad-signature': {
    pointer: '',
    detail: 'carries a signature that does not hold over these bytes',
    advice: 'sign exactly the bytes you send; protected header {alg, kid, typ: "bevis-event+jws"}, nothing else',
  },
  'personal-not-readable': {
    pointer: '/data/personal',
    detail: 'is sealed to another key, or was changed',
    advice: 'seal it to the key that /institutions/<institution>/intake-keys gives',
  },
  'personal-not-understood': {
    pointer: '/data/personal',
    detail: 'holds something else than a name and a birth date',
    advice: 'seal {"name": "…", "birthDate": "YYYY-MM-DD"}, or one of them, and nothing more',
  },
  'kind-not-granted': {
    pointer: '/type',
    detail: 'is a kind of fact this emitter may not report',
    advice: 'report it through the emitter that may, or ask the institution to extend the grant',
  },
  'unknown-achievement': {
    pointer: '/data/achievement',
    detail: 'is no achievement in force at the institution',
    advice: 'check the id against the institution’s register',
  },
  'achievement-not-granted': {
    pointer: '/data/achievement',
    detail: 'is an achievement this emitter may not report on',
    advice: 'report it through the emitter that may, or ask the institution to extend the grant',
  },
  'not-storable': {
    pointer: '',
    detail: 'holds a value the database refuses',
    advice: 'report this to the operator together with the dead letter’s id',
  },
} as const satisfies Record<string, Omit<Problem, 'code'>>

export type RefusalCode = keyof typeof meanings

/** A refusal for one or several reasons; `because` narrows the detail, a code. */
export function refuse(first: RefusalCode, ...more: readonly RefusalCode[]): Refusal {
  return { kind: 'refused', code: first, problems: [first, ...more].map((code) => ({ code, ...meanings[code] })) }
}
