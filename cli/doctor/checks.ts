/** Everything that is asked, in the order in which one thing stands on another. */
import { statfsSync } from 'node:fs'
import { type Check, failed, ok, skipped } from './check.ts'
import { databaseChecks } from './database.ts'
import { keyCheck } from './keys.ts'
import type { Patient } from './patient.ts'
import { natsCheck, temporalCheck } from './servers.ts'
import { oidcCheck, publicUrlCheck } from './web.ts'

export function checksOf(patient: Patient): readonly Check[] {
  return [
    nodeCheck,
    configCheck(patient),
    ...databaseChecks(patient),
    natsCheck(patient),
    temporalCheck(patient),
    keyCheck(patient),
    publicUrlCheck(patient),
    oidcCheck(patient),
    diskCheck(patient),
  ]
}

const oldestNode = 24

const nodeCheck: Check = {
  id: 'node',
  ask: async () => {
    const { node } = process.versions
    return Number.parseInt(node, 10) >= oldestNode
      ? ok(`Node ${node}`)
      : failed(`Node ${node} is too old`, `install Node ${oldestNode} or newer`)
  },
}

/** Every fault at once; the other checks go on with what is sound. */
function configCheck({ process: name, settings, problems }: Patient): Check {
  return {
    id: 'config',
    ask: async () => {
      if (problems.length > 0) {
        const lines = problems.map(({ variable, what, mend }) => `${variable} ${what}: ${mend}`)
        return failed(`${problems.length} faults`, [...lines, `see bevis config show ${name}`].join('\n'))
      }
      const set = settings.filter(({ source }) => source !== 'unset' && source !== 'default').length
      return ok(`${set} of ${settings.length} variables of ${name} are set, all sound`)
    },
  }
}

const leastFree = 1_073_741_824

/** Where the keys lie, else where we stand. */
function diskCheck({ keysDir }: Patient): Check {
  return {
    id: 'disk',
    ask: async () => {
      const place = keysDir ?? process.cwd()
      const { bavail, blocks, bsize } = statfsSync(place)
      const free = bavail * bsize
      const told = `${(free / leastFree).toFixed(1)} GiB free at ${place}`
      if (blocks === 0) return skipped(`${place} is on a file system that tells no size`)
      return free >= leastFree ? ok(told) : failed(told, 'make room; Postgres and NATS refuse to write on a full disk')
    },
  }
}
