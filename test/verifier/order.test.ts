/** A case that an older copy of the record took back: its trail tells two lives, and what the first had earned does not count in the second. */
import { expect, test } from 'vitest'
import type { Entry } from '#audit/entry.ts'
import { caseGates } from '#domain/gates/judge.ts'
import { judgeMoves, judgeOrder } from '#verifier/order.ts'

const credential = 'cred_x'
let n = 0

function told(type: string, outcome: string, data: NonNullable<Entry['data']> = {}, reason?: string): Entry {
  n += 1
  const act = { meaning: 'cause' in data ? 'case-moved' : type, outcome, ...(reason === undefined ? {} : { reason }) }
  const actor = { ref: 'pipeline', kind: 'service', role: 'gate' } as const
  return {
    n,
    id: `case_x:${type}:${n}`,
    type,
    act,
    data,
    actor,
    trail: 't',
    log: 'l',
    v: 'bevis-audit/1',
    prev: '',
    at: '',
  } as Entry
}

const moved = (to: string, cause: string, evidenceVersion: number) =>
  told(`case.${to}/1`, to, { cause, evidenceVersion })
const passed = (gate: string, evidenceVersion: number) =>
  told('gate.judged/1', 'pass', { gate, outcome: 'pass', evidenceVersion })

/** From the gates to the end, as band E goes. */
function issuedAt(version: number): Entry[] {
  const gates = caseGates.filter((gate) => gate !== 'approval').map((gate) => passed(gate, version))
  const verdicts = gates.map(({ id }) => id)
  return [
    ...gates,
    told('issuance.cleared/1', 'cleared', {
      cause: 'all-passed',
      evidenceVersion: version,
      verdicts,
      credentials: [credential],
    }),
    ...signed(version),
  ]
}

function signed(version: number): Entry[] {
  return [
    told('signing.requested/1', 'success', { credential }),
    told('credential.issued/1', 'success', { credential }),
    moved('issued', 'credential-stored', version),
  ]
}

const goneBack = (to: string) => told('case.gone-back/1', to, { cause: 'record-lost', evidenceVersion: 3 }, 'disk-lost')
const begun = () => [told('case.opened/1', 'received'), moved('judging', 'gates-started', 1)]

test('goes on from where it stands again, and earns everything anew', () => {
  const trail = [...begun(), ...issuedAt(2), goneBack('judging'), ...issuedAt(4)]
  expect([judgeMoves(trail).because.en, judgeOrder(trail).outcome]).toEqual([
    expect.stringContaining('the case is issued'),
    'passed',
  ])
})

test('is not signed again on what was cleared before', () => {
  const trail = [...begun(), ...issuedAt(2), goneBack('cleared'), ...signed(4)]
  expect(judgeOrder(trail).because.en).toContain('not-cleared')
  const kept = [...begun(), ...issuedAt(2), goneBack('cleared'), moved('issued', 'credential-stored', 2)]
  expect(judgeMoves(kept).because.en).toContain('clearance')
})

test('goes back to no end', () => {
  expect(judgeMoves([...begun(), goneBack('issued')]).because.en).toContain('unknown-state')
})
