/** The HTTP API as commands see it: what people decide goes through the same door for everybody (contracts §7). */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { InstitutionId } from '#domain/words.ts'
import { CliError } from './cli-error.ts'
import type { Exit } from './exit-codes.ts'
import { institutionOf, institutionOption } from './institution.ts'
import { demand, settingsOf } from './settings.ts'
import { accessToken, tokenOptions } from './tokens.ts'

export const apiOptions = { ...institutionOption, ...tokenOptions } as const

export interface ApiValues {
  readonly institution?: string
  readonly 'token-file'?: string
  readonly as?: string
}

export interface Answer {
  readonly status: number
  readonly etag: string | undefined
  readonly body: unknown
}

export interface ApiClient {
  readonly institution: InstitutionId
  /** `path` begins after `/v1/institutions/<institution>`; absent parameters are left out. */
  get(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<Answer>
  /** A document that is no JSON, as text. */
  text(path: string, query?: Readonly<Record<string, string | undefined>>): Promise<string>
  /** What the institution publishes for everybody, below its issuer address. */
  published(path: string): Promise<string>
  /** Orders a file and gives its bytes as they come. */
  download(path: string, order: unknown): Promise<ReadableStream<Uint8Array>>
  /** Each call is one act: it carries an Idempotency-Key of its own. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

const timeoutMs = 30_000
/** A large file over a slow line; a server that says nothing is found out all the same. */
const downloadMs = 30 * 60_000

/** @throws CliError of the settings or the login; calls throw `api/<code>` for every answer that is a problem */
export async function openApi(values: ApiValues): Promise<ApiClient> {
  const settings = settingsOf()
  const institution = await institutionOf(values.institution, settings)
  const token = await accessToken(values, settings)
  const home = demand(settings.config.publicUrl, 'BEVIS_PUBLIC_URL')
  const base = `${home}/v1/institutions/${institution}`
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'accept-language': 'en' }
  return {
    institution,
    get: (path, query = {}) => reachJson(`${base}${path}${queryText(query)}`, { headers }),
    text: (path, query = {}) =>
      askText(`${base}${path}${queryText(query)}`, { headers: { ...headers, accept: '*/*' } }),
    published: (path) => askText(`${home}/institutions/${institution}${path}`, {}),
    download: (path, order) =>
      askBytes(`${base}${path}`, {
        method: 'POST',
        headers: { ...headers, accept: '*/*', 'content-type': 'application/json' },
        body: JSON.stringify(order),
      }),
    post: (path, body, more = {}) =>
      reachJson(`${base}${path}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...more },
        body: JSON.stringify(body),
      }),
  }
}

function queryText(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

/** One request with a JSON answer. @throws CliError `api/…` */
export async function reachJson(url: string, init: RequestInit): Promise<Answer> {
  const response = await reach(url, init)
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw asError(response.status, body)
  return { status: response.status, etag: response.headers.get('etag') ?? undefined, body }
}

async function askText(url: string, init: RequestInit): Promise<string> {
  const response = await reach(url, init)
  const text = await response.text()
  if (!response.ok) throw asError(response.status, parsed(text))
  return text
}

async function askBytes(url: string, init: RequestInit): Promise<ReadableStream<Uint8Array>> {
  const response = await reach(url, init, downloadMs)
  if (!response.ok || response.body === null) throw asError(response.status, parsed(await response.text()))
  return response.body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function reach(url: string, init: RequestInit, waits = timeoutMs): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(waits) })
  } catch (cause) {
    const what = `the API at ${new URL(url).origin} does not answer`
    const mend = 'check that it runs; on this machine: bevis stack status'
    throw new CliError({ exit: 'unreachable', code: 'api/unreachable', what, mend }, { cause })
  }
}

const problem = z.looseObject({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string(), hint: z.string().optional() })).optional(),
  /** Of a list that cannot be drawn: which cases, and why each. */
  cases: z.array(z.looseObject({ id: z.string(), because: z.string() })).optional(),
  /** Of a list that cannot be approved yet. */
  unopened: z.array(z.string()).optional(),
  /** What holds an act back, or what it lacks: says more than the detail, which only points there. */
  text: z.looseObject({ en: z.string() }).optional(),
  /** What speaks against the person who asks. */
  findings: z.array(z.looseObject({ rule: z.string(), because: z.looseObject({ en: z.string() }) })).optional(),
  /** What was named and is nothing of the kind. */
  unfit: z.array(z.string()).optional(),
  /** What is there already, and how it stands. */
  appeal: z.string().optional(),
  erasure: z.string().optional(),
  revocation: z.string().optional(),
  state: z.string().optional(),
  /** What of the record, and why not. */
  where: z.string().optional(),
  because: z.string().optional(),
})

const exits: Readonly<Record<number, Exit>> = {
  400: 'usage',
  401: 'not-allowed',
  403: 'not-allowed',
  404: 'not-found',
  409: 'conflict',
  412: 'conflict',
  503: 'unreachable',
}

/** Codes that say more than their status. */
const exitsOfCodes: Readonly<Record<string, Exit>> = { record_damaged: 'verification-failed', log_frozen: 'conflict' }

function asError(status: number, body: unknown): CliError {
  const read = problem.safeParse(body)
  const exit = exitsOfCodes[read.data?.code ?? ''] ?? exits[status] ?? 'failure'
  if (!read.success) {
    const mend = 'check that the address is that of a Beviskedja API'
    return new CliError({ exit, code: `api/http-${status}`, what: `the API answered ${status}`, mend })
  }
  const { code, title, detail, errors = [], cases = [], unopened = [], text } = read.data
  const lines = errors.map(
    (error) => `${error.pointer} ${error.detail}${error.hint === undefined ? '' : `: ${error.hint}`}`,
  )
  const listed = cases.map(({ id, because }) => `${id} ${because}`)
  const { appeal, erasure, revocation, state, where, because, findings = [], unfit = [] } = read.data
  const stands = state === undefined ? [] : [`${appeal ?? erasure ?? revocation ?? 'it'} is ${state}`]
  const why = [where, because].filter((part) => part !== undefined)
  const against = findings.map((one) => `${one.rule}: ${one.because.en}`)
  return new CliError({
    exit,
    code: `api/${code}`,
    what: title,
    mend: [
      text?.en ?? detail,
      ...lines,
      ...listed,
      ...unopened,
      ...against,
      ...unfit,
      ...stands,
      ...(why.length === 0 ? [] : [why.join(': ')]),
    ].join('\n'),
  })
}

/** Reads an answer by its shape. @throws CliError `api/unexpected` when the API speaks another version */
export function shaped<Shape extends z.ZodType>(shape: Shape, { body }: Answer): z.output<Shape> {
  const read = shape.safeParse(body)
  if (read.success) return read.data
  const where = read.error.issues[0]?.path.join('.') ?? ''
  const what = `the API answered in a form this version does not know (${where})`
  throw new CliError({ exit: 'failure', code: 'api/unexpected', what, mend: 'use the bevis that belongs to the API' })
}

/** Every page of a list, from the first. @throws CliError `api/…` */
export async function* pages<Page extends z.ZodType<{ readonly next: string | null }>>(
  api: ApiClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  shape: Page,
): AsyncGenerator<z.output<Page>> {
  let cursor: string | undefined
  do {
    const page = shaped(shape, await api.get(path, { ...query, limit: '200', cursor }))
    yield page
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}

/** All items of a list. @throws CliError `api/…` */
export async function everyPage<Item extends z.ZodType>(
  api: ApiClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  item: Item,
): Promise<z.output<Item>[]> {
  const items: z.output<Item>[] = []
  const shape = z.object({ items: z.array(item), next: z.string().nullable() })
  for await (const page of pages(api, path, query, shape)) items.push(...page.items)
  return items
}
