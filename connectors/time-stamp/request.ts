/** Asks a time-stamp authority over HTTP (RFC 3161 §2.4.1, §3.4). Only the digest leaves the house. */
import { randomBytes } from 'node:crypto'
import { bodyWithin } from '../bounded-body.ts'
import { der, oid, tags, unsigned } from './der.ts'
import { type TimeStamp, type TimeStampProblem, type TrustedTsa, verifyTimeStamp } from './verify.ts'

export interface Tsa {
  readonly url: string
  readonly trusted: TrustedTsa
  /** OID of the policy to ask for; left out, the TSA's own. */
  readonly policy?: string
}

export type TimeStampAnswer =
  /** `reply` is the whole answer (`TimeStampResp`): the `.tsr` file that `openssl ts -verify -in` reads. */
  | { readonly kind: 'stamped'; readonly reply: Uint8Array; readonly stamp: TimeStamp }
  /** It answered with something that is no time-stamp of our question; nothing of it is kept. */
  | { readonly kind: 'refused'; readonly problem: TimeStampProblem | 'clock' }
  /** No answer, or an HTTP status that is none: to be asked again. */
  | { readonly kind: 'unreachable'; readonly status?: number }

const timeoutMs = 15_000
const largestReply = 64 * 1024
/** RFC 3161 §2.2 has the time compared with our own clock too. One that is further off must be looked at, ours or theirs. */
const clockToleranceMs = 5 * 60_000
const sha256 = '2.16.840.1.101.3.4.2.1'

/** Has a SHA-256 digest (32 bytes) stamped, and judges the answer before it is believed. */
export async function askForTimeStamp(tsa: Tsa, digest: Uint8Array, signal?: AbortSignal): Promise<TimeStampAnswer> {
  const nonce = randomBytes(16)
  const sentAt = Date.now()
  const answer = await post(
    tsa.url,
    timeStampRequest({ digest, nonce, ...(tsa.policy === undefined ? {} : { policy: tsa.policy }) }),
    signal,
  )
  if (!('reply' in answer)) return { kind: 'unreachable', ...answer }
  const { reply } = answer
  const { trusted, policy } = tsa
  const expected = {
    digest,
    trusted,
    nonce: BigInt(`0x${nonce.toString('hex')}`),
    ...(policy === undefined ? {} : { policy }),
  }
  const verdict = await verifyTimeStamp(reply, expected)
  if (!verdict.ok) return { kind: 'refused', problem: verdict.problem }
  const time = Date.parse(verdict.stamp.genTime)
  const isNear = time >= sentAt - clockToleranceMs && time <= Date.now() + clockToleranceMs
  return isNear ? { kind: 'stamped', reply, stamp: verdict.stamp } : { kind: 'refused', problem: 'clock' }
}

/** `TimeStampReq` as DER, with certificates wanted, so that the answer stands alone. `nonce`: at least 8 random bytes. */
export function timeStampRequest({
  digest,
  nonce,
  policy,
}: {
  readonly digest: Uint8Array
  readonly nonce: Uint8Array
  readonly policy?: string
}): Uint8Array {
  const algorithm = der(tags.sequence, oid(sha256), der(tags.null))
  return der(
    tags.sequence,
    unsigned(Uint8Array.of(1)),
    der(tags.sequence, algorithm, der(tags.octets, digest)),
    ...(policy === undefined ? [] : [oid(policy)]),
    unsigned(nonce),
    der(tags.boolean, Uint8Array.of(0xff)),
  )
}

async function post(
  url: string,
  request: Uint8Array,
  ending?: AbortSignal,
): Promise<{ readonly reply: Uint8Array } | { readonly status?: number }> {
  const patience = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: Buffer.from(request),
      redirect: 'error',
      signal: ending === undefined ? patience : AbortSignal.any([patience, ending]),
    })
    const reply = await bodyWithin(response, largestReply)
    return response.status === 200 && reply !== undefined ? { reply } : { status: response.status }
  } catch {
    return {}
  }
}
