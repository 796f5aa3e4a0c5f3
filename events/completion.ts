/** "The learner completed it": the event that opens a case. */
import { z } from 'zod'
import { defineFamily } from './family.ts'
import { common, instant } from './fields.ts'

export const completion = defineFamily({
  type: 'org.beviskedja.completion.recorded.v1',
  kind: 'completion',
  title: 'A learner completed what the achievement names',
  data: z.strictObject({ ...common, completedAt: instant }),
  examine: ({ data, happened }) => happened(data?.completedAt, 'completedAt'),
})
