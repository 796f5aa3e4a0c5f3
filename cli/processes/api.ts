/** `bevis serve`: the HTTP API; without it nobody could decide and no stranger verify. */
import { setTimeout as sleep } from 'node:timers/promises'
import { policiesIn } from '#api/audit-package/policies.ts'
import type { ApiDependencies } from '#api/dependencies.ts'
import { apiChecks } from '#api/routes/health.ts'
import { startApi } from '#api/serve.ts'
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readSecrets } from '#config/secrets.ts'
import { accessTokens } from '#connectors/identity/access-token.ts'
import type { TemporalAddress, TemporalClient } from '#connectors/platform/temporal.ts'
import { openDatabase, openTemporal, temporalAt } from './connections.ts'
import { hostOf } from './host.ts'
import { postThrough } from './intake-door.ts'
import { type Life, live, untilEnd } from './life.ts'
import { watchRecord } from './record.ts'
import { askReplay } from './replay-line.ts'

export async function runApiProcess(): Promise<void> {
  const config = readConfig('api')
  armFailpoints(config.failpointsDir, 'api')
  const secrets = readSecrets(config.secretsFile)
  await live(config, async (life) => {
    const db = await openDatabase(life, config.databaseUrl, secrets)
    watchRecord(life, db)
    const line = comingLine(life, temporalAt(config, secrets))
    const deps: ApiDependencies = {
      db,
      get temporal() {
        return line()
      },
      tokens: accessTokens({ issuer: config.oidcIssuer, audience: config.oidcAudience }),
      login: { issuer: config.oidcIssuer, certified: config.oidcCertified ?? [] },
      replay: (order) => askReplay(db, order),
      ...(config.intakeUrl === undefined ? {} : { post: postThrough(config.intakeUrl) }),
      onTrouble: ({ traceId, problem, error }) =>
        life.log('error', 'answered 5xx', { trace_id: traceId, problem, error }),
      ending: life.ending,
      publicUrl: config.publicUrl,
      logDir: config.logDir,
      policyOf: policiesIn(config.logPolicyDir),
    }
    life.needs(() => apiChecks(deps))
    const server = await startApi(deps, { port: config.port, host: hostOf(config) })
    life.closing('the API', () => server.close())
    life.log('info', `listening on ${server.url}`)
    await untilEnd(life.ending)
    // Whoever sends people here must notice first that we end.
    await sleep((config.drainSeconds ?? (config.env === 'production' ? 5 : 0)) * 1_000)
  })
}

/** Reading needs no Temporal, and a decision is recorded without it: the API answers while the line is still to come. */
function comingLine(life: Life, address: TemporalAddress) {
  let client: TemporalClient | undefined
  openTemporal(life, address).then(
    (opened) => {
      client = opened
      life.log('info', 'Temporal is there')
    },
    // Waiting ends only with the process.
    () => undefined,
  )
  return () => (client === undefined ? undefined : { client })
}
