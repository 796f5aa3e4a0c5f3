/** Signs the credential of the case in test/support/package.ts, under a real key store, with the proof of its clearance in it. */
import { issue } from '#credentials/signing/issue.ts'
import { prepare } from '#credentials/signing/prepared.ts'
import { content, request } from '../credentials/sample.ts'
import { listUrl, openWorld, statusList } from '../credentials/world.ts'
import { caseTrail, origin } from './memory-log.ts'
import type { Document, SignDocument } from './told-case.ts'

const caseId = 'case_fixture'

export interface DocumentSigner {
  readonly sign: SignDocument
  /** The issuer's key set, and its status list of today under the name of its file. */
  published(): Promise<{ readonly jwks: unknown; readonly list: { readonly name: string; readonly jwt: string } }>
  close(): Promise<void>
}

export async function documentSigner(): Promise<DocumentSigner> {
  const world = await openWorld()
  const sign: SignDocument = async (proof): Promise<Document> => {
    const prepared = prepare({
      ...request('A', {
        content: content('A', { trail: caseTrail }),
        credentialId: 'cred_fixture',
        trail: { log: origin, entry: `${caseId}:clearance:3`, proof },
      }),
      caseId,
      formats: ['ob3-jwt'],
    })
    if (prepared.kind !== 'prepared') throw new Error(JSON.stringify(prepared.findings))
    const outcome = await issue(prepared.token, world.keys, { institution: 'norrsken', caseId })
    const [document] = outcome.kind === 'issued' ? outcome.documents : []
    if (document === undefined) throw new Error(JSON.stringify(outcome))
    const { keys } = await world.keys.jwks('norrsken')
    return { compact: document.compact, kid: document.kid, jwks: { keys } }
  }
  const published = async () => {
    const at = new Date(Date.now() - 60_000).toISOString()
    const jwt = await statusList(world.key, { at, validUntil: new Date(Date.now() + 3_600_000).toISOString() })
    return { jwks: await world.keys.jwks('norrsken'), list: { name: `${listUrl.split('/').at(-1)}.jwt`, jwt } }
  }
  return { sign, published, close: () => world.close() }
}
