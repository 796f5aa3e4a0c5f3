/** Which build of the pipeline runs cases; without these commands a rolling upgrade would need Temporal's own tool and its words. */
import { readSecrets } from '#config/secrets.ts'
import { deploymentVersions, makeCurrent } from '#connectors/platform/deployment.ts'
import { connectTemporal, type TemporalClient } from '#connectors/platform/temporal.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { demand, settingsOf } from '../settings.ts'
import { table } from '../table.ts'

export const list = command({
  takes: '',
  args: [0, 0],
  options: {},
  examples: [['bevis workers list', 'which builds poll, which is current, which have nothing left to do']],
  run: async ({ out }) => {
    const versions = await withTemporal(deploymentVersions)
    const columns = [
      { head: 'BUILD', cell: ({ buildId }: (typeof versions)[number]) => buildId },
      { head: 'STANDING', cell: ({ standing }: (typeof versions)[number]) => standing },
    ]
    const none = 'No versioned worker has polled: the pipeline runs unversioned (BEVIS_BUILD_ID is not set).'
    out.data(() => table(versions, columns, none), { items: versions })
    return 'ok'
  },
})

export const promote = command({
  takes: '<build id>',
  args: [1, 1],
  options: {},
  examples: [['bevis workers promote 2026-12-01', 'new cases start there, running ones move with their next step']],
  run: async ({ args: [buildId = ''], out }) => {
    if ((await withTemporal((client) => makeCurrent(client, buildId))) === 'unknown-version') {
      const what = `no worker of build ${buildId} polls`
      const mend =
        'start one with BEVIS_BUILD_ID, wait until it says that it works, then promote; builds: bevis workers list'
      throw new CliError({ exit: 'not-found', code: 'workers/unknown-build', what, mend })
    }
    const text = `${buildId} is current. Stop workers of older builds once bevis workers list says drained.`
    out.data(() => text, { buildId, standing: 'current' })
    return 'ok'
  },
})

async function withTemporal<T>(work: (client: TemporalClient) => Promise<T>): Promise<T> {
  const { config } = settingsOf()
  const address = demand(config.temporalAddress, 'BEVIS_TEMPORAL_ADDRESS')
  const { codec } = readSecrets(demand(config.secretsFile, 'BEVIS_SECRETS_FILE'))
  const line = await connectTemporal({ address, namespace: config.temporalNamespace, codecKey: codec })
  try {
    return await work(line.client)
  } finally {
    await line.close()
  }
}
