/** `bevis verify diploma.jwt --policy`: was its clearance in a witnessed log before it was signed? By the verifier's own policy, without network. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ed25519Signer } from '#audit/note-key.ts'
import { printProof } from '#audit/tlog-proof.ts'
import type { LogProof } from '#credentials/formats/evidence.ts'
import { promised } from '../domain/fixtures.ts'
import { type DocumentSigner, documentSigner } from '../support/documents.ts'
import { caseTrail, MemoryLog, origin, policyText } from '../support/memory-log.ts'
import { tellCase, tellOwn } from '../support/told-case.ts'
import { bevis } from './run-bevis.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-log-proof-'))
const at = (name: string) => join(folder, name)
const verify = (name: string, ...more: string[]) =>
  bevis(['verify', at(`${name}.jwt`), '--jwks', at('jwks.json'), '--status-lists', at('lists'), ...more])
const mine = ['--policy', at('mine.policy')]

/** A case of that name cleared, and the proof of its clearance as the signer gets it. */
async function cleared(id: string) {
  const log = new MemoryLog()
  tellOwn(log, 3)
  const input = promised.A()
  const told = await tellCase(log, caseTrail, { input: { ...input, case: { ...input.case, id } as typeof input.case } })
  const index = log.entries.findIndex(({ leaf }) => new TextDecoder().decode(leaf).includes(`"id":"${told.clearance}"`))
  const parts = {
    index,
    extra: log.entries[index]?.leaf ?? new Uint8Array(),
    path: log.inclusion(index),
    checkpoint: log.note(),
  }
  const proof = (changes: Partial<typeof parts> = {}): LogProof => ({
    origin,
    index,
    text: printProof({ ...parts, ...changes }),
  })
  return { log, proof }
}

let signer: DocumentSigner
beforeAll(async () => {
  signer = await documentSigner()
  const { log, proof } = await cleared('case_fixture')
  const other = await cleared('case_other')
  const proofs: Readonly<Record<string, LogProof>> = {
    sound: proof(),
    tampered: proof({ path: log.inclusion(0) }),
    unwitnessed: proof({ checkpoint: log.note(log.size, []) }),
    foreign: other.proof(),
  }
  for (const [name, one] of Object.entries(proofs)) writeFileSync(at(`${name}.jwt`), (await signer.sign(one)).compact)
  const { jwks, list } = await signer.published()
  writeFileSync(at('jwks.json'), JSON.stringify(jwks))
  mkdirSync(at('lists'))
  writeFileSync(join(at('lists'), list.name), list.jwt)
  writeFileSync(at('mine.policy'), policyText)
  const stranger = ed25519Signer('other.example/log', new Uint8Array(32).fill(7))
  writeFileSync(at('stranger.policy'), `log ${stranger.vkey}\nquorum none\n`)
})
afterAll(async () => {
  await signer.close()
  rmSync(folder, { recursive: true })
})

test('a clearance in a witnessed log: exit 0, with its place and its witness', async () => {
  const { code, stdout, stderr } = await verify('sound', ...mine)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/log-proof +passed +Its clearance stands at place 19 of the log, witnessed by one[.]/)
})

test.each([
  ['tampered', /log-proof +FAILED +The proof from the log does not hold/],
  ['unwitnessed', /log-proof +FAILED +The proof from the log does not hold/],
  ['foreign', /log-proof +FAILED +The proof from the log is for another document[.]/],
] as const)('a genuine credential with a proof that is %s: exit 3', async (name, line) => {
  const { code, stdout } = await verify(name, ...mine)
  expect([code, stdout]).toEqual([3, expect.stringMatching(line)])
  expect((await verify(name)).code).toBe(0)
})

test('a log that the policy does not know: exit 8, not refused and not genuine', async () => {
  const { code, stdout } = await verify('sound', '--policy', at('stranger.policy'))
  expect([code, stdout]).toEqual([
    8,
    expect.stringMatching(/log-proof +could not check +Your policy does not know this log[.]/),
  ])
  expect(stdout).not.toContain('GENUINE')
})

test('a file that is no policy: exit 2', async () => {
  const { code, stderr } = await verify('sound', '--policy', at('jwks.json'))
  expect([code, stderr]).toEqual([2, expect.stringContaining('is no policy')])
})
