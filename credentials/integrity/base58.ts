/** base58btc, the spelling `did:key` and Data Integrity proofs use after a `z` (Multibase). */
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Longest text read: a key or a signature, nothing more; reading takes time by the square of the length. */
const longest = 120

/** Bytes of a `z…` text; undefined when it is none. */
export function readBase58(text: string): Uint8Array | undefined {
  if (!text.startsWith('z') || text.length > longest) return undefined
  let value = 0n
  let zeros = 0
  for (const letter of text.slice(1)) {
    const digit = alphabet.indexOf(letter)
    if (digit === -1) return undefined
    if (value === 0n && digit === 0) zeros += 1
    value = value * 58n + BigInt(digit)
  }
  const hex = value === 0n ? '' : value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return new Uint8Array([...new Uint8Array(zeros), ...bytes])
}
