import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openLog } from '#connectors/platform/log.ts'
import type { SafeFields } from '#connectors/platform/safe-fields.ts'

const secrets = [
  '19900101-1234',
  '900101-1234',
  '199001011234',
  'asa.berg@example.org',
  'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJBc2EifQ.c2lnbmF0dXJl',
  'Bearer abcdefgh',
  'SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4',
  'nXhbOGoLTzr6ZqMzD7mCC0MDmYQx0uXCSbTjXnYvH0E',
]

function lineOf(text: string, fields?: SafeFields): string {
  const lines: string[] = []
  openLog({ process: 'test', level: 'trace', write: (line) => lines.push(line) })('error', text, fields)
  expect(lines).toHaveLength(1)
  return lines[0] ?? ''
}

describe('a line of the log', () => {
  test('tells who, what and where in fields that can be searched', () => {
    const fields = { case_id: 'case_abc234', institution: 'norrsken', event_id: 'e-1', trace_id: 'a'.repeat(32) }
    expect(JSON.parse(lineOf('event refused', fields))).toEqual({
      time: expect.any(String),
      level: 'error',
      process: 'test',
      message: 'event refused',
      ...fields,
    })
  })

  test('has no field that is not in the list, and none in another shape than its own', () => {
    const fields = { name: 'Åsa Berg', body: { learner: 'Åsa' }, case_id: 'Åsa Berg', code: 'Åsa has no grade' }
    const line = lineOf('event refused', fields as SafeFields)
    expect(line).not.toContain('Åsa')
    expect(JSON.parse(line)).toMatchObject({ case_id: '[withheld]', code: '[withheld]' })
  })

  test.each(secrets)('masks %s wherever it stands', (secret) => {
    const error = Object.assign(new Error(secret), { code: secret, name: secret })
    expect(lineOf(`it was ${secret}`, { event_id: secret, source: secret, workflow_id: secret, error })).not.toContain(
      secret,
    )
  })

  test('never leaves out the password of an address without masking it', () => {
    expect(lineOf('waiting for postgres://bevis_api:Nq3v81xk@db/bevis')).not.toContain('Nq3v81xk')
  })

  test('keeps one line, whatever the text', () => {
    expect(lineOf('one\ntwo\u001B[31m').trimEnd()).not.toMatch(/\p{Cc}/u)
  })
})

describe('an error in the log', () => {
  test('leaves class, code and frames, and no word of a row that Postgres quotes', () => {
    const row = { detail: 'Key (name)=(Åsa Berg) already exists.', parameters: ['Åsa Berg'], query: "select 'Åsa'" }
    const error = Object.assign(new postgres.PostgresError('duplicate key Åsa Berg'), { code: '23505', ...row })
    const line = lineOf('failed', { error: new Error(`insert failed: ${row.detail}`, { cause: error }) })
    expect(line).not.toContain('Åsa')
    expect(JSON.parse(line)).toMatchObject({ error: 'Error', causes: ['PostgresError 23505'] })
    expect(JSON.parse(line)).toHaveProperty('frames.0', expect.stringContaining('log.test.ts'))
  })

  test('leaves nothing of what a shape was given', () => {
    const { error } = z.object({ grade: z.enum(['pass']) }).safeParse({ grade: 'Åsa Berg' })
    expect(lineOf('failed', { error })).not.toContain('Åsa')
  })

  test('takes no message for a frame', () => {
    const error = new Error('x\n    at Åsa Berg (/home/19900101-1234:1:1)\n    at asa (/srv/asa.berg:1:2)')
    expect(lineOf('failed', { error })).not.toMatch(/Åsa|asa/)
  })

  test('takes no sentence for a code or a class', () => {
    const error = Object.assign(new Error('x'), { code: 'Åsa Berg, born 1970', name: 'Åsa Berg' })
    expect(JSON.parse(lineOf('failed', { error }))).toMatchObject({ error: 'Error' })
    expect(lineOf('failed', { error })).not.toContain('Åsa')
    expect(lineOf('failed', { error: 'Åsa Berg' })).not.toContain('Åsa')
  })
})
