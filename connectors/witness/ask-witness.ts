/** Asks one witness for its cosignature (C2SP tlog-witness). Its words are not believed here: whoever asks verifies the lines. */
import { bodyWithin } from '../bounded-body.ts'

export type WitnessAnswer =
  /** Signature lines as they came, without their line ends; of this witness or of anybody. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** It holds a checkpoint of this size, not of the one we named. */
  | { readonly kind: 'holds'; readonly size: number }
  /** It will not, and asking again changes nothing: 400 malformed, 403 key, 404 log unknown to it, 422 another history. */
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 | 422 }
  /** No answer, or one of another kind: to be asked again later. */
  | { readonly kind: 'unreachable'; readonly status?: number }

/** Sixteen post-quantum signatures fit. */
const largestAnswer = 128 * 1024
const refusals = [400, 403, 404, 422] as const

/** `prefix`: the witness's submission prefix, as configured. `body`: an `AddCheckpoint` in print. Ends with `signal` at the latest. */
export async function askWitness(prefix: string, body: string, signal: AbortSignal): Promise<WitnessAnswer> {
  const answer = await post(`${prefix.replace(/\/+$/, '')}/add-checkpoint`, body, signal)
  if (answer === undefined) return { kind: 'unreachable' }
  const { status, type, text } = answer
  const refusal = refusals.find((one) => one === status)
  if (refusal !== undefined) return { kind: 'refused', status: refusal }
  const size = status === 409 && type === 'text/x.tlog.size' ? sizeIn(text) : undefined
  if (size !== undefined) return { kind: 'holds', size }
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : []
  const isAnswer = status === 200 && lines.length > 0 && lines.every((line) => line.startsWith('\u2014 '))
  return isAnswer ? { kind: 'lines', lines } : { kind: 'unreachable', status }
}

async function post(url: string, body: string, signal: AbortSignal) {
  try {
    const response = await fetch(url, { method: 'POST', body, redirect: 'error', signal })
    const bytes = await bodyWithin(response, largestAnswer)
    const type = response.headers.get('content-type')?.split(';')[0]?.trim()
    return bytes === undefined ? undefined : { status: response.status, type, text: new TextDecoder().decode(bytes) }
  } catch {
    return undefined
  }
}

function sizeIn(text: string): number | undefined {
  const [, digits] = /^(0|[1-9]\d{0,15})\n$/.exec(text) ?? []
  const size = Number(digits)
  return Number.isSafeInteger(size) ? size : undefined
}
