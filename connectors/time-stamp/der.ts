/**
 * ASN.1 in its one encoding, DER (X.690 §10): no more of it than RFC 3161 needs. Values are opened one layer at a time, so that nothing
 * a stranger nests can use up the stack.
 */

/** One value: its tag byte, what it holds, and the bytes it came as. */
export interface Der {
  readonly tag: number
  readonly content: Uint8Array
  readonly whole: Uint8Array
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** `[n]` of a choice or an optional member, with something inside. */
export const context = (n: number): number => 0xa0 | n

/** Bytes that are no DER, or another value than belongs there. `where` names the member, never its content. */
export class DerError extends Error {
  override readonly name = 'DerError'
  readonly where: string

  constructor(where: string) {
    super(`not the DER that belongs there: ${where}`)
    this.where = where
  }
}

/** The one value these bytes are. @throws DerError when they are none, or more than one */
export function readDer(bytes: Uint8Array, where: string): Der {
  const value = valueAt(bytes, 0, where)
  if (value.whole.length !== bytes.length) throw new DerError(where)
  return value
}

/** What a constructed value holds, in order. @throws DerError when it is not `tag` or does not hold whole values */
export function inside(value: Der | undefined, tag: number, where: string): readonly Der[] {
  const { content } = expect(value, tag, where)
  const values: Der[] = []
  for (let at = 0; at < content.length; ) {
    const next = valueAt(content, at, where)
    values.push(next)
    at += next.whole.length
  }
  return values
}

/** @throws DerError when the value is not there or has another tag */
export function expect(value: Der | undefined, tag: number, where: string): Der {
  if (value?.tag !== tag) throw new DerError(where)
  return value
}

/** Serial numbers have at most 20 octets (RFC 5280 §4.1.2.2), and no nonce needs as many as this. */
const longestInteger = 64

/** A whole number in its shortest spelling. @throws DerError */
export function integerOf(value: Der | undefined, where: string, tag: number = tags.integer): bigint {
  const { content } = expect(value, tag, where)
  const [first, second = 0] = content
  if (first === undefined || content.length > longestInteger) throw new DerError(where)
  if (content.length > 1 && (first === 0 || first === 0xff) && first >>> 7 === second >>> 7) throw new DerError(where)
  return BigInt.asIntN(
    content.length * 8,
    content.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n),
  )
}

/** An object identifier in dotted form. @throws DerError */
export function oidOf(value: Der | undefined, where: string): string {
  const { content } = expect(value, tags.oid, where)
  const arcs: bigint[] = []
  let arc = 0n
  let isOpen = false
  for (const byte of content) {
    if (!isOpen && byte === 0x80) throw new DerError(where)
    arc = (arc << 7n) | BigInt(byte & 0x7f)
    isOpen = byte > 0x7f
    if (isOpen) continue
    arcs.push(arc)
    arc = 0n
  }
  const [first, ...rest] = arcs
  if (first === undefined || isOpen || content.length > 64) throw new DerError(where)
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...rest].join('.')
}

/** Milliseconds since 1970; fractions of a millisecond are cut. @throws DerError */
export function timeOf(value: Der | undefined, where: string): number {
  const text = textOf(expect(value, tags.generalizedTime, where).content)
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,20}[1-9]))?Z$/.exec(text)
  if (found === null) throw new DerError(where)
  const [, year, month, day, hour, minute, second, fraction = ''] = found
  return instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`, where)
}

/** As certificates tell time: two digits of the year until 2049, four from then on (RFC 5280 §4.1.2.5). @throws DerError */
export function validityTimeOf(value: Der | undefined, where: string): number {
  if (value?.tag !== tags.utcTime) return timeOf(value, where)
  const found = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(textOf(value.content))
  if (found === null) throw new DerError(where)
  const [, year, month, day, hour, minute, second] = found
  const century = Number(year) < 50 ? '20' : '19'
  return instantOf(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`, where)
}

/** Far more than a time takes. */
const longestTime = 64

function textOf(content: Uint8Array): string {
  return String.fromCharCode(...content.subarray(0, longestTime))
}

function instantOf(iso: string, where: string): number {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso) throw new DerError(where)
  return time.getTime()
}

/** @throws DerError for what DER does not spell as true or false */
export function booleanOf(value: Der | undefined, where: string): boolean {
  const { content } = expect(value, tags.boolean, where)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError(where)
  return content[0] === 0xff
}

/** The bytes of a bit string that has no bits left over. @throws DerError */
export function bitsOf(value: Der | undefined, where: string): Uint8Array {
  const { content } = expect(value, tags.bits, where)
  if (content[0] !== 0) throw new DerError(where)
  return content.subarray(1)
}

/** Whether two byte strings are the same; nothing secret is compared here. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** One value as DER. */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  const head = [tag, ...lengthOf(length)]
  const whole = new Uint8Array(head.length + length)
  whole.set(head)
  let at = head.length
  for (const part of content) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** A positive number from its bytes, most significant first. */
export function unsigned(bytes: Uint8Array): Uint8Array {
  const from = bytes.findIndex((byte) => byte !== 0)
  const digits = from === -1 ? Uint8Array.of(0) : bytes.subarray(from)
  return der(tags.integer, ...((digits[0] ?? 0) > 0x7f ? [Uint8Array.of(0)] : []), digits)
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return der(tags.oid, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(arc: number): number[] {
  const digits = [arc % 128]
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(128 + (left % 128))
  return digits
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const digits: number[] = []
  for (let left = length; left > 0; left = Math.floor(left / 256)) digits.unshift(left % 256)
  return [0x80 | digits.length, ...digits]
}

function valueAt(bytes: Uint8Array, at: number, where: string): Der {
  const tag = bytes[at]
  const first = bytes[at + 1]
  // High tag numbers occur nowhere in RFC 3161; 0x80 is BER's indefinite length.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f || first === 0x80) throw new DerError(where)
  const digits = first < 0x80 ? 0 : first & 0x7f
  if (digits > 4) throw new DerError(where)
  const from = at + 2 + digits
  const length = digits === 0 ? first : lengthIn(bytes.subarray(at + 2, from), digits, where)
  if (from + length > bytes.length) throw new DerError(where)
  return { tag, content: bytes.subarray(from, from + length), whole: bytes.subarray(at, from + length) }
}

function lengthIn(bytes: Uint8Array, digits: number, where: string): number {
  if (bytes.length !== digits || bytes[0] === 0) throw new DerError(where)
  const length = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  if (length < 0x80) throw new DerError(where)
  return length
}
