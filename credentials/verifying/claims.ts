/** Registered claims against the members they repeat; unequal pairs let two readers see two different credentials (Open Badges 3.0 §8.2). */
import { isObject } from '#credentials/bytes.ts'
import type { CompactDocument } from '#credentials/verifying/compact.ts'
import { type Answer, couldNotCheck, failed, passed } from '#credentials/verifying/report.ts'

/**
 * `iss`, `jti`, `nbf`, `sub` and `exp` equal their members, and none stands alone. VC-JOSE-COSE §3.1.3 makes the claims optional, Open
 * Badges demands them.
 */
export function judgeClaims({ profile, payload, issuer, from, until }: CompactDocument): Answer {
  const subject = isObject(payload['credentialSubject']) ? payload['credentialSubject']['id'] : undefined
  const pairs: readonly (readonly [string, unknown])[] = [
    ['iss', issuer],
    ['jti', payload['id']],
    ['nbf', from === undefined ? undefined : seconds(from)],
    ['sub', subject],
    ['exp', until === undefined ? undefined : seconds(until)],
  ]
  const optional = profile === 'w3c-jose'
  const unequal = pairs.find(([claim, member]) => {
    const value = payload[claim]
    return value === undefined ? member !== undefined && !optional : value !== member
  })
  if (unequal !== undefined) {
    return failed(`${unequal[0]} motsvarar inte innehållet.`, `${unequal[0]} does not match the content.`)
  }
  return subject === undefined && !optional
    ? failed('Innehavarens id saknas.', 'The subject has no id.')
    : passed('Alla angivelser motsvarar innehållet.', 'All claims match the content.')
}

/** `validFrom` ≤ now < `validUntil` (VCDM 2.0 §4.9). */
export function judgeValidity({ from, until }: CompactDocument, now: string): Answer {
  const moment = Date.parse(now)
  if (Number.isNaN(moment))
    return couldNotCheck('Tidpunkten för kontrollen är oläslig.', 'The moment to check at is unreadable.')
  if (from !== undefined && moment < from) return failed('Gäller inte ännu.', 'Not valid yet.')
  if (until === undefined) return passed('Gäller utan slutdatum.', 'Valid without an end date.')
  return moment < until
    ? passed('Giltighetstiden pågår.', 'Within its period of validity.')
    : failed('Giltighetstiden har gått ut.', 'The period of validity has ended.')
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
