/** What leaves the house: the promised shape, the same id every time, nobody's name. */
import { describe, expect, test } from 'vitest'
import { as, type CaseId, type CredentialId, type Instant, type InstitutionId } from '#domain/words.ts'
import {
  caseStep,
  credentialIssued,
  credentialStatusChanged,
  type Outgoing,
  outgoingFamilies,
  outgoingSchema,
} from '#events/outgoing.ts'

const about = {
  institution: as<InstitutionId>('norrsken'),
  caseId: as<CaseId>('case_mfrggzdfmztwq2lk'),
  time: as<Instant>('2026-11-14T16:20:03.120Z'),
}
const credentialId = as<CredentialId>('cred_mfrggzdfmztwq2lk')
const until = as<Instant>('2026-12-14T16:20:03.120Z')

const step = { ...about, step: 'evidence-level', version: 3, outcome: 'wait', state: 'waiting' }
const issued = { ...about, credentialId, band: 'A' as const, formats: ['ob3-jwt'], test: false }
const changed = { ...about, credentialId, status: 'revoked' as const, cause: 'deci_x' }

function problemsOf({ event }: Outgoing) {
  const family = outgoingFamilies.find(({ type }) => type === event.type)
  return family === undefined ? ['unknown type'] : (outgoingSchema(family).safeParse(event).error?.issues ?? [])
}

describe('shape', () => {
  test.each<[string, Outgoing]>([
    ['a step', caseStep(step)],
    ['a waiting step', caseStep({ ...step, for: 'evidence', since: about.time, until })],
    ['an issue', credentialIssued(issued)],
    ['a revocation', credentialStatusChanged(changed)],
    ['a revocation with a reason code', credentialStatusChanged({ ...changed, reason: 'issued-in-error' })],
  ])('%s is as documented', (_, outgoing) => {
    expect(problemsOf(outgoing)).toEqual([])
  })

  test('free text in place of a code is refused by the documented shape', () => {
    expect(problemsOf(credentialStatusChanged({ ...changed, reason: 'Alma Ettsson cheated' }))).toHaveLength(1)
    expect(problemsOf(caseStep({ ...step, for: 'Alma Ettsson' }))).toHaveLength(1)
  })
})

describe('ids', () => {
  test('the same step at the same version has the same id, a later version another', () => {
    expect(caseStep(step).event.id).toBe('case_mfrggzdfmztwq2lk:evidence-level:3')
    expect(caseStep({ ...step, time: until }).event.id).toBe(caseStep(step).event.id)
    expect(caseStep({ ...step, version: 4 }).event.id).not.toBe(caseStep(step).event.id)
  })

  test('a credential is issued once, and each change of status has its cause', () => {
    expect(credentialIssued(issued).event.id).toBe('cred_mfrggzdfmztwq2lk:issued')
    expect(credentialStatusChanged(changed).event.id).not.toBe(
      credentialStatusChanged({ ...changed, cause: 'deci_y' }).event.id,
    )
  })
})

test('subjects carry the topic and neither case nor person', () => {
  expect(
    [caseStep(step), credentialIssued(issued), credentialStatusChanged(changed)].map(({ subject }) => subject),
  ).toEqual([
    'issuance.norrsken.case.step',
    'issuance.norrsken.credential.issued',
    'issuance.norrsken.credential.status-changed',
  ])
})
