/** What the signing worker's acts stand on; no other process has all three. */
import type { KeyStore } from '#credentials/signing/keys.ts'
import type { Db } from '#db/client.ts'

export interface SigningDependencies {
  /** Open as `bevis_signing`. */
  readonly db: Db
  readonly keys: Pick<KeyStore, 'activeKey'>
  /** Base of issuer, key and status list addresses; never changes once credentials exist. */
  readonly publicUrl: string
}
