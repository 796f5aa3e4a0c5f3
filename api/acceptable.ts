/** Which of our forms a client takes (RFC 9110 §12.5.1); without it somebody who asked for a picture would get JSON and a 200. */
import type { Context, MiddlewareHandler } from 'hono'
import { accepts } from 'hono/accepts'
import type { ApiEnv } from './dependencies.ts'
import { Problem } from './problem.ts'

/** The form the client prefers among those offered, the first one where it takes anything; undefined where it takes none. */
export function preferred<Form extends string>(c: Context<ApiEnv>, offered: readonly Form[]): Form | undefined {
  const [first] = offered
  const header = c.req.header('accept')
  if (header === undefined || header.trim() === '' || first === undefined) return first
  const named = accepts(c, { header: 'Accept', supports: [...offered], default: '' })
  if (named !== '') return offered.find((one) => one === named)
  return takesAnything(header) ? first : undefined
}

/** Refuses with 406 who takes none of the forms. */
export function demandAcceptable(offered: readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (offered.length > 0 && preferred(c, offered) === undefined) {
      throw new Problem('not_acceptable', { members: { offered } })
    }
    await next()
  }
}

function takesAnything(header: string): boolean {
  return header
    .split(',', 50)
    .some((part) => /^\s*\*(?:\/\*)?\s*(?:;|$)/.test(part) && !/;\s*q\s*=\s*0(?:\.0{0,3})?\s*(?:;|$)/.test(part))
}
