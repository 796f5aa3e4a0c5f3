/** A stranger's check of a credential: a JOSE library and a bitstring decoder none of us wrote, and the published addresses alone. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { decodeList } from '@digitalbazaar/vc-bitstring-status-list'
import jwt from 'jsonwebtoken'

export interface Outside {
  readonly signature: 'holds' | 'broken'
  readonly status: 'valid' | 'revoked'
  readonly listUrl: string
  readonly list: string
  readonly payload: jwt.JwtPayload
}

/**
 * Fetches the key and the status list from where the credential points, and believes nothing else.
 *
 * @param at the stranger's clock; default now
 * @throws NotBeforeError (jsonwebtoken) where credential or list is dated later than that
 */
export async function checkFromOutside(credential: string, at = new Date()): Promise<Outside> {
  const payload = await verified(credential, at)
  const entry = payload['credentialStatus'] as { statusListCredential: string; statusListIndex: string }
  const response = await fetch(entry.statusListCredential, { headers: { 'cache-control': 'no-cache' } })
  if (!response.ok) throw new Error(`${entry.statusListCredential} answered ${response.status}`)
  const list = await response.text()
  const { credentialSubject } = await verified(list, at)
  const bits = await decodeList(credentialSubject as { encodedList: string })
  const revoked = bits.getStatus(Number(entry.statusListIndex))
  return {
    signature: 'holds',
    status: revoked ? 'revoked' : 'valid',
    listUrl: entry.statusListCredential,
    list,
    payload,
  }
}

/** True when one changed character makes the signature fail. */
export async function noticesTampering(credential: string): Promise<boolean> {
  const [header = '', payload = '', signature = ''] = credential.split('.')
  const middle = Math.floor(payload.length / 2)
  const other = payload[middle] === 'A' ? 'B' : 'A'
  const changed = `${header}.${payload.slice(0, middle)}${other}${payload.slice(middle + 1)}.${signature}`
  return verified(changed).then(
    () => false,
    () => true,
  )
}

async function verified(compact: string, at = new Date()): Promise<jwt.JwtPayload> {
  const decoded = jwt.decode(compact, { complete: true })
  const kid = decoded?.header.kid
  if (kid === undefined) throw new Error('no kid')
  const response = await fetch(kid)
  if (!response.ok) throw new Error(`${kid} answered ${response.status}`)
  const key = createPublicKey({ key: (await response.json()) as JsonWebKey, format: 'jwk' })
  const payload = jwt.verify(compact, key, { algorithms: ['ES256'], clockTimestamp: Math.floor(at.getTime() / 1000) })
  if (typeof payload === 'string') throw new Error('no JSON payload')
  return payload
}
