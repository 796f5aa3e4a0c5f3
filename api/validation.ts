/** What zod found wrong, as problem errors: all of them at once, with a pointer to each place (RFC 9457 §3). */
import type { Context } from 'hono'
import type { ApiEnv } from './dependencies.ts'
import { Problem, type ProblemError } from './problem.ts'

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly code?: string | undefined
  readonly message: string
}

type Result = { readonly target: string } & (
  | { readonly success: true }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } }
)

const places: Readonly<Record<string, ProblemError['in']>> = {
  json: 'body',
  query: 'query',
  param: 'path',
  header: 'header',
}

/** Default hook of all routes. A path that cannot be an id of ours names nothing: 404, not 400. */
export function failOnInvalid(result: Result, _c: Context<ApiEnv>): undefined {
  if (result.success) return undefined
  if (result.target === 'param') throw new Problem('not_found')
  const place = places[result.target] ?? 'body'
  throw new Problem('invalid_request', { errors: result.error.issues.map((issue) => errorOf(issue, place)) })
}

function errorOf(issue: Issue, place: ProblemError['in']): ProblemError {
  return { in: place, pointer: pointer(issue.path), code: issue.code ?? 'invalid', detail: issue.message }
}

/** RFC 6901. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
