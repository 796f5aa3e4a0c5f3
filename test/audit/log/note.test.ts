/** Notes and checkpoints against the examples printed in the C2SP specifications. */
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { checkpointText, parseCheckpoint } from '#audit/checkpoint.ts'
import { cosignatureMessage, parseCosignature, printCosignature } from '#audit/cosignature.ts'
import { hex, utf8 } from '#audit/digest.ts'
import { addSignatures, openNote, parseNote, printSignature, signNote } from '#audit/note.ts'
import { type Cosigner, cosigner, ed25519Signer, parseVerifierKey, printVerifierKey } from '#audit/note-key.ts'

const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const exampleNote =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
const exampleCheckpoint = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
/** A verifier key with these bytes for a point, its id right. */
function keyOf(point: Uint8Array): string {
  const bytes = Buffer.from([1, ...point])
  const id = createHash('sha256').update('n\n').update(bytes).digest('hex').slice(0, 8)
  return `n+${id}+${bytes.toString('base64')}`
}

let log: ReturnType<typeof ed25519Signer>
let witness: Cosigner

// Not once for all: what is thrown here is then a test's own failure (docs/conformance/mutation.md).
beforeEach(() => {
  log = ed25519Signer('log.example/uni-a', new Uint8Array(32).fill(7))
  witness = cosigner('witness.example', new Uint8Array(32).fill(9))
})

describe('a note', () => {
  test('of the specification verifies under the key of the specification', () => {
    const opened = openNote(exampleNote, [parseVerifierKey(exampleKey)])
    expect(opened.text).toBe('This is an example message.\n')
    expect(opened.verified.map(({ name }) => name)).toEqual(['example.com/foo'])
  })

  test('signed here opens here, and lines of unknown keys say nothing', () => {
    const note = addSignatures(signNote('one\n\ntwo\n', [log]), ['— stranger AAAAAAA='])
    const opened = openNote(note, [parseVerifierKey(log.vkey)])
    expect(opened.text).toBe('one\n\ntwo\n')
    expect(opened.unverified.map(({ name }) => name)).toEqual(['stranger'])
  })

  test('with a wrong signature of a known key is refused whole', () => {
    const broken = exampleNote.replace('example message', 'exemple message')
    expect(() => openNote(broken, [parseVerifierKey(exampleKey)])).toThrow('signature-wrong')
    expect(() => openNote(exampleNote, [parseVerifierKey(log.vkey)])).toThrow('no-known-signature')
  })

  test.each([
    ['no signature', 'text\n', 'note-malformed: signatures'],
    ['no signature line', 'text\n\n', 'note-malformed: signatures'],
    ['no last newline', exampleNote.slice(0, -1), 'note-malformed: signatures'],
    ['a control character', exampleNote.replace('This', 'Th\tis'), 'note-malformed: characters'],
    ['a carriage return', exampleNote.replaceAll('\n', '\r\n'), 'note-malformed: characters'],
    ['a hyphen for the dash', exampleNote.replace('—', '-'), 'note-malformed: signature 1'],
    ['a plus in the name', exampleNote.replace('example.com/foo', 'example+com'), 'note-malformed: signature 1'],
    ['a space in the name', exampleNote.replace('example.com/foo', 'example\u00a0com'), 'note-malformed: signature 1'],
    ['a signature without a byte', 'text\n\n— name AAAAAA==\n', 'note-malformed: signature 1'],
    ['a second line that is none', `${exampleNote}\u2014 name\n`, 'note-malformed: signature 2'],
    ['a word after the signature', exampleNote.replace('yaQM=', 'yaQM= x'), 'note-malformed: signature 1'],
    ['words before the dash', exampleNote.replace('\u2014', 'x\u2014'), 'note-malformed: signature 1'],
    ['a hundred and one signatures', exampleNote + '\u2014 name AAAAAAA=\n'.repeat(100), 'note-too-large: signatures'],
    ['more than a mebibyte', 'x'.repeat(1024 * 1024) + exampleNote, 'note-too-large: note'],
    ['stray bits in base64', 'text\n\n\u2014 name AAAAAAB=\n', 'base64-not-strict'],
    ['a lone surrogate', exampleNote.replace('This', '\ud800'), 'note-malformed: characters'],
  ])('with %s is malformed', (_, note, message) => {
    expect(() => parseNote(note)).toThrow(message)
  })

  test('has up to a hundred signatures and a mebibyte, and the tab of no line', () => {
    expect(parseNote(exampleNote + '\u2014 name AAAAAAA=\n'.repeat(99)).signatures).toHaveLength(100)
    const long = 'x'.repeat(1024 * 1024 - exampleNote.length) + exampleNote
    expect(parseNote(long).text).toHaveLength(long.length - exampleNote.length + 'This is an example message.\n'.length)
  })

  test('is printed with its key id, high byte first, and each line once', () => {
    const line = printSignature({ name: 'name', keyId: 0x01020304, signature: Uint8Array.of(5) })
    expect(line).toBe('\u2014 name AQIDBAU=')
    const note = addSignatures(exampleNote, [line, line, exampleNote.split('\n')[2] ?? ''])
    expect(note).toBe(`${exampleNote}${line}\n`)
    expect(() => addSignatures(exampleNote, ['words'])).toThrow('note-malformed: signature 2')
  })

  test.each([
    ['without a last newline', 'text'],
    ['with a tab', 'a\tb\n'],
  ])('is not made of text %s, nor without a signer', (_, text) => {
    expect(() => signNote(text, [log])).toThrow('note-malformed: text')
    expect(() => signNote('text\n', [])).toThrow('note-malformed: text')
  })

  test('is signed by each in turn, whatever its text', () => {
    const other = ed25519Signer('log.example/uni-b', new Uint8Array(32).fill(8))
    const note = signNote('\n', [log, other])
    expect(note.split('\n').map((line) => line.split(' ')[1])).toEqual([
      undefined,
      undefined,
      log.name,
      other.name,
      undefined,
    ])
    expect(
      openNote(
        note,
        [log, other].map(({ vkey }) => parseVerifierKey(vkey)),
      ),
    ).toMatchObject({
      text: '\n',
      verified: [{ name: log.name }, { name: other.name }],
    })
  })

  test('takes a signature for its own key only, by name and by id', () => {
    const [key] = [parseVerifierKey(exampleKey)]
    expect(() => openNote(exampleNote, [{ ...key, keyId: 1 }])).toThrow('no-known-signature: signatures')
    expect(() => openNote(exampleNote, [{ ...key, name: 'x' }])).toThrow('no-known-signature: signatures')
    expect(() => openNote(exampleNote, [{ ...key, verify: () => false }])).toThrow('signature-wrong: example.com/foo')
  })
})

describe('a verifier key', () => {
  test('has the key id of the formula', () => {
    const { name, keyId, type, publicKey } = parseVerifierKey(exampleKey)
    expect([name, keyId, type, publicKey.length]).toEqual(['example.com/foo', 0x530d903a, 1, 32])
  })

  test.each([
    ['another id', exampleKey.replace('530d903a', '530d903b'), 'key-malformed: key id'],
    ['an id in capitals', exampleKey.replace('530d903a', '530D903A'), 'key-malformed: vkey'],
    ['no name', exampleKey.replace('example.com/foo', ''), 'key-malformed: vkey'],
    ['another type', 'example.com/foo+00000000+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'key-type-unknown: vkey'],
    ['no key', 'example.com/foo+530d903a+AQ==', 'key-malformed: vkey'],
    ['a key cut short', keyOf(new Uint8Array(31)), 'key-malformed: vkey'],
    ['a key of small order', keyOf(Uint8Array.of(1, ...new Uint8Array(31))), 'key-weak: vkey'],
    ['a point that is not on the curve', keyOf(Uint8Array.of(2, ...new Uint8Array(31))), 'key-malformed: vkey'],
    [
      'a point in a second spelling',
      keyOf(Uint8Array.of(0xf0, ...new Uint8Array(30).fill(0xff), 0x7f)),
      'key-malformed: vkey',
    ],
    ['words before', `x ${exampleKey}`, 'key-malformed: vkey'],
    ['words behind', `${exampleKey} x`, 'key-malformed: vkey'],
    ['a name before the name', `foo+${exampleKey}`, 'key-malformed: vkey'],
  ])('with %s is refused', (_, vkey, message) => {
    expect(() => parseVerifierKey(vkey)).toThrow(message)
  })

  test('is printed as it is read, with leading zeros in its id', () => {
    const { name, type, publicKey } = parseVerifierKey(exampleKey)
    expect(printVerifierKey(name, type, publicKey)).toBe(exampleKey)
    const low = Array.from({ length: 600 }, (_, at) => printVerifierKey(`n${at}`, type, publicKey)).filter((vkey) =>
      /\+0/.test(vkey),
    )
    expect(low.length).toBeGreaterThan(5)
    for (const vkey of low) expect(parseVerifierKey(vkey).type).toBe(1)
  })

  test.each([
    ['a name with a space', 'a b', 32, 'key-malformed: name'],
    ['a name with a plus', 'a+b', 32, 'key-malformed: name'],
    ['a name with a control character', 'a\u0001b', 32, 'key-malformed: name'],
    ['a name with a lone surrogate', 'a\ud800', 32, 'key-malformed: name'],
    ['no name', '', 32, 'key-malformed: name'],
    ['a seed cut short', 'name', 31, 'key-malformed: seed'],
  ])('is not made of %s', (_, name, length, message) => {
    expect(() => ed25519Signer(name, new Uint8Array(length))).toThrow(message)
    expect(() => cosigner(name, new Uint8Array(length))).toThrow(message)
  })
})

describe('a checkpoint', () => {
  test('of the specification reads and prints the same', () => {
    const read = parseCheckpoint(exampleCheckpoint)
    expect([read.origin, read.size, read.extensions]).toEqual(['example.com/behind-the-sofa', 20_852_163, []])
    expect(checkpointText(read)).toBe(exampleCheckpoint)
  })

  test.each(['020852163', '+1', '-1', '1.0', '', '9007199254740992'])('with the size %j is malformed', (size) => {
    expect(() => parseCheckpoint(exampleCheckpoint.replace('20852163', size))).toThrow(
      size === '' ? 'checkpoint-malformed: line 2' : 'checkpoint-malformed: size',
    )
  })

  test.each([
    ['two lines', 'origin\n1\n', 'checkpoint-malformed: lines'],
    ['no last newline', exampleCheckpoint.slice(0, -1), 'checkpoint-malformed: end'],
    ['an empty line', `${exampleCheckpoint}\n`, 'checkpoint-malformed: line 4'],
    ['an empty origin', exampleCheckpoint.slice(exampleCheckpoint.indexOf('\n')), 'checkpoint-malformed: line 1'],
    ['a root cut short', exampleCheckpoint.replace('CsUYapGG', ''), 'checkpoint-malformed: root'],
    ['a root of 33 bytes', exampleCheckpoint.replace('q2I=', 'q2Ii'), 'checkpoint-malformed: root'],
    ['a root with stray bits', exampleCheckpoint.replace('q2I=', 'q2J='), 'base64-not-strict'],
    ['a size with words', exampleCheckpoint.replace('20852163', '20852163x'), 'checkpoint-malformed: size'],
  ])('with %s is malformed', (_, some, message) => {
    expect(() => parseCheckpoint(some)).toThrow(message)
  })

  test.each([
    ['an empty origin', { origin: '' }, 'checkpoint-malformed: line 1'],
    ['an origin of two lines', { origin: 'a\nb' }, 'checkpoint-malformed: line 1'],
    ['half a size', { size: 0.5 }, 'checkpoint-malformed: size'],
    ['a root cut short', { root: new Uint8Array(31) }, 'checkpoint-malformed: root'],
    ['an empty extension', { extensions: ['x', ''] }, 'checkpoint-malformed: line 5'],
  ])('is not printed with %s', (_, change, message) => {
    const whole = { origin: 'a', size: 0, root: new Uint8Array(32), extensions: ['x'] }
    expect(checkpointText(whole)).toBe(`a\n0\n${'A'.repeat(43)}=\nx\n`)
    expect(() => checkpointText({ ...whole, ...change })).toThrow(message)
  })

  test('may be of the largest size numbers hold', () => {
    expect(parseCheckpoint(exampleCheckpoint.replace('20852163', '9007199254740991')).size).toBe(2 ** 53 - 1)
    expect(parseCheckpoint(exampleCheckpoint.replace('20852163', '0')).size).toBe(0)
  })

  test.each([
    ['a time before 1970', -1, 'cosignature-malformed: time'],
    ['half a second', 0.5, 'cosignature-malformed: time'],
  ])('is not cosigned at %s', (_, time, message) => {
    expect(() => cosignatureMessage(time, utf8('text\n'))).toThrow(message)
    expect(() => printCosignature({ time, signature: new Uint8Array(64) })).toThrow(message)
  })

  test('has cosignatures of 72 bytes, with a time that numbers hold', () => {
    expect(() => parseCosignature(new Uint8Array(71))).toThrow('cosignature-malformed: length')
    expect(() => parseCosignature(new Uint8Array(73))).toThrow('cosignature-malformed: length')
    expect(() => parseCosignature(new Uint8Array(72).fill(0xff))).toThrow('cosignature-malformed: time')
    expect(Buffer.from(cosignatureMessage(7, utf8('text\n'))).toString()).toBe('cosignature/v1\ntime 7\ntext\n')
    // Where a view begins is not where its buffer begins.
    const whole = new Uint8Array(80)
    whole[15] = 7
    expect(parseCosignature(whole.subarray(8)).time).toBe(7)
  })

  test.each([0, 71, 73])('is not cosigned by %i bytes', (length) => {
    expect(parseVerifierKey(witness.vkey).verify(utf8(exampleCheckpoint), new Uint8Array(length))).toBe(false)
  })

  test('is cosigned with a time that verifies with it', () => {
    const line = {
      name: witness.name,
      keyId: witness.keyId,
      signature: witness.cosign(utf8(exampleCheckpoint), 1_679_315_147),
    }
    const note = addSignatures(signNote(exampleCheckpoint, [log]), [printSignature(line)])
    const [found] = openNote(note, [parseVerifierKey(witness.vkey)]).verified
    expect(parseCosignature(found?.signature ?? new Uint8Array()).time).toBe(1_679_315_147)
    const later = new Uint8Array(line.signature)
    later[7] = 0
    const forged = addSignatures(signNote(exampleCheckpoint, [log]), [printSignature({ ...line, signature: later })])
    expect(() => openNote(forged, [parseVerifierKey(witness.vkey)])).toThrow('signature-wrong')
    expect(hex(line.signature.subarray(0, 8))).toBe('00000000641850cb')
  })
})
