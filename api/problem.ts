/** A failure on its way to the caller as `application/problem+json`; without it every route would invent its own error (RFC 9457). */
import type { Context } from 'hono'
import type { ApiEnv } from './dependencies.ts'
import { type ProblemCode, type ProblemKind, problems } from './problems.ts'

/** One thing wrong with the request; all of them are told at once. */
export interface ProblemError {
  readonly in: 'body' | 'query' | 'path' | 'header'
  /** JSON Pointer (RFC 6901) into the body, or `/<name>` of the parameter. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
  readonly hint?: string
}

export interface ProblemExtras {
  readonly errors?: readonly ProblemError[]
  readonly headers?: Readonly<Record<string, string>>
  /** Members of their own: what changed, which rule. Codes, never personal data. */
  readonly members?: Readonly<Record<string, unknown>>
}

/** Thrown by guards and routes, turned into an answer in one place. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly extras: ProblemExtras
  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    super(code)
    this.code = code
    this.extras = extras
  }
}

/** The answer for a problem, in the caller's language. */
export function problemResponse(c: Context<ApiEnv>, problem: Problem): Response {
  const { status, title, detail }: ProblemKind = problems[problem.code]
  const { errors, headers, members } = problem.extras
  const body = {
    type: `${c.var.deps.publicUrl}/problems/${problem.code}`,
    title: title[c.var.language],
    status,
    detail: detail[c.var.language],
    instance: new URL(c.req.url).pathname,
    code: problem.code,
    ...(errors === undefined ? {} : { errors }),
    ...members,
    traceId: c.var.traceId,
  }
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-language': c.var.language,
    'cache-control': 'no-store',
    ...headers,
  })
}
