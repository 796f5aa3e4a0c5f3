/** Signs the credential of the case in test/support/package.ts, under a real key store, with the proof of its clearance in it. */
import { issue } from '#credentials/signing/issue.ts'
import { prepare } from '#credentials/signing/prepared.ts'
import { content, request } from '../credentials/sample.ts'
import { openWorld } from '../credentials/world.ts'
import { caseTrail, type Document, origin, type SignDocument } from './package.ts'

const caseId = 'case_fixture'

export interface DocumentSigner {
  readonly sign: SignDocument
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
  return { sign, close: () => world.close() }
}
