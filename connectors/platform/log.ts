/**
 * The one place that configures logs (pino): JSON lines on standard error, safe by construction. A line holds a fixed text, fields
 * from the list below in the shape it demands, and of an error its class, code and stack frames. Without it, messages of
 * libraries that quote rows, requests and events would put people's data where nobody can erase it (contracts §10).
 */
import pino from 'pino'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

const word = /^[\w@./:-]{1,128}$/

/** Every field a line may have, and its shape. What has another shape is withheld; what is not here is dropped. */
const shapes = {
  trace_id: /^[0-9a-f-]{32,36}$/,
  span_id: /^[0-9a-f]{16}$/,
  institution: /^[a-z0-9][a-z0-9-]{0,62}$/,
  case_id: /^case_[a-z2-7]{1,64}$/,
  /** CloudEvents id as the emitter chose it; whatever looks like a person in it is masked below. */
  event_id: /^[!-~]{1,200}$/,
  dead_letter: /^dead_[a-z2-7]{1,64}$/,
  source: word,
  component: word,
  code: word,
  problem: word,
  signal: word,
  what: word,
  address: word,
  namespace: word,
  task_queue: word,
  workflow_id: /^[\w./:-]{1,200}$/,
  run_id: /^[0-9a-f-]{36}$/,
  workflow_type: word,
  activity_id: word,
  activity_type: word,
  route: /^[\w/{}:.*-]{1,200}$/,
} as const
/** Shapes that leave no room for anything but an id of ours: masking could only spoil them. */
const ids: readonly string[] = ['trace_id', 'span_id', 'case_id', 'dead_letter', 'run_id']
const numbers = ['attempt', 'duration_ms', 'port', 'count', 'status'] as const

type Named = { readonly [K in keyof typeof shapes]?: string | undefined }
type Counted = { readonly [K in (typeof numbers)[number]]?: number | undefined }
export interface LogFields extends Named, Counted {
  /** Anything thrown, of which {@link errorFields} is left; or those, taken earlier. */
  readonly error?: unknown
}

export interface Log {
  /** `text` is fixed: what varies goes into fields, where it is checked. */
  (level: LogLevel, text: string, fields?: LogFields): void
}

export interface LogOptions {
  /** Name of the process, in every line. */
  readonly process: string
  /** Lowest level written. Default `info`. */
  readonly level?: LogLevel | undefined
  /** Receives each line with its line end. Default: standard error, written before the call returns. */
  readonly write?: (line: string) => void
}

export function openLog({ process: name, level = 'info', write }: LogOptions): Log {
  const logger = pino(
    {
      level,
      messageKey: 'message',
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      base: { process: name },
      formatters: { level: (label) => ({ level: label }), log: kept },
    },
    write === undefined ? pino.destination({ dest: 2, sync: true }) : { write },
  )
  return (at, text, fields = {}) => logger[at](fields, masked(text.slice(0, 300)))
}

/** The second line of defence, over everything that passed the first: what looks like a person, a password or a key. */
const masks: readonly RegExp[] = [
  /(?<!\d)(?:19|20)?\d{6}[-+ ]?\d{4}(?!\d)/g,
  /[^\s@<>"'(/]+@[^\s@<>"')/]+\.[^\s@<>"')/]+/g,
  /\beyJ[\w-]*(?:\.[\w-]*)+/g,
  /\bBearer\s+\S+/gi,
  /\bS[UAONCX][A-Z2-7]{20,}/g,
  /(?<=:\/\/)[^\s/@]+(?=@)/g,
  /(?<![\w-])[\w-]{43}(?![\w-])/g,
]

function masked(text: string): string {
  return masks.reduce((left, mask) => left.replace(mask, '[withheld]'), text).replaceAll(/[\p{Cc}]/gu, ' ')
}

/** pino's formatter: nothing reaches a line but what this returns. */
function kept(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const line: Record<string, unknown> = {}
  for (const [name, shape] of Object.entries(shapes)) {
    const value = fields[name]
    if (value === undefined) continue
    if (typeof value !== 'string' || !shape.test(value)) line[name] = '[withheld]'
    else line[name] = ids.includes(name) ? value : masked(value)
  }
  for (const name of numbers) if (Number.isFinite(fields[name])) line[name] = fields[name]
  if (fields['error'] !== undefined) Object.assign(line, errorFields(fields['error']))
  return line
}

/** What may be told of anything thrown: class, code and frames of it and of what caused it. Never a message or a parameter. */
export interface ErrorFields {
  readonly error: string
  readonly error_code?: string
  /** Class and code of what caused it, nearest first. */
  readonly causes?: readonly string[]
  readonly frames?: readonly string[]
}

/** Those that were taken here, so that nothing else can pass itself off as one. */
const taken = new WeakSet<object>()

export function errorFields(error: unknown): ErrorFields {
  if (typeof error === 'object' && error !== null && taken.has(error)) return error as ErrorFields
  const fields = error instanceof Error ? fieldsOfError(error) : { error: 'unknown' }
  taken.add(fields)
  return fields
}

function fieldsOfError(error: Error): ErrorFields {
  const causes = causesOf(error).map((one) => nameOf(one))
  const code = codeOf(error)
  const frames = framesOf(error)
  return {
    error: classOf(error),
    ...(code === undefined ? {} : { error_code: code }),
    ...(causes.length === 0 ? {} : { causes }),
    ...(frames.length === 0 ? {} : { frames }),
  }
}

/** Code of it or of what caused it where there is one, else class: short enough to stand in a sentence. */
export function shortNameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return [error, ...causesOf(error)].map(codeOf).find((code) => code !== undefined) ?? classOf(error)
}

function nameOf(error: Error): string {
  const code = codeOf(error)
  return code === undefined ? classOf(error) : `${classOf(error)} ${code}`
}

function classOf(error: Error): string {
  return /^[A-Za-z]\w{0,63}$/.test(error.name) ? masked(error.name) : 'Error'
}

/** Libraries put codes under both names: `type` is Temporal's. */
function codeOf(error: Error): string | undefined {
  for (const name of ['code', 'type'] as const) {
    const code: unknown = Reflect.get(error, name)
    if (typeof code === 'number') return String(code)
    if (typeof code === 'string' && /^[\w./-]{1,64}$/.test(code)) return masked(code)
  }
  return undefined
}

const deepest = 5

function causesOf(error: Error): Error[] {
  const chain: Error[] = []
  for (let next = error.cause; next instanceof Error && chain.length < deepest; next = next.cause) chain.push(next)
  return chain
}

/** A frame as V8 prints it: a function, and a place in a file. A message can imitate one, so the message is cut away first. */
const frame = /^at (?:async )?(?:[\w.<>$#[\] ]{1,120} )?\(?((?:file:\/\/|node:|\/)[^\s()]{1,300}:\d+:\d+)\)?$/
const mostFrames = 12

function framesOf({ stack = '', message }: Error): string[] {
  const from = message === '' ? 0 : stack.indexOf(message) + message.length
  return stack
    .slice(from)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => frame.test(line))
    .slice(0, mostFrames)
    .map(masked)
}
