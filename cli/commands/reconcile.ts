/** Whether the record agrees with itself; without it an event that was withheld would be asked for by nobody. */
import type { z } from 'zod'
import { reconciliation } from '#api/schemas/reconciliation.ts'
import { apiOptions, openApi, shaped } from '../api-client.ts'
import { command } from '../command.ts'
import { localTime } from '../times.ts'

type Found = z.infer<typeof reconciliation>

export const reconcile = command({
  takes: '',
  args: [0, 0],
  options: {
    limit: { value: '<n>', says: 'at most so many gaps, and discrepancies of each kind, 1 to 200 (default 50)' },
    ...apiOptions,
  },
  examples: [
    ['bevis reconcile', 'what a source never sent, and what no trail tells of; ends with 3 where there is any'],
  ],
  run: async ({ values, out }) => {
    const api = await openApi(values)
    const answer = await api.get('/reconciliation', { limit: values.limit })
    const found = shaped(reconciliation, answer)
    out.data(() => linesOf(found).join('\n'), answer.body)
    return found.agrees ? 'ok' : 'verification-failed'
  },
})

function linesOf({ at, agrees, sources, gaps, discrepancies, more }: Found): string[] {
  const missing = sources.reduce((sum, source) => sum + source.missing, 0)
  return [
    `${agrees ? 'The record agrees with itself' : 'The record does not agree with itself'}, ${localTime(at)}.`,
    `${sources.length === 1 ? '1 source numbers its' : `${sources.length} sources number their`} events; ${missingText(missing)}.`,
    ...gaps.map(({ source, from, until, overdue }) => {
      const numbers = from === until ? `${from}` : `${from} to ${until}`
      return `  ${source}: ${numbers} ${overdue ? 'never came in' : 'may still be on its way'}`
    }),
    ...discrepancies.map(({ kind, what }) => `  ${kind}: ${what}`),
    ...(more ? ['There is more: ask with a higher --limit.'] : []),
  ]
}

function missingText(missing: number): string {
  if (missing === 0) return 'no number is missing'
  return missing === 1 ? '1 number is missing' : `${missing} numbers are missing`
}
