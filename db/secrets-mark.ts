/**
 * Whether these are the secrets the record was begun with. Without it a process with another file would find its own institution's
 * sealed names unreadable, every learner unknown and every repeat new, and write all that down.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isNull } from 'drizzle-orm'
import type { Secrets } from '#config/secrets.ts'
import type { Db } from '#db/client.ts'
import { record, type SecretsMark } from '#db/schema/record.ts'

/** Notes which secrets these are, where nothing is noted yet. Needs the owner's login; `bevis migrate` does it. */
export async function keepSecretsMark(db: Pick<Db, 'orm'>, secrets: Secrets): Promise<void> {
  for (const { identity } of await db.orm.select().from(record))
    await db.orm
      .update(record)
      .set({ secretsMark: markOf(secrets, identity) })
      .where(isNull(record.secretsMark))
}

/** Names of those that are not the record's own; none while nothing is noted. For every role. */
export async function otherSecrets(db: Pick<Db, 'orm'>, secrets: Secrets): Promise<string[]> {
  const [row] = await db.orm.select().from(record)
  if (row === undefined || row.secretsMark === null) return []
  const { identity, secretsMark } = row
  return Object.entries(markOf(secrets, identity)).flatMap(([name, mark]) =>
    isSame(mark, secretsMark[name]) ? [] : [name],
  )
}

/** A digest under each secret, over what is this database's alone: 32 random bytes are not guessed from it (RFC 2104). */
function markOf(secrets: Secrets, identity: string): SecretsMark {
  const { kek, hmac, codec } = secrets
  const mark = (key: Uint8Array) =>
    createHmac('sha256', key).update(`bevis secrets mark ${identity}`).digest('base64url')
  return { kek: mark(kek), hmac: mark(hmac), codec: mark(codec) }
}

function isSame(mine: string, kept = ''): boolean {
  return mine.length === kept.length && timingSafeEqual(Buffer.from(mine), Buffer.from(kept))
}
