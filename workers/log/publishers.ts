/** What each log is published with: its own key, the policy as it stands now, the witnesses all logs share. */
import type { LogLock } from '#connectors/platform/nats-lock.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import type { InstitutionId } from '#domain/words.ts'
import { logFiles } from './files.ts'
import { type LogKeysAt, openLogKey } from './keys.ts'
import { keptPolicies } from './policies.ts'
import type { Publisher } from './publish.ts'
import type { LogKey } from './signer.ts'
import { policyWitnesses } from './witnesses.ts'

interface PublishersSettings extends LogKeysAt {
  readonly db: Db
  readonly lock: LogLock
  /** Told of witnesses that give no cosignature. */
  readonly onTrouble: (witness: string, what: string) => void
  /** Where an institution's files go. */
  readonly folderOf: (institution: InstitutionId) => string
}

export function publishers({ db, lock, onTrouble, folderOf, ...keysAt }: PublishersSettings) {
  const witnesses = policyWitnesses({ onTrouble: (_origin, witness, what) => onTrouble(witness, what) })
  const policyOf = keptPolicies(keysAt.policyDir)
  const keys = new Map<InstitutionId, LogKey>()
  const keyOf = async (institution: InstitutionId): Promise<LogKey> => {
    const known = keys.get(institution)
    if (known !== undefined) return known
    const { origin } = await inInstitution(db, institution, readInstitution)
    const key = await openLogKey(keysAt, { institution, origin })
    keys.set(institution, key)
    return key
  }
  return async (institution: InstitutionId): Promise<Publisher> => {
    // The key first: with it comes the policy of a log that is new.
    const key = await keyOf(institution)
    const policy = await policyOf(institution)
    return { db, institution, lock, key, policy, witnesses, files: logFiles(folderOf(institution)) }
  }
}
