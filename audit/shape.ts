/** Strict shapes, member by member, for bytes that strangers may hand us: what is not named here does not belong. */

export type Check = (value: unknown) => boolean

export interface Shape {
  readonly required: Readonly<Record<string, Check>>
  readonly optional?: Readonly<Record<string, Check>>
}

export const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

/** No spaces and no letters beyond ASCII: a sentence or a name does not fit (contracts §9). */
export const code = matches(/^[\x21-\x7e]{1,512}$/)
export const uuid = matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
/** 32 bytes in strict base64url: the last letter carries two unused bits, which must be zero. */
export const digest = matches(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
/** Name of a log, `<host>/<institution>`. */
export const logOrigin = matches(/^[a-z0-9.-]+(\/[a-z0-9-]+)+$/)
export const databaseTime = moment(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
export const natural: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
export const positive: Check = (value) => natural(value) && value !== 0

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One or more. */
export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(check)
}

/** None or more. */
export function anyOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check)
}

export function shaped(shape: Shape): Check {
  const misfit = misfitOf(shape)
  return (value) => misfit(value) === undefined
}

/** Name of the first member that does not belong or does not fit. Shapes are taken apart once, not for every value. */
export function misfitOf({ required, optional = {} }: Shape): (value: unknown) => string | undefined {
  const demanded = Object.entries(required)
  return (value) => {
    if (!isObject(value)) return '$'
    const lacking = demanded.find(([name, check]) => !check(value[name]))
    if (lacking !== undefined) return lacking[0]
    return Object.keys(value).find(
      (name) => !Object.hasOwn(required, name) && !optionalFits(optional, name, value[name]),
    )
  }
}

function optionalFits(optional: Readonly<Record<string, Check>>, name: string, value: unknown): boolean {
  return Object.hasOwn(optional, name) && optional[name]?.(value) === true
}

/** The pattern alone lets the thirty-first of February pass; the calendar does not, in any zone. */
export function moment(pattern: RegExp): Check {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) return false
    const local = value.slice(0, 19)
    return !Number.isNaN(Date.parse(value)) && new Date(`${local}Z`).toISOString().startsWith(local)
  }
}
