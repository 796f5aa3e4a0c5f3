import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { depthOf } from '#api/limits.ts'
import { type ApiWorld, createApiWorld } from './world.ts'

describe('what a request may be', () => {
  let w: ApiWorld
  beforeAll(async () => {
    w = await createApiWorld()
  })
  afterAll(() => w.dispose())

  const verify = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await w.ask(undefined, '/v1/verify', { body, headers })
    return [response.status, ((await response.json()) as { code: string }).code]
  }

  test('a body of 256 KiB at most, also when it does not say how long it is', async () => {
    const large = JSON.stringify({ credential: 'x'.repeat(300_000) })
    expect(await verify(large)).toEqual([413, 'body_too_large'])
    const chunked = await fetch(`${w.api.url}/v1/verify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect([chunked.status, await chunked.json()]).toMatchObject([413, { code: 'body_too_large' }])
  })

  test('JSON, well-formed, and not deeper than 20 levels', async () => {
    expect(await verify('{"credential": ')).toEqual([400, 'malformed_json'])
    expect(await verify('x=1', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([
      415,
      'unsupported_media_type',
    ])
    expect(await verify(`${'['.repeat(21)}${']'.repeat(21)}`)).toEqual([400, 'json_too_deep'])
    expect(await verify('')).toEqual([400, 'malformed_json'])
  })

  test('what is wrong is told with a pointer to each place', async () => {
    const response = await w.ask(undefined, '/v1/verify', { body: { credential: '', expectedIssuer: 7 } })
    expect(await response.json()).toMatchObject({
      code: 'invalid_request',
      errors: [
        { in: 'body', pointer: '/credential' },
        { in: 'body', pointer: '/expectedIssuer' },
      ],
      traceId: response.headers.get('x-trace-id'),
    })
  })

  test('text that can be stored, in address and body', async () => {
    const paths = ['/v1/institutions/norrsken/cases/%00', '/v1/institutions/norrsken/cases?q=%ff', '/problems/%E0%A4%A']
    for (const path of paths) {
      const response = await w.ask('officer', path)
      expect([response.status, await response.json()], path).toMatchObject([
        400,
        { code: 'invalid_request', errors: [{ code: 'not_text' }] },
      ])
    }
    for (const text of ['"a\\u0000b"', '"\\ud800"']) {
      const response = await w.ask(undefined, '/v1/verify', { body: `{"credential":${text}}` })
      expect(await response.json()).toMatchObject({
        errors: [{ in: 'body', pointer: '/credential', code: 'not_text' }],
      })
    }
    expect(await verify('{"credential":"a\\\\u0000b"}')).not.toEqual([400, 'invalid_request'])
  })

  test('by a method the address knows, in a form the client takes', async () => {
    const wrong = await w.ask('officer', '/v1/institutions/norrsken/cases', { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toMatchObject([
      405,
      'GET, HEAD',
      { code: 'method_not_allowed' },
    ])
    expect((await w.ask('officer', '/nowhere', { method: 'DELETE' })).status).toBe(404)
    const picture = await w.ask(undefined, '/v1/levels', { headers: { accept: 'image/png, */*;q=0' } })
    expect([picture.status, await picture.json()]).toMatchObject([406, { offered: ['application/json'] }])
    for (const accept of ['image/png, */*;q=0.1', 'application/*', 'application/json; q=0.5'])
      expect((await w.ask(undefined, '/v1/levels', { headers: { accept } })).status, accept).toBe(200)
  })

  test('each problem has a page of its own, for people in their language and for programs', async () => {
    const path = '/problems/separation'
    const page = await w.ask(undefined, path, { headers: { accept: 'text/html', 'accept-language': 'sv' } })
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(await page.text()).toMatch(
      /<html lang="sv">[^]*<section lang="sv"><h2>Jäv[^]*<section lang="en"><h2>Conflict/,
    )
    expect(await (await w.ask(undefined, path)).json()).toMatchObject({ code: 'separation', status: 403 })
    expect((await w.ask(undefined, '/problems/nothing')).status).toBe(404)
  })

  test('answers cannot be framed or sniffed, and only public documents are open to other sites', async () => {
    const headers = { origin: 'https://elsewhere.example' }
    const closed = await w.ask('officer', '/v1/institutions/norrsken/me', { headers })
    expect(closed.headers.get('access-control-allow-origin')).toBeNull()
    expect(closed.headers.get('cache-control')).toBe('no-store')
    expect(closed.headers.get('x-content-type-options')).toBe('nosniff')
    expect(closed.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })
})

test('depth is counted outside strings', () => {
  expect(depthOf('{"a":[1,{"b":"[[[[\\"[["}]}')).toBe(3)
  expect(depthOf('"[[[')).toBe(0)
})
