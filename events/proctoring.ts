/** How an examination occasion was supervised, for one learner: place, people, attendance, incidents. */
import { z } from 'zod'
import { type Examiner, refKey } from './examiner.ts'
import { defineFamily, type Sketch } from './family.ts'
import { code, common, instant, line, organisationId, personRef, personRefs, slug } from './fields.ts'
import { identityCheck, loginMoment } from './identity.ts'

const incident = z.strictObject({
  id: code,
  at: instant,
  severity: z.enum(['info', 'minor', 'major', 'critical']),
  category: slug,
  machine: z.boolean().describe('raised by a machine; open until a person has found something or nothing'),
  finding: z
    .strictObject({ by: personRef, result: z.enum(['no-deviation', 'deviation', 'suspected-irregularity']) })
    .exactOptional(),
})

const data = z.strictObject({
  ...common,
  occasion: code.describe('examination occasion'),
  from: instant,
  until: instant,
  setting: z.enum(['on-site', 'online']),
  invigilation: z.enum(['human-live', 'recorded-reviewed', 'automatic']),
  organisation: organisationId.describe('legal body that invigilated'),
  invigilators: personRefs(50),
  place: z.strictObject({ id: code, name: line(), approved: z.boolean(), confirmed: z.boolean() }).exactOptional(),
  equipment: z
    .array(z.strictObject({ station: code, confirmed: z.boolean() }))
    .max(100)
    .exactOptional(),
  environment: z
    .strictObject({
      platform: line(),
      approved: z.boolean(),
      roomChecked: z.boolean(),
      deviceChecked: z.boolean(),
    })
    .exactOptional()
    .describe('virtual conduct'),
  attendance: z.enum(['present', 'absent', 'unknown']),
  routine: line(120).exactOptional(),
  identity: z
    .strictObject({ at: instant, check: identityCheck, checker: personRef.exactOptional() })
    .exactOptional()
    .describe('identity check of this learner at the door'),
  incidents: z.array(incident).max(200),
})

export const proctoring = defineFamily({
  type: 'org.beviskedja.proctoring.reported.v1',
  kind: 'proctoring',
  title: 'How an examination occasion was supervised',
  data,
  examine: (examiner) => {
    const { data: report, happened, inOrder, distinct } = examiner
    inOrder(report?.from, report?.until, ['until'])
    happened(report?.until, 'until')
    distinct(report?.invigilators?.map(refKey) ?? [], ['invigilators'], 'invigilator')
    distinct(report?.equipment?.map((entry) => entry?.station) ?? [], ['equipment'], 'station')
    distinct(report?.incidents?.map((entry) => entry?.id) ?? [], ['incidents'], 'incident')
    for (const [index, entry] of (report?.incidents ?? []).entries()) happened(entry?.at, 'incidents', index, 'at')
    examineIdentity(examiner, report?.identity)
  },
})

function examineIdentity(
  { happened }: Examiner,
  identity: NonNullable<Sketch<z.input<typeof data>>>['identity'],
): void {
  happened(identity?.at, 'identity', 'at')
  const login = loginMoment(identity?.check)
  happened(login.at, 'identity', 'check', ...login.where)
}
