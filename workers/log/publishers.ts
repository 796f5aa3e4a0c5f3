/** What each log is published with: its own key, the policy as it stands now, the witnesses all logs share. */
import type { Policy } from '#audit/policy.ts'
import { inGeneration } from '#audit/succession.ts'
import type { LogLock } from '#connectors/platform/nats-lock.ts'
import type { Db } from '#db/client.ts'
import { currentLog } from '#db/succession.ts'
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
  /** Where the files of a log go, by its name: the institution's, and from its second log on with the generation. */
  readonly folderOf: (name: string) => string
}

export function publishers({ db, lock, onTrouble, folderOf, ...keysAt }: PublishersSettings) {
  const witnesses = policyWitnesses({ onTrouble: (_origin, witness, what) => onTrouble(witness, what) })
  const policyOf = keptPolicies(keysAt.policyDir)
  const keys = new Map<string, LogKey>()
  const keyOf = async (institution: InstitutionId, origin: string): Promise<LogKey> => {
    const known = keys.get(origin)
    if (known !== undefined) return known
    const key = await openLogKey(keysAt, { institution, origin })
    keys.set(origin, key)
    return key
  }
  return (institution: InstitutionId): Publisher => ({
    db,
    institution,
    lock,
    witnesses,
    standing: async (tx) => {
      const { origin, generation, follows } = await currentLog(tx)
      // The key first: with it comes the policy of a log that is new.
      const key = await keyOf(institution, origin)
      const policy = await policyOf(institution)
      demandNamed(policy, key)
      return { key, follows, policy, files: logFiles(folderOf(inGeneration(institution, generation))) }
    },
  })
}

/** Whom to believe is for people to say, so a policy that is there already learns of a successor's or a new key from them; without it nobody would believe what is published. */
function demandNamed(policy: Policy, { origin, signer }: LogKey): void {
  if (policy.logs.some(({ key }) => key.name === origin && key.keyId === signer.keyId)) return
  throw new Error(`the policy does not name the log; add a line to it: log ${signer.vkey}`)
}
