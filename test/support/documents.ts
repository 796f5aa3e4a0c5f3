/** A signed credential for the case of test/support/package.ts, under a real key store. */

import { issue } from '#credentials/signing/issue.ts'
import { prepare } from '#credentials/signing/prepared.ts'
import { content, logProof, request } from '../credentials/sample.ts'
import { openWorld } from '../credentials/world.ts'
import { caseTrail, type Document, origin } from './package.ts'

const caseId = 'case_fixture'

export async function signedDocument(): Promise<Document & { readonly jwks: unknown }> {
  const world = await openWorld()
  try {
    const prepared = prepare({
      ...request('A', {
        content: content('A', { trail: caseTrail }),
        credentialId: 'cred_fixture',
        trail: { log: origin, entry: `${caseId}:clearance:3`, proof: logProof },
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
  } finally {
    await world.close()
  }
}
