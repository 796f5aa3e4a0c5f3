/**
 * What a line of the log and a span of a trace may say: fields from the list below in the shape it demands, and of an error its class,
 * code and stack frames. Without it, messages of libraries that quote rows, requests and events would put people's data where nobody
 * can erase it (contracts §10).
 */
const word = /^[\w@./:-]{1,128}$/

/** Every field that may be told, and its shape. What has another shape is withheld; what is not here is dropped. */
const shapes = {
  trace_id: /^[0-9a-f]{32}$/,
  span_id: /^[0-9a-f]{16}$/,
  institution: /^[a-z0-9][a-z0-9-]{0,62}$/,
  case_id: /^case_[a-z2-7]{1,64}$/,
  /** CloudEvents id as the emitter chose it; whatever looks like a person in it is masked below. */
  event_id: /^[!-~]{1,200}$/,
  credential: /^cred_[a-z2-7]{1,64}$/,
  dead_letter: /^dead_[a-z2-7]{1,64}$/,
  revocation: /^[a-z0-9_]{1,80}$/,
  source: word,
  component: word,
  code: word,
  problem: word,
  outcome: word,
  signal: word,
  what: word,
  method: /^[A-Z]{1,10}$/,
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
const ids: readonly string[] = ['trace_id', 'span_id', 'case_id', 'credential', 'dead_letter', 'run_id']
const numbers = ['attempt', 'duration_ms', 'port', 'count', 'status'] as const

type Named = { readonly [K in keyof typeof shapes]?: string | undefined }
type Counted = { readonly [K in (typeof numbers)[number]]?: number | undefined }
export interface SafeFields extends Named, Counted {
  /** Anything thrown, of which {@link errorFields} is left; or those, taken earlier. */
  readonly error?: unknown
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

export function masked(text: string): string {
  return masks.reduce((left, mask) => left.replace(mask, '[withheld]'), text).replaceAll(/[\p{Cc}]/gu, ' ')
}

/** What may be told of these fields: nothing reaches a line or a span but what this returns. */
export function kept(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
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
