import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkpointText } from '#audit/checkpoint.ts'
import { printSignature } from '#audit/note.ts'
import { cosigner, mlDsaCosigner, parseVerifierKey } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import { type CosignatureRequest, gatherCosignatures } from '#workers/log/quorum.ts'
import { policyWitnesses } from '#workers/log/witnesses.ts'
import { startWitness } from '#workers/witness/serve.ts'
import { openWitnessStore } from '#workers/witness/store.ts'
import { smallLog } from '../support/small-log.ts'

const log = smallLog('log.example/uni')
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

interface Stranger {
  readonly vkey: string
  readonly url: string
}

const seedOf = () => Uint8Array.from(randomBytes(32))

async function honest(name: string, make = [cosigner]): Promise<Stranger & { asked: () => number; vkeys: string[] }> {
  const dir = mkdtempSync(join(tmpdir(), 'bevis-quorum-'))
  const keys = make.map((one) => one(`witness.example/${name}`, seedOf()))
  const logs = new Map([[log.origin, [parseVerifierKey(log.vkey)]]])
  let asked = 0
  const known = () => {
    asked += 1
    return logs
  }
  const dependencies = { store: await openWitnessStore(dir), cosigners: keys, logs: known, onTrouble: () => undefined }
  const server = await startWitness(dependencies, { port: 0 })
  closing.push(async () => {
    await server.close()
    rmSync(dir, { recursive: true })
  })
  const vkeys = keys.map(({ vkey }) => vkey)
  return { vkey: vkeys[0] ?? '', vkeys, url: server.url, asked: () => asked }
}

/** Anything but a witness. */
async function stranger(answer: (response: ServerResponse) => void): Promise<Stranger> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(response))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  const { vkey } = cosigner('witness.example/stranger', seedOf())
  return { vkey, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

const policyOf = (witnesses: Record<string, Stranger>, ...rules: string[]) =>
  parsePolicy(
    [
      `log ${log.vkey}`,
      ...Object.entries(witnesses).map(([name, { vkey, url }]) => `witness ${name} ${vkey} ${url}`),
      ...rules,
      '',
    ].join('\n'),
  )

const gather = (policy: CosignatureRequest['policy'], size: number, over: Partial<CosignatureRequest> = {}) =>
  gatherCosignatures({
    policy,
    note: log.note(size),
    size,
    prove: async (from) => log.prove(from, size),
    patienceMs: 1_500,
    ...over,
  })

describe('a quorum of witnesses', () => {
  test('is gathered from all at once; the next time each is asked from where it stands', async () => {
    const all = { a: await honest('a'), b: await honest('b'), c: await honest('c') }
    const policy = policyOf(all, 'group most 2 a b c', 'quorum most')
    const first = await (await gather(policy, 3)).rest
    expect([first.met, [...first.held.values()]]).toEqual([true, [3, 3, 3]])
    const before = all.a.asked()
    const second = await (await gather(policy, 8, { held: first.held })).rest
    expect([...second.outcomes.values()].map(({ kind }) => kind)).toEqual(['cosigned', 'cosigned', 'cosigned'])
    expect(all.a.asked() - before).toBe(1)
    expect(second.note.startsWith(log.note(8))).toBe(true)
  })

  test('goes by the key that the policy names, whichever of its keys a witness signs with', async () => {
    const both = await honest('a', [cosigner, mlDsaCosigner])
    for (const [place, vkey] of both.vkeys.entries()) {
      const gathered = await gather(policyOf({ a: { ...both, vkey } }, 'quorum a'), 3 + place)
      expect([gathered.met, [...gathered.outcomes.values()].map(({ kind }) => kind)]).toEqual([true, ['cosigned']])
    }
  })

  test('a witness that is further than we remember is asked again with the proof from there', async () => {
    const all = { a: await honest('a') }
    const policy = policyOf(all, 'quorum a')
    await (await gather(policy, 5)).rest
    const { met, held } = await gather(policy, 9)
    expect([met, held.get('a')]).toEqual([true, 9])
    expect((await gather(policy, 9, { held: new Map([['a', 2]]) })).met).toBe(true)
  })

  test('holds without those who are silent, and they are given up', async () => {
    const all = { a: await honest('a'), silent: await stranger(() => undefined) }
    const gathered = await gather(policyOf(all, 'group one any a silent', 'quorum one'), 3)
    expect([gathered.met, [...gathered.outcomes.keys()]]).toEqual([true, ['a']])
    expect((await gathered.rest).outcomes.get('silent')).toEqual({ kind: 'unreachable' })
  })

  test('is missed while one that it needs is away, and made up for without asking the others again', async () => {
    const a = await honest('a')
    const b = await honest('b')
    const away = { ...b, url: 'http://127.0.0.1:9/' }
    const rules = ['group both all a b', 'quorum both']
    const missed = await gather(policyOf({ a, b: away }, ...rules), 3)
    expect([missed.met, missed.outcomes.get('b')]).toEqual([false, { kind: 'unreachable' }])
    const before = a.asked()
    const made = await gather(policyOf({ a, b }, ...rules), 3, { note: missed.note, held: missed.held })
    expect([made.met, a.asked() - before]).toEqual([true, 0])
  })

  test('of nobody is always there, and whoever has no address is not asked', async () => {
    const { vkey } = await honest('a')
    const policy = parsePolicy(`log ${log.vkey}\nwitness a ${vkey}\nquorum none\n`)
    expect(await (await gather(policy, 3)).rest).toMatchObject({ met: true, note: log.note(3), outcomes: new Map() })
  })

  test('a fork, and a tree smaller than the witness holds, are told as what they are', async () => {
    const policy = policyOf({ a: await honest('a') }, 'quorum a')
    await (await gather(policy, 6)).rest
    const fork = log.forkedAt(2)
    const forked = await gather(policy, 6, { note: fork.note(6), held: new Map([['a', 6]]) })
    expect(forked).toMatchObject({ met: false, note: fork.note(6) })
    expect(forked.outcomes.get('a')).toEqual({ kind: 'refused', status: 422 })
    const rolledBack = await gather(policy, 4)
    expect(rolledBack.outcomes.get('a')).toEqual({ kind: 'ahead', size: 6 })
  })

  const answers: readonly (readonly [string, (response: ServerResponse) => void, object])[] = [
    [
      'the cosignature of another key',
      (response) => response.end(lineOf('witness.example/other')),
      { kind: 'not-its-own' },
    ],
    [
      'a name without its signature',
      (response) => response.end(`\u2014 witness.example/stranger ${randomBytes(76).toString('base64')}\n`),
      { kind: 'not-its-own' },
    ],
    ['a page', (response) => response.end('<html>\n'), { kind: 'unreachable', status: 200 }],
    ['without an end', (response) => response.end('\u2014 a b'), { kind: 'unreachable', status: 200 }],
    ['too much', (response) => response.end('x'.repeat(1_000_000)), { kind: 'unreachable' }],
    [
      'a size that is none',
      (response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('-1\n'),
      { kind: 'unreachable', status: 409 },
    ],
    [
      'a conflict with the very size it was asked from',
      (response) => response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('2\n'),
      { kind: 'refused', status: 409 },
    ],
    ['that it does not know the log', (response) => response.writeHead(404).end(), { kind: 'refused', status: 404 }],
    ['that it is broken', (response) => response.writeHead(500).end(), { kind: 'unreachable', status: 500 }],
  ]
  test.each(answers)('does not count one that answers %s', async (_what, answer, outcome) => {
    const policy = policyOf({ a: await stranger(answer) }, 'quorum a')
    const gathered = await gather(policy, 3)
    expect(gathered).toMatchObject({ met: false, note: log.note(3) })
    expect(gathered.outcomes.get('a')).toEqual(outcome)
  })
})

test('a witness that sends us elsewhere is not followed: only addresses of the policy are asked', async () => {
  let asked = 0
  const elsewhere = await stranger((response) => {
    asked += 1
    response.writeHead(404).end()
  })
  const away = await stranger((response) => response.writeHead(307, { location: elsewhere.url }).end())
  const gathered = await gather(policyOf({ away }, 'quorum away'), 3)
  expect([gathered.outcomes.get('away'), asked]).toEqual([{ kind: 'unreachable' }, 0])
})

describe('the witnesses of a log, as its publisher asks them', () => {
  const publishing = (policy: CosignatureRequest['policy'], of = log) => {
    const told: string[] = []
    const witnesses = policyWitnesses({ onTrouble: (...what) => told.push(what.join(' ')), patienceMs: 1_500 })
    const cosign = (size: number, by = of) =>
      witnesses.cosign({ policy, note: by.note(size), size, proofFrom: async (from) => by.prove(from, size) })
    return { cosign, told }
  }

  test('are asked one question for each checkpoint once it is known what they hold', async () => {
    const a = await honest('a')
    const { cosign } = publishing(policyOf({ a }, 'quorum a'))
    for (const size of [2, 5, 9]) expect(await cosign(size)).toMatchObject({ kind: 'quorum' })
    expect(a.asked()).toBe(3)
  })

  test('that hold more, or another history, are heard where there is no quorum without them', async () => {
    const a = await honest('a')
    const { cosign } = publishing(policyOf({ a }, 'quorum a'))
    await cosign(7)
    expect(await cosign(5)).toEqual({ kind: 'ahead', size: 7 })
    expect(await cosign(7, log.forkedAt(3))).toEqual({ kind: 'refused' })
    expect(await cosign(8)).toMatchObject({ kind: 'quorum' })
  })

  test('that are configured wrongly or silent are missed, which is no word against the log', async () => {
    const unknown = await stranger((response) => response.writeHead(404).end())
    const { cosign, told } = publishing(policyOf({ unknown }, 'quorum unknown'))
    expect(await cosign(3)).toEqual({ kind: 'missed' })
    expect(told).toEqual(['log.example/uni unknown refused-404'])
  })
})

/** A good cosignature, of a key that is not in the policy. */
function lineOf(name: string): string {
  const key = cosigner(name, seedOf())
  const text = checkpointText({ origin: log.origin, size: 3, root: log.root(3), extensions: [] })
  return `${printSignature({ name, keyId: key.keyId, signature: key.cosign(Buffer.from(text), 1) })}\n`
}
