/** Makes the publisher of each log once, and again when its policy has changed. */
import type { LogLock } from '#connectors/platform/nats-lock.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import type { InstitutionId } from '#domain/words.ts'
import { logFiles } from './files.ts'
import { type LogKeysAt, openLogKey, readPolicy } from './keys.ts'
import type { Publisher } from './publish.ts'
import { policyWitnesses } from './witnesses.ts'

interface PublishersSettings extends LogKeysAt {
  readonly db: Db
  readonly lock: LogLock
  /** Told of witnesses that give no cosignature. */
  readonly onTrouble: (witness: string, what: string) => void
  /** Where an institution's files go. */
  readonly folderOf: (institution: InstitutionId) => string
}

/** Whom to believe is read anew this often. */
const policyMs = 10_000

export function publishers({ db, lock, onTrouble, folderOf, ...keysAt }: PublishersSettings) {
  const witnesses = policyWitnesses({ onTrouble: (_origin, witness, what) => onTrouble(witness, what) })
  const made = new Map<InstitutionId, { readonly publisher: Publisher; readonly readAt: number }>()
  return async (institution: InstitutionId): Promise<Publisher> => {
    const known = made.get(institution)
    if (known !== undefined && performance.now() - known.readAt < policyMs) return known.publisher
    const key = known?.publisher.key ?? (await keyOf(institution))
    const policy = await readPolicy(keysAt.policyDir, institution)
    const files = logFiles(folderOf(institution))
    const publisher = { db, institution, lock, key, policy, witnesses, files }
    made.set(institution, { publisher, readAt: performance.now() })
    return publisher
  }

  async function keyOf(institution: InstitutionId) {
    const { origin } = await inInstitution(db, institution, readInstitution)
    return openLogKey(keysAt, { institution, origin })
  }
}
