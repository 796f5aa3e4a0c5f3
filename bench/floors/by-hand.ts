/** The floor under the automatic path: the same functions, one case at a time, a transaction each, and no engine to take them along. */

import { pipelineActivities } from '#activities/pipeline.ts'
import { watchLog } from '#activities/signing/await-log.ts'
import { signingActivities } from '#activities/signing.ts'
import { readSigningSecret } from '#config/secrets.ts'
import { openKeyStore } from '#credentials/signing/keys.ts'
import { markStarted } from '#db/outbox.ts'
import type { Sent } from '#dev/demo/emitters.ts'
import { takeIn } from '#workers/intake/take-in.ts'
import { keptPolicies } from '#workers/log/policies.ts'
import type { Ground } from '../ground.ts'
import { caseOpenedBy, institution } from '../sender.ts'

/** @returns what takes one completion all the way to its stored credential; throws where it does not get there */
export async function byHand({ open, stack }: Ground): Promise<(completion: Sent) => Promise<void>> {
  const intake = open('bevis_intake')
  const pipeline = pipelineActivities({ db: open('bevis_pipeline') })
  const db = open('bevis_signing')
  const { BEVIS_LOG_POLICY_DIR: policyDir = '' } = stack.environment('signing')
  const proved = { log: await watchLog(db), policyOf: keptPolicies(policyDir) }
  const signer = signingActivities({ db, keys: keysOf(stack), publicUrl: stack.urls.public, ...proved })
  return async (completion) => {
    const { wakeUps } = await takeIn(intake, 'COMPLETIONS', [completion])
    // Told to be started, so that the relay does not start what runs here.
    await markStarted(
      intake,
      institution,
      wakeUps.flatMap(({ outboxId }) => outboxId ?? []),
    )
    const it = { institution, cases: [caseOpenedBy(completion)] }
    await pipeline.open(it)
    await pipeline.automatic(it)
    await pipeline.clearance(it)
    const [signed] = await signer.sign(it)
    if (signed?.outcome !== 'signed') throw new Error(`not signed: ${JSON.stringify(signed)}`)
    await pipeline.delivery(it)
  }
}

/** The keys of the signing process, as it opens them. */
export function keysOf(stack: Ground['stack']) {
  const { BEVIS_SIGNING_SECRET_FILE: secretFile = '', BEVIS_SIGNING_KEYS_DIR: dir = '' } = stack.environment('signing')
  return openKeyStore({ dir, secret: readSigningSecret(secretFile), base: stack.urls.public })
}
