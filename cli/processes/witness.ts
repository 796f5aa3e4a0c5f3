/** `bevis witness`: it needs no server but its own folder, so that it can stand with another administrator, or another institution. */
import { type Cosigner, cosigner, mlDsaCosigner } from '#audit/note-key.ts'
import { readConfig } from '#config/env.ts'
import { armFailpoints } from '#config/failpoints.ts'
import { readWitnessSeed } from '#config/secrets.ts'
import { knownLogs } from '#workers/witness/known-logs.ts'
import { startWitness } from '#workers/witness/serve.ts'
import { openWitnessStore } from '#workers/witness/store.ts'
import { hostOf } from './host.ts'
import { live, untilEnd } from './life.ts'

export async function runWitnessProcess(): Promise<void> {
  const config = readConfig('witness')
  armFailpoints(config.failpointsDir, 'witness')
  const files = { first: config.witnessKeyFile, second: config.witnessMlDsaKeyFile }
  const cosigners = cosignersOf(config.witnessName, files)
  await live(config, async (life) => {
    const store = await openWitnessStore(config.witnessDir)
    const logs = knownLogs(config.witnessLogsDirs, (what, error) =>
      life.log('error', 'a policy file cannot be read; what it said before still holds', { what, error }),
    )
    life.needs(() => [
      { name: 'store', ask: () => store.ready() },
      { name: 'logs', ask: () => logs() },
    ])
    const server = await startWitness(
      {
        store,
        cosigners,
        logs,
        onRefused: (source, problem) =>
          life.log('error', 'a log does not go on from what it showed before', { source, problem }),
        onTrouble: (error) => life.log('error', 'answered 500', { error }),
      },
      { port: config.port, host: hostOf(config) },
    )
    life.closing('the witness', () => server.close())
    life.log('info', `listening on ${server.url}`)
    await untilEnd(life.ending)
  })
}

/** A checkpoint bears a line by each key; a policy names the one it goes by. */
function cosignersOf(
  name: string,
  { first, second }: { readonly first: string; readonly second: string | undefined },
): Cosigner[] {
  const ed25519 = cosigner(name, readWitnessSeed(first))
  if (second === undefined) return [ed25519]
  return [ed25519, mlDsaCosigner(name, readWitnessSeed(second, 'BEVIS_WITNESS_ML_DSA_KEY_FILE'))]
}
