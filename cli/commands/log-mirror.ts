/** Keeps a copy of somebody's log on a machine of one's own; what the copy once held its log can never unsay. */
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { openLog } from '../log-source.ts'
import { mirror as copy, type Mirrored } from '../mirror.ts'
import { policyIn } from '../package-trust.ts'

export const mirror = command({
  takes: '<folder>',
  args: [1, 1],
  options: {
    url: { value: '<address>', says: 'where the log is published: <address>/checkpoint, <address>/tile/…' },
    dir: { value: '<folder>', says: 'the log as files of another folder' },
    policy: { value: '<file>', says: 'the log and the witnesses you trust (C2SP tlog-policy)' },
  },
  examples: [
    [
      'bevis log mirror copies/norrsken --url https://bevis.example/log/norrsken --policy trust.policy',
      'give it again, every hour say: what is new comes; exit 3 when the log contradicts the copy',
    ],
  ],
  run: async ({ args: [folder = ''], values: { policy, ...source }, out }) => {
    if (policy === undefined) {
      const mend = 'give --policy <file>: the log and the witnesses you trust'
      throw usage('policy', 'nothing is copied that nobody vouches for', mend)
    }
    const found = await copy({
      read: openLog(source),
      folder,
      policy: policyIn(policy),
      progress: (entries) => out.progress('Copying entries', entries),
    })
    const { checkpoint, came, lags } = found
    out.data(() => sentence(found), { origin: checkpoint.origin, size: checkpoint.size, came, lags })
    return 'ok'
  },
})

function sentence({ checkpoint: { origin, size }, came, lags }: Mirrored): string {
  if (lags) return `${origin}: the copy holds ${size} entries; the address shows fewer of the same log.`
  return came === 0 ? `${origin}: ${size} entries, nothing new.` : `${origin}: ${size} entries, ${came} of them new.`
}
