/** Status lists as bits, read back by a decoder somebody else wrote. */
import { gzipSync } from 'node:zlib'
import { decodeList } from '@digitalbazaar/vc-bitstring-status-list'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bitAt, bitsOf, decodeBits, encodeBits, statusListSize } from '#credentials/status/bitstring.ts'

const index = fc.nat({ max: statusListSize - 1 })

describe('a status list', () => {
  test('has index 0 as the most significant bit of its first byte', () => {
    expect(Array.from(bitsOf([0, 9]).subarray(0, 2))).toEqual([0x80, 0x40])
  })

  test('tells for every index whether it was set, whatever was set', () => {
    fc.assert(
      fc.property(fc.uniqueArray(index, { maxLength: 50 }), fc.array(index, { maxLength: 50 }), (set, asked) => {
        const bits = bitsOf(set)
        return [...set, ...asked].every((at) => bitAt(bits, at) === (set.includes(at) ? 1 : 0))
      }),
    )
  })

  test('is read the same by an independent decoder', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(index, { maxLength: 20 }),
        fc.array(index, { maxLength: 20 }),
        async (set, asked) => {
          const list = await decodeList({ encodedList: await encodeBits(bitsOf(set)) })
          return (
            list.length === statusListSize && [...set, ...asked].every((at) => list.getStatus(at) === set.includes(at))
          )
        },
      ),
      { numRuns: 30 },
    )
  })

  test('survives encoding and decoding', async () => {
    const bits = bitsOf([1, 131_071, 77_777])
    const decoded = await decodeBits(await encodeBits(bits))
    expect(decoded.kind === 'decoded' && Buffer.from(decoded.bits).equals(Buffer.from(bits))).toBe(true)
  })

  test('is multibase base64url of GZIP', async () => {
    const encoded = await encodeBits(bitsOf([]))
    expect(encoded[0]).toBe('u')
    expect(Array.from(Buffer.from(encoded.slice(1), 'base64url').subarray(0, 2))).toEqual([0x1f, 0x8b])
  })

  test('answers nothing beyond its end', () => {
    expect(bitAt(bitsOf([]), statusListSize)).toBeUndefined()
    expect(bitAt(bitsOf([]), -1)).toBeUndefined()
  })

  test('is never smaller than the standard’s herd', () => {
    expect(() => bitsOf([], 131_064)).toThrow('status-list-too-short')
    expect(() => bitsOf([statusListSize])).toThrow('status-index-out-of-range')
    expect(() => bitsOf([0.5])).toThrow('status-index-out-of-range')
  })
})

describe('an encoded list is refused', () => {
  const packed = (bytes: number) => gzipSync(Buffer.alloc(bytes)).toString('base64url')
  test.each([
    ['under another multibase', `z${packed(16_384)}`, 'malformed-value'],
    ['without a multibase', packed(16_384), 'malformed-value'],
    ['in padded base64', `u${packed(16_384)}==`, 'malformed-value'],
    ['when it is not packed', `u${Buffer.alloc(16_384).toString('base64url')}`, 'malformed-value'],
    ['when it unpacks without end', `u${packed(64 * 1024 * 1024)}`, 'malformed-value'],
    ['when it is too short', `u${packed(16_383)}`, 'status-list-length'],
    ['when it is empty', '', 'malformed-value'],
  ])('%s', async (_, encoded, code) => {
    expect(await decodeBits(encoded)).toEqual({ kind: 'refused', code })
  })
})
