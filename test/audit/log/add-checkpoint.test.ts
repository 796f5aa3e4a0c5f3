/** A log's request to a witness as C2SP tlog-witness spells it, and every text that is none. */
import { describe, expect, test } from 'vitest'
import { parseAddCheckpoint, printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { base64, utf8 } from '#audit/digest.ts'
import { leaves } from './tiles.ts'

const [first, second] = leaves(2).map(base64)
const note = 'origin\n1\nroot\n\n— name AAAAAAA=\n'
const body = `old 20\n${first}\n${second}\n\n${note}`

describe('a request to a witness', () => {
  test('is the size the witness knows, the proof, an empty line and the note', () => {
    expect(printAddCheckpoint({ oldSize: 20, proof: leaves(2), note })).toBe(body)
    const read = parseAddCheckpoint(utf8(body))
    expect([read?.oldSize, read?.proof.map(base64), read?.note]).toEqual([20, [first, second], note])
  })

  test('has no proof where the witness knows nothing, and at most 63 hashes', () => {
    expect(parseAddCheckpoint(utf8(`old 0\n\n${note}`))).toEqual({ oldSize: 0, proof: [], note })
    const long = leaves(63)
    expect(parseAddCheckpoint(utf8(printAddCheckpoint({ oldSize: 1, proof: long, note })))?.proof).toHaveLength(63)
    expect(parseAddCheckpoint(utf8(printAddCheckpoint({ oldSize: 1, proof: leaves(64), note })))).toBeUndefined()
    expect(parseAddCheckpoint(utf8('old 9007199254740991\n\nx'))?.oldSize).toBe(2 ** 53 - 1)
  })

  test.each([
    ['no empty line', 'old 20'],
    ['no empty line behind its proof', `old 20\n${first}\n`],
    ['no size', `\n\n${note}`],
    ['another first word', body.replace('old', 'new')],
    ['words before the size', body.replace('old', 'an old')],
    ['words behind the size', body.replace('20', '20 x')],
    ['a size with a zero in front', body.replace('20', '020')],
    ['a size below none', body.replace('20', '-1')],
    ['a size numbers cannot hold', body.replace('20', '9007199254740992')],
    ['a hash cut short', body.replace(first ?? '', 'AAAA')],
    ['a hash of 33 bytes', body.replace(first ?? '', 'A'.repeat(44))],
    ['a hash with stray bits', body.replace(first ?? '', `${'A'.repeat(42)}B=`)],
    ['a hash in other letters', body.replace(first ?? '', `${'_'.repeat(43)}=`)],
    ['a second hash that is none', body.replace(second ?? '', 'x')],
    ['a byte order mark', `\ufeff${body}`],
  ])('with %s is none', (_, text) => {
    expect(parseAddCheckpoint(utf8(text))).toBeUndefined()
  })

  test('that is not UTF-8 is none', () => {
    expect(parseAddCheckpoint(Uint8Array.of(...utf8(body), 0xff))).toBeUndefined()
  })
})
