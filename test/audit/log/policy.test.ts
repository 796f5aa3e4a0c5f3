/** Trust policies and whole proofs (C2SP tlog-policy, tlog-proof): what is believed, and everything that must not be. */
import { beforeEach, describe, expect, test } from 'vitest'
import { checkpointText } from '#audit/checkpoint.ts'
import { hex, utf8 } from '#audit/digest.ts'
import { judgeCheckpoint, verifyTlogProof } from '#audit/judge-checkpoint.ts'
import { addSignatures, printSignature, signNote } from '#audit/note.ts'
import { type Cosigner, cosigner, ed25519Signer } from '#audit/note-key.ts'
import { isQuorum, type Policy, parsePolicy } from '#audit/policy.ts'
import { type TileTree, tileTree } from '#audit/tile-tree.ts'
import { parseProof, printProof } from '#audit/tlog-proof.ts'
import { leaves, readerOf } from './tiles.ts'

const seed = (fill: number) => new Uint8Array(32).fill(fill)
let log: ReturnType<typeof ed25519Signer>
let other: ReturnType<typeof ed25519Signer>
let x1: Cosigner
let x2: Cosigner
let x3: Cosigner
let y1: Cosigner
let policy: Policy
let all: Uint8Array[]
let tree: TileTree

/** The example of the specification; `<x1>` stands for that party's key. */
const policyText = `
# logs
log <log>
\tlog <other>   https://log.example/uni-b/
witness X1 <x1>
witness X2 <x2>
witness X3 <x3>
witness Y1 <y1>
witness Y2 <y2>
witness Y3 <y3>
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`
let vkeys: Readonly<Record<string, string>>
const fill = (text: string) => text.replaceAll(/<(\w+)>/g, (_, name: string) => vkeys[name] ?? '')

// Not once for all: what is thrown here is then a test's own failure (docs/conformance/mutation.md).
beforeEach(() => {
  log = ed25519Signer('log.example/uni-a', seed(1))
  other = ed25519Signer('log.example/uni-b', seed(2))
  const witnesses = ['x1', 'x2', 'x3', 'y1', 'y2', 'y3'].map((name, at) => cosigner(`${name}.example`, seed(at + 3)))
  ;[x1, x2, x3, y1] = witnesses as [Cosigner, Cosigner, Cosigner, Cosigner]
  vkeys = {
    log: log.vkey,
    other: other.vkey,
    renamed: ed25519Signer('else', seed(1)).vkey,
    ...Object.fromEntries(witnesses.map(({ name, vkey }) => [name.slice(0, 2), vkey])),
  }
  policy = parsePolicy(fill(policyText))
  all = leaves(300)
  tree = tileTree(readerOf(all))
})

const quorum = () => [x1, x2, y1]

async function checkpointBy(signer: typeof log, origin: string, cosigners: readonly Cosigner[]): Promise<string> {
  const text = checkpointText({ origin, size: 300, root: await tree.root(300), extensions: [] })
  const lines = cosigners.map((one, at) =>
    printSignature({ name: one.name, keyId: one.keyId, signature: one.cosign(utf8(text), 1_700_000_000 + at) }),
  )
  return addSignatures(signNote(text, [signer]), lines)
}

describe('a policy', () => {
  test('reads logs, witnesses, groups and the quorum', () => {
    expect(policy.logs.map(({ key, url }) => [key.name, url])).toEqual([
      ['log.example/uni-a', undefined],
      ['log.example/uni-b', 'https://log.example/uni-b/'],
    ])
    expect(policy.witnesses.map(({ name }) => name)).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'])
    expect(policy.groups.map(({ threshold }) => threshold)).toEqual([2, 1, 2])
    expect(policy.quorum).toBe('X-and-Y')
  })

  test.each([
    [['X1', 'X2', 'Y3'], true],
    [['X1', 'X2', 'X3'], false],
    [['X1', 'Y1', 'Y2', 'Y3'], false],
    [[], false],
  ])('counts %j as a quorum: %s', (cosigned, expected) => {
    expect(isQuorum(policy, cosigned)).toBe(expected)
  })

  test('without witnesses has the quorum none', () => {
    expect(isQuorum(parsePolicy('quorum none'), [])).toBe(true)
    expect(isQuorum(parsePolicy(fill('witness none-such <x1>\nquorum none-such\n')), [])).toBe(false)
  })

  test.each([
    ['no quorum', 'witness A <x1>\n'],
    ['two quorums', 'quorum none\nquorum none\n'],
    ['an unknown quorum', 'quorum A\n'],
    ['a quorum defined later', `quorum A\nwitness A <x1>\n`],
    ['a word too many after the quorum', `witness A <x1>\nquorum A A\n`],
    ['a word too many after a log', `log <log> https://a b\nquorum none\n`],
    ['a word too many after a witness', `witness A <x1> https://a b\nquorum none\n`],
    ['a log twice', `log <log>\nlog <log>\nquorum none\n`],
    ['a log key under another name', `log <log>\nlog <renamed>\nquorum none\n`],
    ['a witness key twice', `witness A <x1>\nwitness B <x1>\nquorum none\n`],
    ['a name twice', `witness A <x1>\nwitness A <x2>\nquorum none\n`],
    ['a group with a witness’s name', `witness A <x1>\ngroup A any A\nquorum A\n`],
    ['a witness called none', `witness none <x1>\nquorum none\n`],
    ['a group called none', `witness A <x1>\ngroup none any A\nquorum none\n`],
    ['none in a group', `witness A <x1>\ngroup G any none\nquorum G\n`],
    ['a group without a name', 'group\nquorum none\n'],
    ['a group without a threshold', 'group G\nquorum none\n'],
    ['a group of nobody', 'group G any\nquorum G\n'],
    ['a group of nobody that nobody asks for', 'group G any\nquorum none\n'],
    ['a group of strangers', 'group G any A\nquorum G\n'],
    ['a group in itself', `witness A <x1>\ngroup G any A G\nquorum G\n`],
    ['a member twice', `witness A <x1>\ngroup G any A A\nquorum G\n`],
    ['a member in two groups', `witness A <x1>\ngroup G any A\ngroup H any A\nquorum G\n`],
    ['a threshold of none', `witness A <x1>\ngroup G 0 A\nquorum G\n`],
    ['a threshold beyond the group', `witness A <x1>\ngroup G 2 A\nquorum G\n`],
    ['a threshold with a zero in front', `witness A <x1>\ngroup G 01 A\nquorum G\n`],
    ['a threshold in words', `witness A <x1>\ngroup G most A\nquorum G\n`],
    ['a log key for a witness', `witness A <log>\nquorum A\n`],
    ['a witness key for a log', `log <x1>\nquorum none\n`],
    ['a log without a key', 'log\nquorum none\n'],
    ['a witness without a key', 'witness A\nquorum none\n'],
    ['a keyword nobody knows', 'quorum none\nmirror A\n'],
    ['a carriage return', 'quorum none\r\n'],
    ['a delete character', '# \u007f\nquorum none\n'],
    ['a no-break space between words', 'quorum\u00a0none\n'],
  ])('with %s is refused, and the line named', (_, text) => {
    const told = text.includes('quorum') ? /^policy-malformed: line [1-4]$/ : /^policy-malformed: quorum$/
    expect(() => parsePolicy(fill(text))).toThrow(told)
  })

  test('is refused where it is too long, in letters or in lines', () => {
    expect(() => parsePolicy(`#${'x'.repeat(1024 * 1024)}\nquorum none\n`)).toThrow('policy-malformed: size')
    expect(() => parsePolicy(`${'\n'.repeat(4096)}quorum none\n`)).toThrow('policy-malformed: size')
    expect(parsePolicy(`${'\n'.repeat(4095)}quorum none`).quorum).toBeUndefined()
    const end = '\nquorum none\n'
    expect(parsePolicy(`#${'x'.repeat(1024 * 1024 - 1 - end.length)}${end}`).quorum).toBeUndefined()
  })

  test('keeps what stands behind a key as its address', () => {
    const read = parsePolicy(fill('log <log>\nwitness A <x1>\twitness.example\nquorum A'))
    expect(read.witnesses[0]).toMatchObject({ name: 'A', url: 'witness.example' })
    expect(Object.keys(read.logs[0] ?? {})).toEqual(['key'])
    expect(parsePolicy(fill('witness A <x1>\nquorum A')).witnesses.map(Object.keys)).toEqual([['name', 'key']])
    expect(
      parsePolicy(fill('witness A <x1>\nwitness B <x2>\nwitness C <x3>\ngroup G 2 A B C\nquorum G\n# å\n')).groups,
    ).toEqual([{ name: 'G', threshold: 2, members: ['A', 'B', 'C'] }])
  })

  test('may ask for every member, by their number', () => {
    const many = Array.from(
      { length: 10 },
      (_, at) => [`W${at}`, cosigner(`w${at}.example`, seed(at + 20)).vkey] as const,
    )
    const lines = many.map(([name, vkey]) => `witness ${name} ${vkey}\n`).join('')
    const ten = parsePolicy(`${lines}group G 10 ${many.map(([name]) => name).join(' ')}\nquorum G\n`)
    expect(
      isQuorum(
        ten,
        many.map(([name]) => name),
      ),
    ).toBe(true)
    expect(
      isQuorum(
        ten,
        many.slice(1).map(([name]) => name),
      ),
    ).toBe(false)
  })

  test('keeps names apart that only look alike', () => {
    expect(() => parsePolicy(fill('witness K <x1>\nquorum \u212a\n'))).toThrow('policy-malformed: line 2')
  })
})

describe('a checkpoint under a policy', () => {
  test('is believed with the log and a quorum, and tells who saw it when', async () => {
    const judged = judgeCheckpoint(policy, await checkpointBy(log, log.name, [x1, y1, x3]))
    expect(judged).toMatchObject({
      ok: true,
      checkpoint: { origin: log.name, size: 300 },
      log: { name: log.name },
      witnesses: [
        { name: 'X1', keyName: x1.name, time: 1_700_000_000 },
        { name: 'X3', keyName: x3.name, time: 1_700_000_002 },
        { name: 'Y1', keyName: y1.name, time: 1_700_000_001 },
      ],
    })
  })

  test.each([
    ['no quorum', () => checkpointBy(log, log.name, [x1, x2]), 'quorum-missed'],
    ['another log’s origin', () => checkpointBy(log, other.name, [x1, x2, y1]), 'log-unknown'],
    ['a witness counted twice', () => checkpointBy(log, log.name, [x1, x1, y1]), 'quorum-missed'],
    ['only strangers', () => checkpointBy(ed25519Signer('x', seed(9)), 'x', []), 'no-known-signature'],
    ['witnesses but no log', () => checkpointBy(ed25519Signer('x', seed(9)), 'x', [x1, x2, y1]), 'log-unknown'],
    ['no checkpoint in it', async () => signNote('words\n', [log]), 'checkpoint-malformed'],
    ['no signature', async () => 'words\n', 'note-malformed'],
  ])('with %s is not', async (_, note, reason) => {
    expect(judgeCheckpoint(policy, await note())).toEqual({ ok: false, reason })
  })

  test('cosigned twice by one witness was last seen at the later time', async () => {
    const note = await checkpointBy(log, log.name, [x1, x2, y1, x1])
    expect(judgeCheckpoint(policy, note)).toMatchObject({ witnesses: [{ name: 'X1', time: 1_700_000_003 }, {}, {}] })
  })

  test('with one wrong cosignature of a known witness is refused whole', async () => {
    const note = await checkpointBy(log, log.name, [x1, x2, y1])
    const line = { name: x3.name, keyId: x3.keyId, signature: x3.cosign(utf8('another\n'), 1) }
    expect(judgeCheckpoint(policy, addSignatures(note, [printSignature(line)]))).toEqual({
      ok: false,
      reason: 'signature-wrong',
    })
  })
})

describe('a proof text', () => {
  const proofOf = async (index: number, cosigners = quorum(), extra?: Uint8Array) => {
    const checkpoint = await checkpointBy(log, log.name, cosigners)
    const proof = { index, path: await tree.inclusion(index, 300), checkpoint }
    return printProof(extra === undefined ? proof : { ...proof, extra })
  }

  test('reads as it was printed, with and without extra data', async () => {
    for (const extra of [undefined, utf8('a remark'), new Uint8Array(0)]) {
      const text = await proofOf(7, [], extra)
      const read = parseProof(text)
      expect(read.index).toBe(7)
      expect(read.path.map(hex)).toEqual((await tree.inclusion(7, 300)).map(hex))
      expect(read.extra).toEqual(extra)
      expect(printProof(read)).toBe(text)
    }
  })

  test.each([
    ['an index before the first', { index: -1 }, 'tlog-proof-malformed: index'],
    [
      'a path without end',
      { path: Array.from({ length: 65 }, () => new Uint8Array(32)) },
      'tlog-proof-malformed: path',
    ],
    ['a hash cut short', { path: [new Uint8Array(31)] }, 'tlog-proof-malformed: path'],
  ])('is not printed with %s', (_, change, message) => {
    const whole = { index: 0, path: Array.from({ length: 64 }, () => new Uint8Array(32)), checkpoint: 'note' }
    expect(parseProof(printProof(whole)).path).toHaveLength(64)
    expect(printProof({ ...whole, path: [] })).toBe('c2sp.org/tlog-proof@v1\nindex 0\n\nnote')
    expect(() => printProof({ ...whole, ...change })).toThrow(message)
  })

  test('names what is wrong with it', () => {
    const text = 'c2sp.org/tlog-proof@v1\nindex 0\n\n'
    expect(() => parseProof(`${text}${'x'.repeat(2 * 1024 * 1024)}`)).toThrow('tlog-proof-malformed: form')
    expect(parseProof(`${text}${'x'.repeat(2 * 1024 * 1024 - text.length)}`).checkpoint).toMatch(/^x+$/)
    expect(() => parseProof(text.slice(0, -1))).toThrow('tlog-proof-malformed: form')
    expect(() => parseProof(text.replace('\nindex 0', ''))).toThrow('tlog-proof-malformed: index')
    expect(() => parseProof(`\n\n${text}`)).toThrow('tlog-proof-malformed: header')
    expect(() => parseProof(text.replace('index 0', 'index 0x'))).toThrow('tlog-proof-malformed: index')
    expect(() => parseProof(text.replace('index 0', 'an index 0'))).toThrow('tlog-proof-malformed: index')
    expect(() => parseProof(text.replace('@v1', '@v1x'))).toThrow('tlog-proof-malformed: header')
    expect(() => parseProof(text.replace('0\n', `0\n${'A'.repeat(44)}\n`))).toThrow('tlog-proof-malformed: path')
    expect(() => parseProof(text.replace('index 0', 'extra A\nindex 0'))).toThrow('base64-not-strict')
    expect(() => parseProof(text.replace('index 0', 'an extra AAAA\nindex 0'))).toThrow('tlog-proof-malformed: index')
    expect(parseProof(text)).toStrictEqual({ index: 0, path: [], checkpoint: '' })
    expect(parseProof(text.replace('index 0', 'extra \nindex 9007199254740991'))).toMatchObject({
      index: 2 ** 53 - 1,
      path: [],
      checkpoint: '',
    })
  })

  test('shows that its leaf is in the log', async () => {
    const judged = verifyTlogProof(policy, { leafHash: all[7] as Uint8Array, proofText: await proofOf(7) })
    expect(judged).toMatchObject({ ok: true, index: 7, checkpoint: { size: 300 } })
  })

  test('shows nothing for another leaf, index or quorum', async () => {
    const proofText = await proofOf(7)
    const judge = (leafHash: unknown, text: string) =>
      verifyTlogProof(policy, { leafHash: leafHash as Uint8Array, proofText: text })
    expect(judge(all[8], proofText)).toEqual({ ok: false, reason: 'root-differs' })
    expect(judge(all[7], proofText.replace('index 7', 'index 6'))).toEqual({ ok: false, reason: 'root-differs' })
    expect(judge(all[7], proofText.replace('index 7', 'index 300'))).toEqual({ ok: false, reason: 'index-beyond-size' })
    expect(judge(all[7], await proofOf(7, [x1]))).toEqual({ ok: false, reason: 'quorum-missed' })
    expect(judge(new Uint8Array(0), proofText)).toEqual({ ok: false, reason: 'hash-malformed' })
  })

  test.each([
    ['another header', (text: string) => text.replace('@v1', '@v2')],
    ['no index', (text: string) => text.replace('index 7\n', '')],
    ['an index with a zero in front', (text: string) => text.replace('index 7', 'index 07')],
    ['an index numbers cannot hold', (text: string) => text.replace('index 7', 'index 9007199254740992')],
    ['extra data after the index', (text: string) => text.replace('index 7\n', 'index 7\nextra AAAA\n')],
    ['extra data twice', (text: string) => text.replace('index 7\n', 'extra AAAA\nextra AAAA\nindex 7\n')],
    ['a hash cut short', (text: string) => text.replace(/^.{44}$/m, 'AAAA')],
    ['no checkpoint', (text: string) => text.slice(0, text.indexOf('\n\n'))],
    ['a path without end', (text: string) => text.replace(/^.{44}$/m, (line) => Array(65).fill(line).join('\n'))],
  ])('with %s is malformed', async (_, change) => {
    const proofText = change(await proofOf(7))
    expect(() => parseProof(proofText)).toThrow(/^tlog-proof-malformed: (header|index|path|form)$/)
    expect(verifyTlogProof(policy, { leafHash: all[7] as Uint8Array, proofText }).ok).toBe(false)
  })
})
