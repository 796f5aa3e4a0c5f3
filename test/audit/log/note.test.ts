/** Notes and checkpoints against the examples printed in the C2SP specifications. */
import { beforeAll, describe, expect, test } from 'vitest'
import { checkpointText, parseCheckpoint } from '#audit/checkpoint.ts'
import { parseCosignature } from '#audit/cosignature.ts'
import { hex, utf8 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { addSignatures, openNote, parseNote, printSignature, signNote } from '#audit/note.ts'
import { type Cosigner, cosigner, ed25519Signer, parseVerifierKey } from '#audit/note-key.ts'

const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const exampleNote =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
const exampleCheckpoint = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
let log: ReturnType<typeof ed25519Signer>
let witness: Cosigner

beforeAll(() => {
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
    ['no signature', 'text\n'],
    ['no signature line', 'text\n\n'],
    ['no last newline', exampleNote.slice(0, -1)],
    ['a control character', exampleNote.replace('This', 'Th\tis')],
    ['a carriage return', exampleNote.replaceAll('\n', '\r\n')],
    ['a hyphen for the dash', exampleNote.replace('—', '-')],
    ['a plus in the name', exampleNote.replace('example.com/foo', 'example+com')],
    ['a space in the name', exampleNote.replace('example.com/foo', 'example\u00a0com')],
    ['a signature without a byte', 'text\n\n— name AAAAAA==\n'],
    ['a lone surrogate', exampleNote.replace('This', '\ud800')],
  ])('with %s is malformed', (_, note) => {
    expect(() => parseNote(note)).toThrow(AuditError)
  })
})

describe('a verifier key', () => {
  test('has the key id of the formula', () => {
    const { name, keyId, type, publicKey } = parseVerifierKey(exampleKey)
    expect([name, keyId, type, publicKey.length]).toEqual(['example.com/foo', 0x530d903a, 1, 32])
  })

  test.each([
    ['another id', exampleKey.replace('530d903a', '530d903b'), 'key-malformed'],
    ['an id in capitals', exampleKey.replace('530d903a', '530D903A'), 'key-malformed'],
    ['no name', exampleKey.replace('example.com/foo', ''), 'key-malformed'],
    ['another type', 'example.com/foo+00000000+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'key-type-unknown'],
  ])('with %s is refused', (_, vkey, code) => {
    expect(() => parseVerifierKey(vkey)).toThrow(code)
  })
})

describe('a checkpoint', () => {
  test('of the specification reads and prints the same', () => {
    const read = parseCheckpoint(exampleCheckpoint)
    expect([read.origin, read.size, read.extensions]).toEqual(['example.com/behind-the-sofa', 20_852_163, []])
    expect(checkpointText(read)).toBe(exampleCheckpoint)
  })

  test.each(['020852163', '+1', '-1', '1.0', '', '9007199254740992'])('with the size %j is malformed', (size) => {
    expect(() => parseCheckpoint(exampleCheckpoint.replace('20852163', size))).toThrow('checkpoint-malformed')
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
