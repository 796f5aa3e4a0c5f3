/** Who taught this learner, and what the learner attended: the facts separation and attendance are judged on. */
import { z } from 'zod'
import { refKey } from './examiner.ts'
import { defineFamily } from './family.ts'
import { code, common, instant, line, organisationId, personRef, personRefs, share } from './fields.ts'

const activities = [
  'course',
  'open-course',
  'webinar',
  'theme-cafe',
  'presentation',
  'information-session',
  'online-conference',
  'development-project',
  'invigilator-training',
  'recording',
  'resource',
] as const

const teaching = z.strictObject({
  organisation: organisationId,
  teachers: personRefs(100),
  complete: z.boolean().describe('the list is the whole list; an empty list never counts'),
})

const attendance = z.strictObject({
  activity: z.enum(activities),
  form: z.enum(['live', 'completed', 'access']),
  setting: z.enum(['on-site', 'online', 'blended']),
  where: line().exactOptional().describe('place, platform, event or resource, as a reader would name it'),
  share: share.exactOptional().describe('share of the time taken part, 0–1'),
  discussion: z.boolean().exactOptional(),
  roster: z.boolean().exactOptional(),
  routine: line(120).exactOptional().describe('version of the attendance routine that was followed'),
  parts: z
    .array(z.strictObject({ id: code, compulsory: z.boolean(), attended: z.boolean() }))
    .max(100)
    .exactOptional(),
  confirmedBy: personRef.exactOptional(),
})

export const participation = defineFamily({
  type: 'org.beviskedja.participation.recorded.v1',
  kind: 'participation',
  title: 'Teaching and attendance of the learner',
  data: z.strictObject({
    ...common,
    from: instant,
    until: instant,
    teaching: teaching.exactOptional(),
    attendance: attendance.exactOptional(),
  }),
  examine: ({ data, happened, inOrder, distinct, report, stated }) => {
    inOrder(data?.from, data?.until, ['until'])
    happened(data?.until, 'until')
    distinct(data?.teaching?.teachers?.map(refKey) ?? [], ['teaching', 'teachers'], 'teacher')
    distinct(data?.attendance?.parts?.map((part) => part?.id) ?? [], ['attendance', 'parts'], 'part')
    if (stated('teaching') || stated('attendance')) return
    report('nothing-stated', [], {
      detail: 'has neither teaching nor attendance',
      advice: 'say who taught in `teaching`, what was attended in `attendance`, or both',
    })
  },
})
