/** Addresses a verifier will fetch are https, or this machine's own while developing; over plain http anybody could answer. */
import { type LintRule, member } from '#credentials/lint/rule.ts'

const fetched: readonly (readonly string[])[] = [
  ['id'],
  ['issuer', 'id'],
  ['credentialSubject', 'achievement', 'id'],
  ['credentialStatus', 'statusListCredential'],
]
const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

export const issuerAddress: LintRule = {
  id: 'issuer-address',
  clause: 'VCDM 2.0 §4.7, Bitstring Status List 1.0 §4 (https)',
  check: (document, { issuer }) => [
    ...fetched
      .filter((path) => !isSafe(member(document, ...path)))
      .map((path) => ({
        path: `$.${path.join('.')}`,
        because: { sv: 'Adressen är inte https.', en: 'The address is not https.' },
      })),
    ...(member(document, 'issuer', 'id') === issuer.id
      ? []
      : [{ path: '$.issuer.id', because: { sv: 'Utfärdaren är en annan.', en: 'The issuer is another one.' } }]),
  ],
}

function isSafe(value: unknown): boolean {
  const url = typeof value === 'string' ? URL.parse(value) : null
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname)))
}
