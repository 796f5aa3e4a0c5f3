/** Derived identities: the same thing twice is one thing, and two things are never one. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  caseId,
  caseWorkflowId,
  credentialId,
  decisionId,
  eventKey,
  evidenceId,
  revocationWorkflowId,
} from '#db/ids.ts'
import { as, type CaseId, type CredentialId, type InstitutionId, type PersonId } from '#domain/words.ts'

const norrsken = as<InstitutionId>('norrsken')
const someCase = as<CaseId>('case_a')

describe('event keys', () => {
  test('are SHA-256 over institution, source and event id with zero bytes between', () => {
    const expected = createHash('sha256').update('norrsken\0urn:lms:1\0evt-7').digest()
    expect(Buffer.from(eventKey(norrsken, 'urn:lms:1', 'evt-7'))).toEqual(expected)
  })

  test('differ wherever one of the three parts does', () => {
    const part = fc.string({ minLength: 1 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other))
        const key = ([institution, source, id]: [string, string, string]) =>
          Buffer.from(eventKey(as<InstitutionId>(institution), source, id)).toString('hex')
        expect(key(one)).not.toBe(key(other))
      }),
    )
  })

  test('refuse a zero byte inside a part, which would make two events one', () => {
    expect(() => eventKey(norrsken, 'a\0b', 'c')).toThrow('part-ambiguous')
  })
})

describe('ids', () => {
  const key = eventKey(norrsken, 'urn:lms:1', 'evt-7')

  test('of case and evidence are the first 128 bits of the event key in base32', () => {
    expect(caseId(key)).toMatch(/^case_[a-z2-7]{26}$/)
    expect(evidenceId(key)).toBe(caseId(key).replace('case_', 'evid_'))
  })

  test('of a credential depend on case, version and replacement', () => {
    const ids = [
      credentialId(someCase, 1, 0),
      credentialId(someCase, 1, 1),
      credentialId(someCase, 2, 0),
      credentialId(as<CaseId>('case_b'), 1, 0),
      credentialId(someCase, 11, 0),
      credentialId(someCase, 1, 10),
    ]
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[0]).toMatch(/^cred_[a-z2-7]{52}$/)
    expect(credentialId(someCase, 1, 0)).toBe(ids[0])
  })

  test('of a decision are the same when the same person sends it again', () => {
    const [eva, bo] = [as<PersonId>('pers_eva'), as<PersonId>('pers_bo')]
    expect(decisionId(someCase, eva, 'k1')).toBe(decisionId(someCase, eva, 'k1'))
    expect(decisionId(someCase, eva, 'k1')).not.toBe(decisionId(someCase, bo, 'k1'))
    expect(decisionId(someCase, eva, 'k1')).not.toBe(decisionId(someCase, eva, 'k2'))
  })

  test('of workflows name the institution and the thing, and nobody', () => {
    expect(caseWorkflowId(norrsken, someCase)).toBe('case/norrsken/case_a')
    expect(revocationWorkflowId(norrsken, as<CredentialId>('cred_a'), 2)).toBe('revocation/norrsken/cred_a/2')
  })
})
