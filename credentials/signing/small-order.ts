/** Ed25519 keys that verify anything; without this check such a key in the register would be a signature for everybody. */

/** p = 2^255 − 19. */
const prime = 2n ** 255n - 19n
/** One of the two y of the points of order eight; the other is its negative. */
const orderEight = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n

/** y of every point of order 1, 2, 4 and 8 (RFC 8032 §5.1: cofactor 8); the sign of x plays no part. */
const smallOrder: ReadonlySet<bigint> = new Set([1n, prime - 1n, 0n, orderEight, prime - orderEight])

/** True for the encoding of a point of small order, and for bytes that are no canonical encoding at all. */
export function isSmallOrder(encoded: Uint8Array): boolean {
  if (encoded.length !== 32) return true
  const y = littleEndian(encoded) & (2n ** 255n - 1n)
  return y >= prime || smallOrder.has(y)
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
