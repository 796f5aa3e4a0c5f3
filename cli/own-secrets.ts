/** Nobody works on a record with another installation's secrets: what they would write could never be read with the right ones. */
import type { Secrets } from '#config/secrets.ts'
import type { Db } from '#db/client.ts'
import { otherSecrets } from '#db/secrets-mark.ts'
import { CliError } from './cli-error.ts'

/** @throws CliError `secrets/other` */
export async function demandOwnSecrets(db: Db, secrets: Secrets): Promise<void> {
  const others = await otherSecrets(db, secrets)
  if (others.length === 0) return
  const what = `the secrets file has another ${others.join(', ')} than the one this database was begun with`
  const mend =
    'put the right file back where BEVIS_SECRETS_FILE says (docs/operations.md#secrets-changed); nothing was read or written with this one'
  throw new CliError({ exit: 'conflict', code: 'secrets/other', what, mend })
}
