/** `bevis work intake`: without it what emitters tell would stay in the stream. */
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import type { Log } from '#connectors/platform/log.ts'
import { count, observe } from '#connectors/platform/metrics.ts'
import { natsCheck } from '#connectors/platform/nats.ts'
import { temporalCheck } from '#connectors/platform/temporal.ts'
import { databaseChecks } from '#db/ready.ts'
import { openDoor } from '#workers/intake/door.ts'
import type { TakenEvent } from '#workers/intake/told.ts'
import { runIntake } from '#workers/intake.ts'
import { openDatabase, openNats, openTemporal, temporalAt } from './connections.ts'
import { hostOf } from './host.ts'
import { live } from './life.ts'
import { onWholeRecord } from './record.ts'
import { answerReplays } from './replay-line.ts'

export async function runIntakeProcess(): Promise<void> {
  const config = readConfig('intake')
  armFailpoints(config.failpointsDir, 'intake')
  const secrets = readSecrets(config.secretsFile)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    await onWholeRecord(life, db)
    const temporal = await openTemporal(life, temporalAt(config, secrets))
    const nats = await openNats(life, config, 'intake')
    const replays = await answerReplays({ db, temporal })
    life.closing('the line for replays', () => replays.stop())
    const onTrouble = (error: unknown) => life.log('warn', 'messages are delayed', { error })
    const onTaken = (event: TakenEvent) => tell(life.log, event)
    if (config.intakePort !== undefined) {
      const door = await openDoor(
        { db, temporal, onTrouble, onTaken },
        { port: config.intakePort, host: hostOf(config) },
      )
      life.closing('the door for posted events', () => door.close())
    }
    life.needs(() => [...databaseChecks(db), temporalCheck(temporal), natsCheck(nats)])
    life.log('info', 'working')
    const { cohortSize } = config
    await runIntake({ db, temporal, nats, onTrouble, onTaken, cohortSize }, life.ending)
  })
}

/** A figure and a line for each event, loud where somebody has to look at it. What the event said stays in the dead letter. */
function tell(log: Log, event: TakenEvent): void {
  const { institution, source, outcome, code, storedAt } = event
  count('bevis_events_total', { institution, source, outcome })
  if (storedAt !== undefined) observe('bevis_event_lag_seconds', {}, Math.max(0, Date.now() - storedAt) / 1_000)
  if (code !== undefined) count('bevis_dead_letters_total', { institution, source, code })
  const { eventId: event_id, traceId: trace_id, caseId: case_id, deadLetter: dead_letter } = event
  const fields = { institution, source, event_id, trace_id, code, case_id, dead_letter }
  if (outcome === 'refused' || outcome === 'quarantined') log('warn', 'event refused', fields)
  else log('debug', 'event taken in', { ...fields, outcome })
}
