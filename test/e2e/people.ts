/** People of the demo register at the API: they log in, look and decide, as they would from a console. */
import { randomUUID } from 'node:crypto'
import type { CaseView as ShortView } from '#dev/demo/api.ts'
import { getAccessToken, type LoginOptions } from '#dev/oidc-client.ts'
import type { CaseId } from '#domain/words.ts'
import { demoRegister } from '../config/register-folder.ts'
import { norrsken } from './emitters.ts'

/** A case as the API shows it; what tests read. */
export interface CaseView extends ShortView {
  readonly traceId?: string
  readonly learner: { readonly id: string; readonly name?: string; readonly protected: boolean }
  readonly deciders: readonly { readonly role: string; readonly person: string; readonly rule: string }[]
  readonly decisions: readonly { readonly id: string; readonly person: string; readonly outcome: string }[]
  readonly evidence: readonly { readonly id: string; readonly kind: string; readonly withdrawnBy?: string }[]
}

export interface Answer {
  readonly status: number
  readonly etag: string
  readonly type: string
  readonly body: unknown
}

export interface People {
  /** An access token, as `--token-file` takes it. */
  token(sub: string): Promise<string>
  get(sub: string, path: string): Promise<Answer>
  post(sub: string, path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** What an order answers with, byte for byte. */
  download(sub: string, path: string, body: unknown): Promise<{ readonly status: number; readonly bytes: Uint8Array }>
  view(id: CaseId): Promise<{ readonly view: CaseView; readonly etag: string }>
  /** Decides on exactly what the case shows now, or on what was read before (`read`). */
  decide(sub: string, id: CaseId, decision: object, read?: { view: CaseView; etag: string }): Promise<Answer>
  /** Whoever holds the role the case waits for, by login. */
  asked(view: CaseView): string | undefined
}

type Init = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

const officer = 'officer-1'

export function peopleAt(api: { readonly url: string }, issuer: string): People {
  const logins = loginsByPerson()
  const ask = async (sub: string, path: string, init: Init, login: LoginOptions = {}): Promise<Response> => {
    const headers = {
      authorization: `Bearer ${await getAccessToken(issuer, sub, login)}`,
      'content-type': 'application/json',
      ...init.headers,
    }
    return fetch(`${api.url}/v1/institutions/${norrsken}${path}`, { ...init, headers })
  }
  const call = async (sub: string, path: string, init: Init): Promise<Answer> => {
    const response = await ask(sub, path, init)
    const text = await response.text()
    const header = (name: string) => response.headers.get(name) ?? ''
    return { status: response.status, etag: header('etag'), type: header('content-type'), body: parsed(text) }
  }
  const people: People = {
    token: (sub) => getAccessToken(issuer, sub),
    get: (sub, path) => call(sub, path, {}),
    post: (sub, path, body, headers = {}) =>
      call(sub, path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'idempotency-key': randomUUID(), ...headers },
      }),
    download: async (sub, path, body) => {
      const response = await ask(sub, path, { method: 'POST', body: JSON.stringify(body) })
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
    },
    view: async (id) => {
      const { status, body, etag } = await people.get(officer, `/cases/${id}`)
      if (status !== 200) throw new Error(`${id}: ${status} ${JSON.stringify(body)}`)
      return { view: body as CaseView, etag }
    },
    decide: async (sub, id, decision, read) => {
      const { view, etag } = read ?? (await people.view(id))
      return people.post(sub, `/cases/${id}/decisions`, { ...decision, seen: view.seen }, { 'if-match': etag })
    },
    asked: ({ state, waiting, deciders }) => {
      const role = (waiting?.for as { role?: string } | undefined)?.role
      const decider = state === 'deciding' ? deciders.find((one) => one.role === role) : undefined
      return decider === undefined ? undefined : logins.get(decider.person)
    },
  }
  return people
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function loginsByPerson(): Map<string, string> {
  return new Map(
    demoRegister().people.flatMap(({ id, references }) =>
      references.filter(({ scheme }) => scheme === 'oidc').map(({ value }) => [id as string, value] as const),
    ),
  )
}
