/** Cosignatures that quantum computers do not break (C2SP tlog-cosignature, type 0x06), held against OpenSSL's ML-DSA. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkpointText } from '#audit/checkpoint.ts'
import { parseCosignature, printCosignature, treeMessage } from '#audit/cosignature.ts'
import { hex, utf8 } from '#audit/digest.ts'
import { judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { mlDsa44Keys, verifyMlDsa44 } from '#audit/ml-dsa.ts'
import { addSignatures, openNote, parseNote, printSignature, signNote } from '#audit/note.ts'
import {
  type Cosigner,
  cosigner,
  ed25519Signer,
  mlDsaCosigner,
  parseVerifierKey,
  printVerifierKey,
} from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'

const seed = (byte: number) => new Uint8Array(32).fill(byte)
const origin = 'log.example/uni-a'
const text = checkpointText({ origin, size: 20_852_163, root: seed(9), extensions: [] })
/** What the specification says is signed, spelled by hand. */
const message = (over: { name?: string; size?: number } = {}) => {
  const name = over.name ?? 'witness.example/w1'
  const numbers = Buffer.alloc(16)
  numbers.writeBigUInt64BE(BigInt(over.size ?? 20_852_163), 8)
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(1_679_315_147n)
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    Buffer.of(name.length),
    Buffer.from(name),
    time,
    Buffer.of(origin.length),
    Buffer.from(origin),
    numbers,
    seed(9),
  ])
}
const openssl = (publicKey: Uint8Array) =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('30820532300b06096086480165030403110382052100', 'hex'), publicKey]),
    format: 'der',
    type: 'spki',
  })

let witness: Cosigner
let publicKey: Uint8Array
let note: string
const log = ed25519Signer(origin, seed(1))
const line = (by: Cosigner, over = text) =>
  printSignature({ name: by.name, keyId: by.keyId, signature: by.cosign(utf8(over), 1_679_315_147) })
beforeAll(() => {
  witness = mlDsaCosigner('witness.example/w1', seed(2))
  publicKey = mlDsa44Keys(seed(2)).publicKey
  note = addSignatures(signNote(text, [log]), [line(witness)])
})

describe('a cosignature by ML-DSA-44', () => {
  test('signs what the specification says, as OpenSSL sees it', () => {
    const [, { signature } = { signature: new Uint8Array() }] = parseNote(note).signatures
    const cosignature = parseCosignature(signature)
    expect([cosignature.time, cosignature.signature.length]).toEqual([1_679_315_147, 2_420])
    expect(verify(null, message(), openssl(publicKey), cosignature.signature)).toBe(true)
    expect(verify(null, message({ size: 1 }), openssl(publicKey), cosignature.signature)).toBe(false)
  })

  test('that OpenSSL made verifies, and over another name, size or time it does not', () => {
    const key = createPrivateKey({
      key: Buffer.concat([
        Buffer.from('3034020100300b0609608648016503040311042280 20'.replace(' ', ''), 'hex'),
        seed(2),
      ]),
      format: 'der',
      type: 'pkcs8',
    })
    const signed = (bytes: Buffer, time = 1_679_315_147) =>
      printCosignature({ time, signature: sign(null, bytes, key) })
    const verifier = parseVerifierKey(witness.vkey)
    const verifies = (text: Uint8Array, bytes: Uint8Array) => verifier.verify(text, bytes)
    expect(verifies(utf8(text), signed(message()))).toBe(true)
    expect(verifies(utf8(text), signed(message({ name: 'witness.example/w2' })))).toBe(false)
    expect(verifies(utf8(text), signed(message({ size: 20_852_164 })))).toBe(false)
    expect(verifies(utf8(text), signed(message(), 1_679_315_148))).toBe(false)
  })

  test('opens a note by a key whose id is that of the specification, and of a bit turned refuses it whole', () => {
    const verifier = parseVerifierKey(witness.vkey)
    expect([verifier.type, verifier.publicKey.length, verifier.keyId]).toEqual([0x06, 1_312, witness.keyId])
    expect(openNote(note, [verifier]).verified.map(({ name }) => name)).toEqual(['witness.example/w1'])
    const other = note.replace('20852163', '20852164')
    expect(() => openNote(other, [verifier])).toThrow('signature-wrong')
    expect(verifier.verify(utf8('no checkpoint\n'), witness.cosign(utf8(text), 1))).toBe(false)
    expect(verifier.verify(utf8(text), witness.cosign(utf8(text), 1).subarray(1))).toBe(false)
    expect(verifier.verify(utf8(text), cosigner('witness.example/w1', seed(2)).cosign(utf8(text), 1))).toBe(false)
  })

  test('says nothing of extension lines, which the log may change', () => {
    const extended = checkpointText({ origin, size: 20_852_163, root: seed(9), extensions: ['more'] })
    expect(parseVerifierKey(witness.vkey).verify(utf8(extended), witness.cosign(utf8(text), 1))).toBe(true)
  })

  test('makes a quorum, also beside the same witness’s other key, and also as the log’s own signature', () => {
    const policyWith = (...lines: readonly string[]) => parsePolicy(`${lines.join('\n')}\n`)
    const both = addSignatures(note, [line(cosigner('witness.example/w1', seed(3)))])
    const policy = policyWith(`log ${log.vkey}`, `witness own ${witness.vkey}`, 'quorum own')
    for (const one of [note, both])
      expect(judgeCheckpoint(policy, one)).toMatchObject({
        ok: true,
        witnesses: [{ name: 'own', time: 1_679_315_147 }],
      })
    expect(judgeCheckpoint(policy, signNote(text, [log]))).toMatchObject({ ok: false, reason: 'quorum-missed' })
    const byLog = mlDsaCosigner(origin, seed(4))
    const signed = addSignatures(note, [line(byLog)])
    expect(judgeCheckpoint(policyWith(`log ${byLog.vkey}`, 'quorum none'), signed)).toMatchObject({ ok: true })
  })

  test.each([
    [
      'a key a byte short',
      () => parseVerifierKey(printVerifierKey('w', 0x06, publicKey.subarray(1))),
      'key-malformed: vkey',
    ],
    ['a seed a byte short', () => mlDsaCosigner('w', seed(1).subarray(1)), 'key-malformed: seed'],
    ['a name with a space', () => mlDsaCosigner('w 1', seed(1)), 'key-malformed: name'],
    [
      'a name too long to be signed',
      () => line(mlDsaCosigner('w'.repeat(256), seed(1))),
      'cosignature-malformed: name',
    ],
    ['what is no checkpoint', () => line(witness, 'text\n'), 'checkpoint-malformed'],
  ])('is not made or read with %s', (_, work, message) => {
    expect(work).toThrow(message)
  })

  test('is over names of one to 255 bytes, and over counts', () => {
    const statement = { cosigner: 'w', time: 0, origin, size: 0, root: seed(9) }
    const spelled = (over: Partial<typeof statement> = {}) => treeMessage({ ...statement, ...over })
    expect(spelled().length).toBe(12 + 1 + 1 + 8 + 1 + origin.length + 16 + 32)
    expect(spelled({ cosigner: 'w'.repeat(255) }).length).toBe(spelled().length + 254)
    const malformed = (what: string) => expect.objectContaining({ code: 'cosignature-malformed', message: what })
    const refusal = (over: Partial<typeof statement>) => {
      try {
        return spelled(over)
      } catch (error) {
        return error
      }
    }
    for (const [over, what] of [
      [{ cosigner: '' }, 'name'],
      [{ origin: 'o'.repeat(256) }, 'name'],
      [{ time: 0.5 }, 'time'],
      [{ time: -1 }, 'time'],
      [{ size: 2 ** 53 }, 'size'],
    ] as const)
      expect(refusal(over)).toEqual(malformed(`cosignature-malformed: ${what}`))
  })

  test('of bytes of another length is none', () => {
    const { sign: signed } = mlDsa44Keys(seed(2))
    const bytes = utf8('bytes')
    expect(verifyMlDsa44(publicKey, bytes, signed(bytes))).toBe(true)
    expect(verifyMlDsa44(publicKey, bytes, signed(bytes).subarray(1))).toBe(false)
    expect(verifyMlDsa44(publicKey.subarray(1), bytes, signed(bytes))).toBe(false)
    expect(hex(mlDsa44Keys(seed(2)).publicKey)).toBe(hex(publicKey))
  })
})
