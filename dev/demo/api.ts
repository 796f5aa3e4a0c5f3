/** The demo's people at the API: they log in, look and decide over HTTP, as they would from the console. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { getAccessToken } from '../oidc-client.ts'
import type { Stack } from '../stack.ts'

export interface Answer {
  readonly status: number
  readonly etag: string | null
  readonly body: unknown
}

/** A case as the API shows it; only what the demo reads. */
export interface CaseView {
  readonly id: string
  readonly state: string
  readonly step: string
  readonly promised: string
  readonly evidenceLevel?: string
  readonly level?: string
  readonly evidenceVersion: number
  readonly waiting?: { readonly for: unknown; readonly since?: string; readonly until?: string }
  readonly judgements: readonly { readonly gate: string; readonly outcome: string; readonly evidenceVersion: number }[]
  readonly higher: readonly { readonly band: string; readonly lacks: readonly Lacking[] }[]
  readonly deciders: readonly { readonly role: string; readonly person: string }[]
  readonly credentials: readonly { readonly id: string; readonly format: string }[]
  readonly seen: { readonly evidenceVersion: number; readonly digest: string }
}

interface Request {
  readonly method?: 'POST'
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Lacking {
  readonly rule: string
  readonly missing?: { readonly sv: string; readonly en: string }
}

const institution = 'norrsken'

/** @throws Error when the answer is none of the statuses that were expected; the demo stops at the first surprise */
export class Api {
  readonly #stack: Stack
  readonly #keepLoginsMs: number
  readonly #subjects = subjectsByPerson()
  readonly #logins = new Map<string, { readonly token: Promise<string>; readonly until: number }>()

  /** @param keepLoginsMs how long one login serves; 0, the usual, logs in for every call */
  constructor(stack: Stack, keepLoginsMs = 0) {
    this.#stack = stack
    this.#keepLoginsMs = keepLoginsMs
  }

  async call(sub: string, path: string, init: Request = {}): Promise<Answer> {
    const token = await this.#tokenOf(sub)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers }
    const response = await fetch(`${this.#stack.urls.public}${path}`, { ...init, headers })
    const text = await response.text()
    return { status: response.status, etag: response.headers.get('etag'), body: parse(text) }
  }

  async get(sub: string, path: string): Promise<Answer> {
    return expectStatus(await this.call(sub, `/v1/institutions/${institution}${path}`), [200])
  }

  post(sub: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const init: Request = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'idempotency-key': randomUUID(), ...headers },
    }
    return this.call(sub, `/v1/institutions/${institution}${path}`, init)
  }

  async caseView(sub: string, id: string): Promise<{ view: CaseView; etag: string }> {
    const { body, etag } = await this.get(sub, `/cases/${id}`)
    return { view: body as CaseView, etag: etag ?? '' }
  }

  /** Reads the case as the decider sees it and decides on exactly that. */
  async decide(sub: string, id: string, decision: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { view, etag } = await this.caseView(sub, id)
    const answer = await this.post(
      sub,
      `/cases/${id}/decisions`,
      { ...decision, seen: view.seen },
      { 'if-match': etag },
    )
    return expectStatus(answer, [200, 202])
  }

  #tokenOf(sub: string): Promise<string> {
    const kept = this.#logins.get(sub)
    if (kept !== undefined && Date.now() < kept.until) return kept.token
    const token = getAccessToken(this.#stack.urls.oidcIssuer, sub)
    this.#logins.set(sub, { token, until: Date.now() + this.#keepLoginsMs })
    return token
  }

  /** The login of a person of the register. */
  subjectOf(person: string): string {
    const sub = this.#subjects.get(person)
    if (sub === undefined) throw new Error(`${person} has no login`)
    return sub
  }
}

export function expectStatus(answer: Answer, statuses: readonly number[]): Answer {
  if (statuses.includes(answer.status)) return answer
  throw new Error(`The API answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface DeclaredPerson {
  readonly id: string
  readonly references: readonly { readonly scheme: string; readonly value: string }[]
}

function subjectsByPerson(): Map<string, string> {
  const file = fileURLToPath(new URL('../register/norrsken/people.json', import.meta.url))
  const { people } = JSON.parse(readFileSync(file, 'utf8')) as { people: readonly DeclaredPerson[] }
  return new Map(
    people.flatMap(({ id, references }) => {
      const login = references.find(({ scheme }) => scheme === 'oidc')
      return login === undefined ? [] : [[id, login.value] as const]
    }),
  )
}
