/** Where a verifier's keys and status lists come from: files it was handed, or the issuer's own addresses. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { VerifyContext, VerifyReport } from '#credentials/verify.ts'
import { readCompact } from '#credentials/verifying/compact.ts'
import { couldNotCheck, type Found } from '#credentials/verifying/report.ts'
import type { IssuerJwk } from '#credentials/verifying/signature.ts'
import { CliError } from './cli-error.ts'
import { readJsonInput } from './input.ts'

export interface SourceValues {
  readonly jwks?: string
  readonly 'status-lists'?: string
  readonly issuer?: string
  readonly offline?: true
}

export interface Sources {
  contextFor(jwt: string): Omit<VerifyContext, 'now'>
  /** Adds the answer to "whose is it?" where nobody said whom to expect: anyone can publish keys at an address of their own. */
  withIssuer(jwt: string, report: VerifyReport): VerifyReport
}

/** @param home base of our own installation, whose institutions are known issuers here */
export function openSources(values: SourceValues, home: string | undefined): Sources {
  const { jwks, issuer: expected } = values
  const web = values.offline === true ? nobody : rememberingWeb()
  const given = jwks === undefined ? undefined : givenKeys(jwks, web)
  const expectedFor = (jwt: string): string | undefined => expected ?? knownIssuer(jwt, home)
  return {
    contextFor: (jwt) => {
      const expectedIssuer = expectedFor(jwt)
      return {
        resolveKeys: given ?? ((issuer) => publishedKeys(issuer, web)),
        resolveStatusList: listSource(values['status-lists'], web),
        ...(expectedIssuer === undefined ? {} : { expectedIssuer }),
      }
    },
    withIssuer: (jwt, report) =>
      given !== undefined || expectedFor(jwt) !== undefined ? report : unrecognised(report),
  }
}

function unrecognised(report: VerifyReport): VerifyReport {
  const because = couldNotCheck(
    'Utfärdaren är inte känd här; ange vem det ska vara med --issuer.',
    'The issuer is not known here; say whom to expect with --issuer.',
  )
  const result = report.result === 'verified' ? 'could-not-verify' : report.result
  return { ...report, result, checks: [...report.checks, { id: 'issuer', ...because }] }
}

function knownIssuer(jwt: string, home: string | undefined): string | undefined {
  const document = readCompact(jwt)
  if (typeof document === 'string' || home === undefined) return undefined
  return document.issuer.startsWith(`${home}/institutions/`) ? document.issuer : undefined
}

type Web = (url: string) => Promise<Found<string>>

const nobody: Web = async () => ({ kind: 'unreachable' })
const timeoutMs = 10_000
const largest = 5_000_000

/** Each address is asked once, however many credentials lead to it. */
function rememberingWeb(): Web {
  const asked = new Map<string, Promise<Found<string>>>()
  return (url) => {
    const before = asked.get(url)
    if (before !== undefined) return before
    const asking = ask(url)
    asked.set(url, asking)
    return asking
  }
}

async function ask(address: string): Promise<Found<string>> {
  if (!isAskable(address)) return { kind: 'unreachable' }
  try {
    const response = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    if (response.status === 404) return { kind: 'not-found' }
    const text = response.ok ? await response.text() : ''
    return text === '' || text.length > largest ? { kind: 'unreachable' } : { kind: 'found', value: text }
  } catch {
    return { kind: 'unreachable' }
  }
}

/** Without TLS only this machine: on the way from anywhere else a key set could be exchanged. */
function isAskable(address: string): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  return (
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
  )
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })) })

function parseKeys(text: string): Found<readonly IssuerJwk[]> {
  try {
    return { kind: 'found', value: keySet.parse(JSON.parse(text)).keys as readonly IssuerJwk[] }
  } catch {
    return { kind: 'unreachable' }
  }
}

/** The issuer's key set stands at `<issuer>/keys`. */
async function publishedKeys(issuer: string, web: Web): Promise<Found<readonly IssuerJwk[]>> {
  const found = await web(`${issuer}/keys`)
  return found.kind === 'found' ? parseKeys(found.value) : found
}

/** Keys somebody vouches for. One file may have those of several issuers: a key named by an address speaks for that issuer alone. */
function givenKeys(where: string, web: Web): VerifyContext['resolveKeys'] {
  const isAddress = /^https?:\/\//.test(where)
  const fromFile = isAddress ? undefined : fileKeys(where)
  return async (issuer) => {
    const answer = fromFile === undefined ? await web(where) : undefined
    const found = answer === undefined ? fromFile : answer.kind === 'found' ? parseKeys(answer.value) : answer
    if (found?.kind !== 'found') return found ?? { kind: 'unreachable' }
    const speaksFor = ({ kid = '' }: IssuerJwk) => !/^https?:\/\//.test(kid) || kid.startsWith(`${issuer}/`)
    return { kind: 'found', value: found.value.filter(speaksFor) }
  }
}

function fileKeys(file: string): Found<readonly IssuerJwk[]> {
  const read = keySet.safeParse(readJsonInput(file))
  if (read.success) return { kind: 'found', value: read.data.keys as readonly IssuerJwk[] }
  const mend = 'give a JSON document {"keys": [ … ]} (RFC 7517)'
  throw new CliError({ exit: 'usage', code: 'verify/no-key-set', what: `${file} is no key set`, mend })
}

/** From a folder, by the last part of the list's address; the list's own id must be that whole address. */
function listSource(folder: string | undefined, web: Web): VerifyContext['resolveStatusList'] {
  if (folder === undefined) return web
  if (!existsSync(folder)) {
    const mend = 'give the folder with the status lists, one <id>.jwt each'
    throw new CliError({ exit: 'not-found', code: 'input/unreadable', what: `${folder} is not there`, mend })
  }
  return async (url) => {
    const id = url.slice(url.lastIndexOf('/') + 1)
    const file = join(folder, `${id}.jwt`)
    if (!/^[A-Za-z0-9_-]{1,100}$/.test(id) || !existsSync(file)) return { kind: 'unreachable' }
    return { kind: 'found', value: readFileSync(file, 'utf8').trim() }
  }
}
