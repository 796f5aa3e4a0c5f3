/** The strict shape of an envelope, member by member; without it free text and stray members would creep into bytes nobody can erase. */

type Check = (value: unknown) => boolean

interface Shape {
  readonly required: Readonly<Record<string, Check>>
  readonly optional?: Readonly<Record<string, Check>>
}

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value)

/** No spaces and no letters beyond ASCII: a sentence or a name does not fit (contracts §9). */
const code = matches(/^[\x21-\x7e]{1,512}$/)
const uuid = matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
/** 32 bytes in strict base64url: the last letter carries two unused bits, which must be zero. */
const digest = matches(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
const typeName = matches(/^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)+\/[1-9][0-9]*$/)
const databaseTime = moment(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
const claimedTime = moment(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/)
const natural: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const positive: Check = (value) => natural(value) && value !== 0

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const misfitOfEnvelope = misfitOf({
  required: {
    v: (value) => value === 'bevis-audit/1',
    log: matches(/^[a-z0-9.-]+(\/[a-z0-9-]+)+$/),
    trail: uuid,
    n: positive,
    prev: digest,
    id: code,
    type: typeName,
    at: databaseTime,
    actor: shaped({
      required: { ref: code, kind: matches(/^(human|service|workflow)$/), role: code },
      optional: { authn: shaped({ required: { acr: code, auth_time: natural } }) },
    }),
    act: shaped({ required: { meaning: code, outcome: code }, optional: { reason: code } }),
  },
  optional: {
    occurred: claimedTime,
    proc: shaped({ required: {}, optional: { wf: code, run: code, policy: code, build: code } }),
    src: shaped({ required: { emitter: code }, optional: { event: code } }),
    data: (value) => isObject(value) && Object.entries(value).every(([name, member]) => code(name) && fact(member)),
    _sd: (value) => listOf(digest)(value) && new Set(value as string[]).size === (value as string[]).length,
    ev: listOf(shaped({ required: { digest, size: natural, mt: code } })),
  },
})

/** Name of the first member that does not belong or does not fit, undefined when the value is an envelope. */
export function entryProblem(value: unknown): string | undefined {
  return misfitOfEnvelope(value)
}

function fact(value: unknown): boolean {
  return code(value) || Number.isSafeInteger(value) || typeof value === 'boolean' || isCodes(value)
}

/** Unlike `_sd` and `ev`, which are left out when empty, an empty list of codes tells something: none. */
function isCodes(value: unknown): boolean {
  return Array.isArray(value) && value.every(code)
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(check)
}

function shaped(shape: Shape): Check {
  const misfit = misfitOf(shape)
  return (value) => misfit(value) === undefined
}

/** Shapes are taken apart once, not for every entry. */
function misfitOf({ required, optional = {} }: Shape): (value: unknown) => string | undefined {
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

/** The pattern alone lets the thirty-first of February pass; the calendar does not. */
function moment(pattern: RegExp): Check {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) return false
    const time = Date.parse(value)
    return !Number.isNaN(time) && (!value.endsWith('Z') || new Date(time).toISOString().startsWith(value.slice(0, 19)))
  }
}
