/** `bevis work log`: without it no entry would get its place in the log, and nothing could be signed. */
import { join } from 'node:path'
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { natsCheck } from '#connectors/platform/nats.ts'
import { logLock } from '#connectors/platform/nats-lock.ts'
import { databaseChecks } from '#db/ready.ts'
import { runAnchors } from '#workers/log/anchor.ts'
import { type LogReading, runReadings } from '#workers/log/check.ts'
import { runHeads } from '#workers/log/heads.ts'
import { keepLogs } from '#workers/log/keeper.ts'
import { publishers } from '#workers/log/publishers.ts'
import { openDatabase, openNats } from './connections.ts'
import { live } from './life.ts'
import { onWholeRecord } from './record.ts'
import { tsaOf } from './tsa.ts'

export async function runLogProcess(): Promise<void> {
  const config = readConfig('log')
  armFailpoints(config.failpointsDir, 'log')
  const secrets = readSecrets(config.secretsFile)
  const tsa = tsaOf(config)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    await onWholeRecord(life, db)
    const nats = await openNats(life, config, 'log')
    const { logKeysDir: keysDir, logPolicyDir: policyDir, logDir } = config
    const lock = await logLock(nats)
    const folderOf = (name: string) => join(logDir, name)
    life.needs(() => [...databaseChecks(db), natsCheck(nats)])
    life.log('info', 'working')
    const onTrouble = (institution: string, what: string, error?: unknown) =>
      life.log('warn', 'the log is delayed', { institution, what, error })
    const unwitnessed = (witness: string, what: string) =>
      life.log('warn', 'a witness gives no cosignature', { source: witness, what })
    const publisherOf = publishers({ db, lock, keysDir, policyDir, folderOf, onTrouble: unwitnessed })
    const onReading = (institution: string, { size, findings }: LogReading) => {
      const [first] = findings
      const told = { institution, count: first === undefined ? size : findings.length, what: first?.code }
      if (first === undefined) life.log('info', 'the whole log was read and is what was written', told)
      else life.log('error', 'the log is not what was written; it stands still', told)
    }
    const unstamped = (institution: string, what: string, error?: unknown) =>
      life.log('warn', 'a checkpoint has no time-stamp yet', { institution, what, error })
    await Promise.all([
      keepLogs({ db, publisherOf, onTrouble }, life.ending),
      runReadings({ db, everySeconds: config.logCheckEvery, onReading, onTrouble }, life.ending),
      runHeads({ db, everySeconds: config.headsEvery, onTrouble }, life.ending),
      tsa && runAnchors({ db, tsa, everySeconds: config.anchorEvery, onTrouble: unstamped }, life.ending),
    ])
  })
}
