/** The kinds of value VCDM 2.0 speaks of, so that every rule means the same by a URL or a moment. */
import { isObject } from '#credentials/bytes.ts'

/** An absolute URL (§4.4): a scheme and no white space, whatever the scheme. */
export function isUrl(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(value) && URL.canParse(value)
}

const dateTimeStamp =
  /^-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/

/** Milliseconds since 1970 of an XML Schema `dateTimeStamp` (§4.9), a time zone included; undefined for anything else. */
export function momentOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !dateTimeStamp.test(value)) return undefined
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : time
}

/** A value or a list of values, as a list; undefined members give none. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly unknown[]) : [value]
}

/** A string, a language value object, or several of them (§11.1); an object has no other members, or it says something else too. */
export function isText(value: unknown): boolean {
  const texts = listOf(value)
  return texts.length > 0 && texts.every((text) => typeof text === 'string' || isLanguageValue(text))
}

const members: ReadonlySet<string> = new Set(['@value', '@language', '@direction'])

function isLanguageValue(value: unknown): boolean {
  if (!isObject(value) || typeof value['@value'] !== 'string') return false
  if (Object.keys(value).some((name) => !members.has(name))) return false
  const { '@language': language, '@direction': direction } = value
  if (
    language !== undefined &&
    (typeof language !== 'string' || !/^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/.test(language))
  ) {
    return false
  }
  return direction === undefined || direction === 'ltr' || direction === 'rtl'
}

/** One type or several, each a non-empty string (§4.5). */
export function typesOf(value: unknown): readonly string[] | undefined {
  const types = listOf(value)
  const isSound = types.length > 0 && types.every((type) => typeof type === 'string' && type !== '')
  return isSound ? (types as readonly string[]) : undefined
}
