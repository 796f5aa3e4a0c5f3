/** Time-stamps in a browser: judged as on the command line, by the certificates the reader brings. */
import { judgeBy, readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import type { Trust } from '#verifier/trust.ts'

/** Browsers hand out their cryptography to pages from a disk and over https, and to no others. */
export function canJudgeStamps(): boolean {
  return 'subtle' in crypto
}

/** @throws ConnectorError for what is no list of certificates */
export function stampsBy(pem: string): NonNullable<Trust['stamp']> {
  return judgeBy(readTrustedTsa(pem))
}
