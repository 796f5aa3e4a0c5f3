/** The parts of a badge that are the same for many: spelled and linted once by their text, and not for each of ten thousand credentials. */
import { isObject } from '#credentials/bytes.ts'
import type { Language } from '#credentials/formats/achievement.ts'
import { ownContext } from '#credentials/formats/context.ts'
import type { BadgeRequest, OpenBadge } from '#credentials/formats/open-badge.ts'
import { lastUsed } from '#credentials/last-used.ts'
import { isSound } from '#credentials/lint/lint.ts'

export interface Part {
  readonly text: string
  /** The text in UTF-8. */
  readonly bytes: Uint8Array
  /** The text says all there is, and no rule finds anything in a single value of it at its place, in the document's language. */
  readonly isSound: boolean
}

/** Evidence that differs from holder to holder by nature; keeping it would only push out what is alike. */
const own: ReadonlySet<string> = new Set(['identity', 'approval', 'trail', 'replacement'])

/** The parts of a badge that are the same for many, by the object that holds them in it. */
export function alikeParts({ issuer, evidence, credentialSubject: { achievement } }: OpenBadge): Map<unknown, Part> {
  const language = achievement.inLanguage
  const parts = new Map<unknown, Part>([[ownContext, context]])
  parts.set(issuer, partOf(issuer, known.issuer[language]))
  parts.set(achievement, partOf(achievement, known.achievement[language]))
  for (const item of evidence) if (!own.has(item.genre)) parts.set(item, partOf(item, known.evidence[language]))
  return parts
}

/** The parts that need no look for this learner's credential: sound, and without a word of the learner. */
export function needNoLook(parts: ReadonlyMap<unknown, Part>, learner: Learner): (value: unknown) => boolean {
  const words = [learner.person, ...(learner.name === undefined ? [] : [learner.name])].map(inText)
  return (value) => {
    const part = parts.get(value)
    return part !== undefined && part.isSound && !words.some((word) => part.text.includes(word))
  }
}

type Learner = BadgeRequest['content']['learner']

/** A text as it stands inside a JSON string. */
function inText(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}

/** The inline context is ours alone and never changes while a process runs; the rule `contexts` holds documents to it. */
const context: Part = { ...spelled(JSON.stringify(ownContext)), isSound: false }

/** What a text comes to depends on the text, its place and the language alone, so it is remembered by them. */
const known = {
  issuer: judged((value) => ({ issuer: value })),
  achievement: judged((value) => ({ credentialSubject: { achievement: value } })),
  evidence: judged((value) => ({ evidence: [value] })),
}

/** @param skeleton the names above a part in its document */
function judged(skeleton: (value: unknown) => Readonly<Record<string, unknown>>) {
  const inOne = (language: Language) =>
    lastUsed(256, (text): Part => ({ ...spelled(text), isSound: isSound(skeleton(JSON.parse(text)), language) }))
  return { sv: inOne('sv'), en: inOne('en') }
}

function partOf(value: object, remembered: (text: string) => Part): Part {
  const part = remembered(JSON.stringify(value))
  // What the text does not say must be looked at where it stands.
  return part.isSound && !isJson(value) ? { ...part, isSound: false } : part
}

/** JSON drops some things and bends others, such as a member without a value or a moment. */
function isJson(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.keys(value).every((name) => isJson(value[name]))
}

function spelled(text: string): Pick<Part, 'text' | 'bytes'> {
  return { text, bytes: Buffer.from(text) }
}
