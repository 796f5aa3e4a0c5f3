/**
 * Approving a list in one act: where it may be done, and which of its cases must have been opened (docs/levels.md). Without it
 * "all approved" could mean that nobody looked.
 */
import type { Achievement } from '#domain/register.ts'
import type { Band, CaseId } from '#domain/words.ts'

/** The act on a list, as every decision taken in it keeps it. */
export interface ListAct {
  readonly id: string
  /** 32 hexadecimal digits; with the ids of the list's cases the sample can be drawn again. */
  readonly seed: string
  /** Cases in the list. */
  readonly size: number
  /** Cases of the sample that had been opened before the act. */
  readonly opened: number
}

/** At A and B–C1 each case is decided by itself, whatever an achievement says. */
const listBands: readonly Band[] = ['C2-D', 'D-E', 'E', 'F']

/** True where the band allows it at all and this achievement says that it may be done. */
export function mayBeListed(band: Band, { listApproval }: Pick<Achievement, 'listApproval'>): boolean {
  return listApproval === true && listBands.includes(band)
}

const smallestSample = 5

/** How many cases of a list must be opened: all of up to five, then the square root, at least five. */
export function sampleSize(size: number): number {
  return Math.min(size, Math.max(smallestSample, Math.ceil(Math.sqrt(size))))
}

/** True when as many were opened as the list's size demands. */
export function isSampleOpened({ size, opened }: Pick<ListAct, 'size' | 'opened'>): boolean {
  return size > 0 && opened >= sampleSize(size)
}

/**
 * The sample of a list, in the order drawn: a Fisher–Yates shuffle of the ids in ascending order by xoshiro128**, whose state is the
 * seed as four big-endian words. The same list and seed give the same sample to whoever draws it again.
 *
 * @param seed 32 hexadecimal digits, not all zero
 */
export function drawSample(ids: readonly CaseId[], seed: string): CaseId[] {
  const next = generator(seed)
  const left = ids.toSorted()
  const drawn: CaseId[] = []
  for (const size = sampleSize(left.length); drawn.length < size; ) {
    const [one] = left.splice(below(left.length, next), 1)
    if (one !== undefined) drawn.push(one)
  }
  return drawn
}

/** Without the bias that a remainder of 2^32 would leave. */
function below(limit: number, next: () => number): number {
  const fair = 2 ** 32 - (2 ** 32 % limit)
  for (;;) {
    const word = next()
    if (word < fair) return word % limit
  }
}

/** xoshiro128** by Blackman and Vigna, in unsigned 32-bit words. */
function generator(seed: string): () => number {
  const word = (at: number) => Number.parseInt(seed.slice(at * 8, at * 8 + 8), 16) >>> 0
  let [a, b, c, d] = [word(0), word(1), word(2), word(3)]
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return result
  }
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}
