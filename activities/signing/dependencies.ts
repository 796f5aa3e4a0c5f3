/** What the signing worker's acts stand on; no other process has all three. */
import type { LogWatch } from '#activities/signing/await-log.ts'
import type { Policy } from '#audit/policy.ts'
import type { KeyStore } from '#credentials/signing/keys.ts'
import type { Db } from '#db/client.ts'
import type { InstitutionId } from '#domain/words.ts'

export interface SigningDependencies {
  /** Open as `bevis_signing`. */
  readonly db: Db
  readonly keys: Pick<KeyStore, 'activeKey'>
  /** Base of issuer, key and status list addresses; never changes once credentials exist. */
  readonly publicUrl: string
  /** Waits until the log covers what is to be signed. */
  readonly log: Pick<LogWatch, 'covers'>
  /** Which log key and which witnesses are believed for an institution (C2SP tlog-policy). */
  readonly policyOf: (institution: InstitutionId) => Promise<Policy>
}

export type Keys = SigningDependencies['keys']

/** The key files are read once per list, stage and moment; the next sees a rotation. */
export function oneReading(keys: Keys): Keys {
  const read = new Map<string, ReturnType<Keys['activeKey']>>()
  return {
    activeKey: (institution, at) => {
      const name = `${institution} ${at}`
      const key = read.get(name) ?? keys.activeKey(institution, at)
      read.set(name, key)
      return key
    },
  }
}
