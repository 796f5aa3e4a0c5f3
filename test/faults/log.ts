/** The log after any fault: whole in the database and as it is published, and never frozen; without it a half-written log would pass for a slow one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkLog } from '#audit/check-log.ts'
import { judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { parsePolicy } from '#audit/policy.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { openLog } from '../../cli/log-source.ts'
import { eventually, type Ground } from './ground.ts'

/** Faults of every institution's log, once what is logged now stands under a witnessed checkpoint; empty when all is well. */
export async function brokenLogs({ stack, admin }: Pick<Ground, 'stack' | 'admin'>): Promise<string[]> {
  const frozen = await admin<{ fault: string }[]>`
    select 'the log of ' || institution || ' stands still: ' || frozen_because as fault from audit.log where frozen_because is not null
    union all select 'read back, the log of ' || institution || ' was not whole: ' || (convert_from(leaf, 'UTF8')::jsonb -> 'data' -> 'codes')
      from audit.entry where type = 'log.checked/1' and (convert_from(leaf, 'UTF8')::jsonb -> 'data' ->> 'findings')::int > 0`
  if (frozen.length > 0) return frozen.map(({ fault }) => fault)
  const logs = await admin<{ institution: string; entries: number }[]>`
    select institution, count(*)::int as entries from audit.entry group by institution`
  const faults: string[] = []
  for (const { institution, entries } of logs) {
    const folder = join(stack.dir, 'log', 'files', institution)
    const policy = parsePolicy(readFileSync(join(stack.witness.logsDir, `${institution}.policy`), 'utf8'))
    const newest = () => judgeCheckpoint(policy, readFileSync(join(folder, 'checkpoint'), 'utf8'))
    const isCovered = async () => {
      const judged = newest()
      return judged.ok && judged.checkpoint.size >= entries
    }
    await eventually(`a witnessed checkpoint over ${entries} entries of ${institution} is published`, isCovered)
    faults.push(...(await differences(folder, newest)))
  }
  return faults
}

/** The log may grow meanwhile, and a part of a tile give way to the whole: then the newer checkpoint is read. */
async function differences(folder: string, newest: () => ReturnType<typeof judgeCheckpoint>): Promise<string[]> {
  let found: string[] = []
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const judged = newest()
    if (!judged.ok) return [`the checkpoint of ${folder} is not believed: ${judged.reason}`]
    const { origin, size, root } = judged.checkpoint
    found = []
    await checkLog({
      read: openLog({ dir: folder }),
      size,
      root,
      tell: ({ code, path, at }) => found.push(`the log ${origin}: ${path} ${at ?? ''} ${code}`),
      onEntry: trailChains(origin).next,
    })
    if (found.length === 0) return []
  }
  return found
}
