/**
 * Approving a list in one act: where it may be done, and which of its cases must have been opened (docs/levels.md). Without it
 * "all approved" could mean that nobody looked.
 */
import type { Achievement } from '#domain/register.ts'
import { generator, shuffled } from '#domain/sample.ts'
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
 * The sample of a list, in the order drawn: the first of the ids shuffled (domain/sample.ts). The same list and seed give the same
 * sample to whoever draws it again.
 *
 * @param seed 32 hexadecimal digits, not all zero
 */
export function drawSample(ids: readonly CaseId[], seed: string): CaseId[] {
  return shuffled(ids, { count: sampleSize(ids.length), next: generator(seed) })
}
