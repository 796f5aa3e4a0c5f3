/**
 * Where the verifier at our own door looks up keys and status lists: in the database, for institutions of this installation.
 * Anything else stays unasked, because a door that fetches whatever address a document names would work for attackers.
 */

import type { VerifyContext } from '#credentials/verify.ts'
import type { Found } from '#credentials/verifying/report.ts'
import type { IssuerJwk } from '#credentials/verifying/signature.ts'
import { type Db, inInstitution, type Tx } from '#db/client.ts'
import { publishedList } from '#db/status-lists.ts'
import { as, type InstitutionId } from '#domain/words.ts'
import { publishedKeys } from './issuer.ts'

/** A foreign issuer is `unreachable`, so its documents are "could not check", never "valid" and never "refused". */
export function ownDocuments(db: Db, publicUrl: string): Omit<VerifyContext, 'now' | 'expectedIssuer'> {
  return {
    resolveKeys: async (issuer) => {
      const own = ownPath(publicUrl, issuer)
      if (own === undefined || own.rest.length > 0) return { kind: 'unreachable' }
      const keys = await inInstitution(db, own.institution, publishedKeys)
      return keys === undefined ? { kind: 'not-found' } : { kind: 'found', value: keys as readonly IssuerJwk[] }
    },
    resolveStatusList: async (url) => {
      const own = ownPath(publicUrl, url)
      const [folder, id, ...more] = own?.rest ?? []
      if (own === undefined || folder !== 'status-lists' || id === undefined || more.length > 0) {
        return { kind: 'unreachable' }
      }
      return inInstitution(db, own.institution, (tx) => listOf(tx, id))
    },
  }
}

async function listOf(tx: Tx, id: string): Promise<Found<string>> {
  const list = await publishedList(tx, id)
  return list === undefined ? { kind: 'not-found' } : { kind: 'found', value: list.signed }
}

function ownPath(publicUrl: string, url: string): { institution: InstitutionId; rest: string[] } | undefined {
  const base = `${publicUrl}/institutions/`
  const [institution, ...rest] = url.startsWith(base) ? url.slice(base.length).split('/') : []
  if (institution === undefined || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(institution)) return undefined
  return { institution: as<InstitutionId>(institution), rest }
}
