/** "This fact was wrong": without it a source could only contradict itself. A correction is a withdrawal and a new event. */
import { z } from 'zod'
import { eventId } from './envelope.ts'
import { defineFamily } from './family.ts'
import { common, instant, line } from './fields.ts'

const reference = z.strictObject({ id: eventId })

export const withdrawal = defineFamily({
  type: 'org.beviskedja.fact.withdrawn.v1',
  kind: 'withdrawal',
  title: 'An earlier fact of the same source was wrong',
  data: z.strictObject({
    ...common,
    at: instant,
    withdraws: reference.describe('id of the earlier event, of the same source'),
    replacedBy: reference.exactOptional().describe('id of the event that says it right'),
    reason: line(500),
  }),
  examine: ({ data, id, happened, report }) => {
    happened(data?.at, 'at')
    const withdrawn = data?.withdraws?.id
    if (withdrawn === undefined) return
    if (withdrawn === id)
      report('refers-to-itself', ['withdraws', 'id'], {
        detail: 'is this event itself',
        advice: 'name the earlier event that was wrong',
      })
    if (withdrawn === data?.replacedBy?.id)
      report('refers-to-itself', ['replacedBy', 'id'], {
        detail: 'is the withdrawn event itself',
        advice: 'send the right fact as a new event and name its id',
      })
  },
})
