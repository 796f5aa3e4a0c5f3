/** A page for each way of failing: what every `type` of a problem answer leads to, for people and for programs. */
import { z } from '@hono/zod-openapi'
import { preferred } from '../acceptable.ts'
import type { Api } from '../dependencies.ts'
import type { Language } from '../language.ts'
import { Problem } from '../problem.ts'
import { type ProblemKind, problems } from '../problems.ts'
import { answer, declare } from '../route.ts'
import { text } from '../schemas/words.ts'

const explained = z.object({ code: z.string(), status: z.int(), title: text, detail: text }).openapi('ProblemKind')

const json = 'application/json'
const html = 'text/html'

const list = declare('listProblems', {
  method: 'get',
  path: '/problems',
  summary: 'Every problem code',
  tags: ['service'],
  responses: { 200: answer('In both languages', z.object({ items: z.array(explained) })) },
})

const show = declare('explainProblem', {
  method: 'get',
  path: '/problems/{code}',
  summary: 'What a problem code means',
  description: 'Every `type` of a problem answer leads here. A page for people where Accept prefers text/html.',
  tags: ['service'],
  request: { params: z.object({ code: z.string().max(100) }) },
  responses: {
    200: {
      description: 'In both languages; as a page in the one of Accept-Language first',
      content: { [json]: { schema: explained }, [html]: { schema: z.string() } },
    },
  },
})

export function problemRoutes(app: Api): void {
  app.openapi(list, (c) => {
    const items = Object.entries(problems).map(([code, kind]) => ({ code, ...kind }))
    return c.json({ items }, 200)
  })

  app.openapi(show, (c) => {
    const { code } = c.req.valid('param')
    const kind = Object.entries(problems).find(([name]) => name === code)?.[1]
    if (kind === undefined) throw new Problem('not_found')
    c.header('vary', 'Accept', { append: true })
    c.header('cache-control', 'public, max-age=3600')
    if (preferred(c, [json, html]) === json) return c.json({ code, ...kind }, 200)
    c.header('content-language', c.var.language)
    return c.html(pageOf(code, kind, c.var.language), 200)
  })
}

const other: Readonly<Record<Language, Language>> = { sv: 'en', en: 'sv' }

/** Only words of our own (`problems.ts`) and a code that was found there: nothing a caller sent. */
function pageOf(code: string, { status, title, detail }: ProblemKind, language: Language): string {
  const part = (of: Language) =>
    `<section lang="${of}"><h2>${escaped(title[of])}</h2><p>${escaped(detail[of])}</p></section>`
  return [
    '<!doctype html>',
    `<html lang="${language}">`,
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title[language])} (${status})</title></head>`,
    `<body><main><h1><code>${code}</code> (HTTP ${status})</h1>`,
    part(language),
    part(other[language]),
    '</main></body></html>',
    '',
  ].join('\n')
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
