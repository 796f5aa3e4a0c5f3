/** Sees that an institution can sign and that the world knows its key; without it a first credential would have no issuer. */
import { inStep } from '#config/failpoints.ts'
import type { Check } from '#connectors/platform/readiness.ts'
import type { KeyStore, PublicKeyRow } from '#credentials/signing/keys.ts'
import { type Db, databaseNow, inInstitution, listInstitutions } from '#db/client.ts'
import { type IssuerKey, publishIssuerKeys } from '#db/issuer-keys.ts'
import { as, type Instant, type InstitutionId } from '#domain/words.ts'

export interface KeyCare {
  /**
   * Makes a first key where none may sign now, and publishes what is new in the key store. Does nothing for what is not a
   * registered institution: whoever schedules a task by hand must not be able to make keys (contracts §8).
   */
  ready(institution: unknown): Promise<void>
}

export function keyCare({ db, keys }: { readonly db: Db; readonly keys: KeyStore }): KeyCare {
  /** What this process has published, by institution: most calls then cost a few file reads and no query. */
  const published = new Map<InstitutionId, string>()
  const registered = async (named: unknown): Promise<InstitutionId | undefined> =>
    [...published.keys()].find((one) => one === named) ?? (await listInstitutions(db)).find((one) => one === named)
  const see = async (named: unknown): Promise<void> => {
    const institution = await registered(named)
    if (institution === undefined) return
    await ensureActive({ db, keys }, institution)
    const rows = (await keys.publicKeys()).filter((row) => row.institution === institution)
    const state = JSON.stringify(rows)
    if (published.get(institution) === state) return
    await inInstitution(db, institution, (tx) => publishIssuerKeys(tx, rows.map(asIssuerKey)))
    published.set(institution, state)
  }
  let turn: Promise<void> = Promise.resolve()
  return {
    // One at a time: two activities at once would both find no key and make two.
    ready: (institution) => {
      const mine = turn.then(() => inStep('keys', () => see(institution)))
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

/** Whether every institution has a key that may sign now and that our secret opens. One that is new gets its key with its register. */
export function signingKeyCheck(db: Db, keys: KeyStore): Check {
  return {
    name: 'signing-key',
    ask: async () => {
      for (const institution of await listInstitutions(db)) {
        const now = await inInstitution(db, institution, databaseNow)
        if ((await keys.activeKey(institution, now)) === undefined) throw new NoKey(institution)
      }
    },
  }
}

class NoKey extends Error {
  override readonly name = 'NoKey'
}

async function ensureActive({ db, keys }: { db: Db; keys: KeyStore }, institution: InstitutionId): Promise<void> {
  const now = await inInstitution(db, institution, databaseNow)
  if ((await keys.activeKey(institution, now)) === undefined) await keys.createKey(institution, now)
}

/** A key past its window no longer signs; for the world it is retired, whether or not its private half still exists. */
function asIssuerKey({ kid, jwk, alg, from, until, status }: PublicKeyRow): IssuerKey {
  return {
    kid,
    jwk: { ...jwk },
    alg,
    validFrom: as<Instant>(from),
    ...(until === undefined ? {} : { validUntil: as<Instant>(until) }),
    status: status === 'active' ? 'active' : 'retired',
  }
}
