/** `bevis log verify-…`: the forms all tools share, published vectors through the command itself, and lines meant to break it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linesOf } from '#cli/lines.ts'
import { judgeConsistency, judgeInclusion } from '#cli/log-cases.ts'
import { root } from '../support/paths.ts'
import { bevis } from './run-bevis.ts'

interface Inclusion {
  readonly name: string
  readonly leafIdx: number
  readonly treeSize: number
  readonly leafHash: string
  readonly root: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

interface Consistency {
  readonly name: string
  readonly size1: number
  readonly size2: number
  readonly root1: string
  readonly root2: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

const vectors = JSON.parse(readFileSync(join(root, 'test', 'vectors', 'audit', 'merkle-proofs.json'), 'utf8')) as {
  readonly inclusion: readonly Inclusion[]
  readonly consistency: readonly Consistency[]
}

async function ask(
  command: string,
  lines: readonly (string | object)[],
): Promise<{ ok: boolean; reason: string | null }[]> {
  const input = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
  const { code, stdout, stderr } = await bevis(['log', command, '--json'], { input })
  expect([code, stderr]).toEqual([0, ''])
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { ok: boolean; reason: string | null })
  expect(answers).toHaveLength(lines.length)
  return answers
}

const happy = vectors.inclusion.find(({ name }) => name === '1/happy-path') as Inclusion
const { name: _, wantErr: __, leafIdx, ...members } = happy
const sound = { leafIndex: leafIdx, ...members }
/** The last letter of a hash carries four bits of it and two that must be none. */
const loose = (end: string) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`

describe('bevis log verify-inclusion', () => {
  test('answers every published vector as published', async () => {
    const answers = await ask(
      'verify-inclusion',
      vectors.inclusion.map(({ leafIdx: leafIndex, ...rest }) => ({ leafIndex, ...rest })),
    )
    const wrong = vectors.inclusion.filter(({ wantErr }, at) => answers[at]?.ok === wantErr)
    expect(vectors.inclusion.length).toBeGreaterThan(90)
    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  test.each<[string, string | object, string]>([
    ['no JSON', '{', 'not-json'],
    ['nothing', '', 'not-json'],
    ['no object', '[]', 'not-an-object'],
    ['null', 'null', 'not-an-object'],
    ['no members', '{}', 'missing: leafIndex'],
    ['an index as text', { ...sound, leafIndex: '0' }, 'count-malformed: leafIndex'],
    ['a negative index', { ...sound, leafIndex: -1 }, 'count-malformed: leafIndex'],
    ['half an index', { ...sound, leafIndex: 0.5 }, 'count-malformed: leafIndex'],
    [
      'an index with an exponent',
      JSON.stringify(sound).replace(/"leafIndex":\d+/, '"leafIndex":1e0'),
      'count-malformed: leafIndex',
    ],
    [
      'a size beyond 64 bits',
      JSON.stringify(sound).replace(/"treeSize":\d+/, '"treeSize":18446744073709551616'),
      'count-malformed',
    ],
    [
      'a size of many digits',
      JSON.stringify(sound).replace(/"treeSize":\d+/, `"treeSize":${'9'.repeat(100_000)}`),
      'count-malformed: treeSize',
    ],
    ['no proof', { ...sound, proof: undefined }, 'missing: proof'],
    ['a proof as text', { ...sound, proof: 'AAAA' }, 'list-malformed: proof'],
    ['a number in the proof', { ...sound, proof: [1] }, 'text-malformed: proof[0]'],
    ['base64url', { ...sound, root: `${'-'.repeat(43)}=` }, 'base64-not-strict: root'],
    ['base64 without padding', { ...sound, root: sound.root.replace('=', '') }, 'base64-not-strict: root'],
    ['base64 with a newline', { ...sound, root: `${sound.root}\n` }, 'base64-not-strict: root'],
    ['a hash of another length', { ...sound, leafHash: 'AAAA' }, 'hash-malformed'],
    ['a proof far too long', { ...sound, proof: Array(10_000).fill(sound.root) }, 'proof-length-wrong'],
    ['members of a prototype', '{"__proto__": {"leafIndex": 0}}', 'missing: leafIndex'],
    ['brackets without end', '['.repeat(200_000), 'not-json'],
    ['an index twice', JSON.stringify(sound).replace('{', '{"leafIndex":7,'), 'member-repeated'],
    ['an index twice, once escaped', JSON.stringify(sound).replace('{', '{"leaf\\u0049ndex":7,'), 'member-repeated'],
    ['an unknown member twice', JSON.stringify(sound).replace('{', '{"x" : 1, "x"\t: 1,'), 'member-repeated'],
    ['a member twice below', JSON.stringify(sound).replace('{', '{"x":[{"y":{"z":1,"z":1}}],'), 'member-repeated'],
    ['a byte order mark', `\uFEFF${JSON.stringify(sound)}`, 'not-json'],
    ['what follows the object', `${JSON.stringify(sound)}\0`, 'not-json'],
    ['two objects', JSON.stringify(sound).repeat(2), 'not-json'],
    ['a list of one', [sound], 'not-an-object'],
    [
      'an index of nothing',
      JSON.stringify(sound).replace(/"leafIndex":\d+/, '"leafIndex":-0'),
      'count-malformed: leafIndex',
    ],
    ['a size as 1.0', JSON.stringify(sound).replace(/"treeSize":\d+/, '"treeSize":1.0'), 'count-malformed: treeSize'],
    ['an index that is true', { ...sound, leafIndex: true }, 'count-malformed: leafIndex'],
    ['a root that is none', { ...sound, root: null }, 'text-malformed: root'],
    ['a list in the proof', { ...sound, proof: [[sound.root]] }, 'text-malformed: proof[0]'],
    ['base64 with bits left over', { ...sound, root: sound.root.replace(/.=$/, loose) }, 'base64-not-strict: root'],
    ['base64 within blanks', { ...sound, leafHash: ` ${sound.leafHash}` }, 'base64-not-strict: leafHash'],
    ['hexadecimal', { ...sound, root: 'ab'.repeat(32) }, 'hash-malformed'],
    ['nothing in base64', { ...sound, proof: [''] }, 'proof-length-wrong'],
  ])('refuses %s with a reason', (_case, line, reason) => {
    expect(judgeInclusion(typeof line === 'string' ? line : JSON.stringify(line))).toEqual({ ok: false, reason })
  })

  test('counts exactly beyond what numbers can hold', () => {
    const edge = JSON.stringify({ ...sound, proof: [] })
    const line = edge
      .replace(/"treeSize":\d+/, '"treeSize":9007199254740993')
      .replace(/"leafIndex":\d+/, '"leafIndex":9007199254740993')
    const before = line.replace('"leafIndex":9007199254740993', '"leafIndex":9007199254740992')
    expect(judgeInclusion(line).reason).toBe('index-beyond-size')
    expect(judgeInclusion(before).reason).toBe('proof-length-wrong')
  })

  test.each([
    ['members it does not know', JSON.stringify({ comment: { a: [1], b: [1] }, a: 'a:', ...sound })],
    [
      'blanks about everything, and a carriage return',
      `\t ${JSON.stringify(sound, null, ' ').replaceAll('\n', '\t')} \r`,
    ],
    ['escaped letters', JSON.stringify(sound).replaceAll('/', '\\/').replace('"root"', '"r\\u006fot"')],
  ])('takes a sound line with %s', (_case, line) => {
    expect(judgeInclusion(line)).toEqual({ ok: true, reason: null })
  })

  test('answers every line on one of its own, with what is none between them', async () => {
    const line = JSON.stringify(sound)
    const { code, stdout } = await bevis(['log', 'verify-inclusion', '--json'], {
      input: `\uFEFF${line}\r\n\n\r\n \n\0\n${line}\u2028\n${line}\r\n${line}`,
    })
    const told = stdout
      .split('\n')
      .map((one) => (one === '' ? undefined : (JSON.parse(one) as { reason: string }).reason))
    expect([code, told]).toEqual([0, [...Array<string>(6).fill('not-json'), null, null, undefined]])
  })

  test('goes on after a line that is too long or no UTF-8, and answers one without a newline', async () => {
    const input = Buffer.concat([
      Buffer.alloc(9 * 1024 * 1024, 'x'),
      Buffer.from('\n"\xff"\n', 'latin1'),
      Buffer.from(JSON.stringify(sound)),
    ])
    const { code, stdout } = await bevis(['log', 'verify-inclusion'], { input })
    expect([code, stdout]).toEqual([0, 'refused: line-unreadable\nrefused: line-unreadable\nok\n'])
  })

  test('takes a line that comes letter by letter', async () => {
    const length = 2 ** 20
    const letters = async function* () {
      for (let sent = 0; sent < length; sent += 1) yield Uint8Array.of(120)
    }
    const heard: (string | undefined)[] = []
    for await (const line of linesOf(letters())) heard.push(line)
    expect(heard.map((line) => line?.length)).toEqual([length])
  })

  test('answers each line before the next is there', async () => {
    const { spawn } = await import('node:child_process')
    const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), 'log', 'verify-inclusion', '--json'])
    const heard: string[] = []
    for (const line of [sound, { ...sound, leafIndex: 99 }]) {
      child.stdin.write(`${JSON.stringify(line)}\n`)
      heard.push(await new Promise((resolve) => child.stdout.once('data', (text: Buffer) => resolve(text.toString()))))
    }
    child.stdin.end()
    expect(heard).toEqual(['{"ok":true,"reason":null}\n', '{"ok":false,"reason":"index-beyond-size"}\n'])
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
  })
})

describe('bevis log verify-consistency', () => {
  test('answers every published vector as published', async () => {
    const answers = await ask('verify-consistency', vectors.consistency)
    const wrong = vectors.consistency.filter(({ wantErr }, at) => answers[at]?.ok === wantErr)
    expect(vectors.consistency.length).toBeGreaterThan(90)
    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  const empty = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  test.each([
    ['from the empty tree, with nothing to show', { size1: 0, size2: 8, root1: empty, proof: [] }, 'old-tree-empty'],
    ['from the empty tree, with a hash', { size1: 0, size2: 8, root1: empty, proof: [empty] }, 'old-tree-empty'],
    ['backwards', { size1: 9, size2: 8 }, 'sizes-reversed'],
    ['of one size with a hash', { size1: 8, size2: 8, proof: [empty] }, 'proof-length-wrong'],
    ['of one size with two roots', { size1: 8, size2: 8, root1: empty, proof: [] }, 'root-differs'],
    [
      'of nothing with another root',
      { size1: 0, size2: 0, root1: 'AAAA', root2: 'AAAA', proof: [] },
      'old-root-differs',
    ],
  ])('refuses a proof %s', (_case, change, reason) => {
    const base = vectors.consistency.find(({ name }) => name === '2/happy-path')
    expect(judgeConsistency(JSON.stringify({ ...base, ...change }))).toEqual({ ok: false, reason })
  })

  test('takes two empty trees for the same', () => {
    const line = JSON.stringify({ size1: 0, size2: 0, root1: empty, root2: empty, proof: null })
    expect(judgeConsistency(line)).toEqual({ ok: true, reason: null })
  })
})

describe('bevis log verify-note', () => {
  const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  const note =
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'

  test('opens the note of the specification and nothing like it', async () => {
    const answers = await ask('verify-note', [
      { note, vkey },
      { note: note.replace('This', 'That'), vkey },
      { note: note.replace('foo ', 'bar '), vkey },
      { note: note.slice(0, -1), vkey },
      { note, vkey: vkey.replace('530d', '530e') },
      { note: 7, vkey },
      { note },
      { note: `\uD800${note}`, vkey },
      { note: note.replaceAll('\n', '\r\n'), vkey },
      JSON.stringify({ note, vkey }).replace('{', '{"note":"",'),
    ])
    expect(answers.map(({ reason }) => reason)).toEqual([
      null,
      'signature-wrong',
      'no-known-signature',
      'note-malformed',
      'key-malformed',
      'text-malformed: note',
      'missing: vkey',
      'note-malformed',
      'note-malformed',
      'member-repeated',
    ])
  })
})
