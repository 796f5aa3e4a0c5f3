import { expect, test } from 'vitest'
import { patternsOf, renamed, rowsOf } from '../../bench/floors/patterns.ts'

const trail = '0d0a1f5e-0000-4000-8000-1234567890ab'
const leaf = Buffer.from(`{"trail":"${trail}","id":"case_abc234:opened:1"}`).toString('hex')
const columns = ['id', 'trail', 'leaf', 'sequence', 'note'].map((name) => ({ name, type: 'text' }))
const sample = { table: 'audit.entry', columns, rows: [['case_abc234:opened:1', trail, `\\x${leaf}`, '7', null]] }
const names = { case_abc234: 'event', [trail]: 'learner' } as const

test('a row made from a pattern has names of its own wherever the sample has one, inside bytes as well', () => {
  const [pattern] = patternsOf([sample], names)
  if (pattern === undefined) throw new Error('no pattern')
  const [row] = rowsOf(pattern, { event: 'e1', learner: 'l1', sequence: 41 })
  const [id, own, bytes, sequence, note] = row ?? []
  expect(id).toMatch(/^case_[0-9a-f]{6}:opened:1$/)
  expect(own).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect([id, own]).not.toEqual(sample.rows[0]?.slice(0, 2))
  expect(Buffer.from(bytes?.slice(2) ?? '', 'hex').toString()).toBe(`{"trail":"${own}","id":"${id}"}`)
  expect([sequence, note]).toEqual(['41', null])
})

test('the same seed makes the same name, another seed another, and each name follows the seed of its owner', () => {
  expect(renamed('case_abc234', 'one')).toBe(renamed('case_abc234', 'one'))
  expect(renamed('case_abc234', 'one')).not.toBe(renamed('case_abc234', 'two'))
  const [pattern] = patternsOf([sample], names)
  if (pattern === undefined) throw new Error('no pattern')
  const of = (event: string, learner: string) => rowsOf(pattern, { event, learner, sequence: 1 })[0]?.slice(0, 2)
  const [first, other] = [of('e1', 'l1'), of('e2', 'l1')]
  expect(other?.[1]).toBe(first?.[1])
  expect(other?.[0]).not.toBe(first?.[0])
})
