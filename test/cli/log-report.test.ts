/** `bevis log report`: figures of a log that is whole, and none of one that is not. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { flip, signer, wholeLog } from '../audit/log/whole-log.ts'
import { bevis } from './run-bevis.ts'

const { folder, whole, damaged } = wholeLog()
const policyWith = (key: string): string => {
  const file = join(folder, 'report.policy')
  writeFileSync(file, `log ${key}\nquorum none\n`)
  return file
}
const report = (...args: readonly string[]) => bevis(['log', 'report', ...args])

test('tells what the log tells, whose log it is, and that nothing needs to be looked at', async () => {
  const { code, stdout, stderr } = await report('--dir', whole, '--policy', policyWith(signer.vkey))
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/Log +bevis\.example\.org\/norrsken\n/)
  expect(stdout).toMatch(/Signatures +judged by the policy\n/)
  expect(stdout).toMatch(/Cases +700 opened, 0 issued/)
  expect(stdout).toContain('Nothing to look at.')
})

test('counts the period that is asked for', async () => {
  const found = await report(
    '--dir',
    whole,
    '--from',
    '2026-03-01T10:01:00Z',
    '--until',
    '2026-03-01T10:02:00Z',
    '--json',
  )
  expect([found.code, found.json()]).toMatchObject([0, { size: 700, entries: 60 }])
})

test('tells no figure of a log that is not whole, or that the policy does not believe', async () => {
  const broken = await report(
    '--dir',
    damaged('report', (at) => flip(at('tile/entries/001'), 60)),
  )
  expect([broken.code, broken.stdout, broken.stderr]).toEqual([3, '', expect.stringContaining('log/not-whole')])
  const strange = await report('--dir', whole, '--policy', policyWith(signer.vkey.replace('norrsken', 'soderhav')))
  expect([strange.code, strange.stdout]).toEqual([expect.any(Number), ''])
  expect(strange.code).toBeGreaterThan(0)
})

test.each([
  [['--from', 'yesterday'], 'usage/from'],
  [['--zone', 'Mars/Olympus'], 'usage/zone'],
  [['--quick=-1'], 'usage/quick'],
  [['--quick', '-1'], 'write --quick=-1 if that is its value'],
])('refuses %j, and says what to give', async (args, code) => {
  const ended = await report('--dir', whole, ...args)
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining(code)])
})
