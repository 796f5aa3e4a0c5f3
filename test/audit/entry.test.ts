/** Entries: what a leaf may hold, and above all what it may not. */
import { describe, expect, test } from 'vitest'
import { b64url, sha256 } from '#audit/digest.ts'
import { buildLeaf, type EntryDraft, genesis, nextEntry, parseLeaf } from '#audit/entry.ts'
import { entryTypes, stepIn } from '#audit/entry-types.ts'
import { AuditError } from '#audit/errors.ts'
import { leafHash } from '#audit/tree.ts'
import { cleared, decided, digest, entry, log, opened, trail } from './sample.ts'

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

describe('a leaf', () => {
  test('is read back as the entry it was built from', () => {
    for (const draft of [opened, decided, cleared]) expect(parseLeaf(buildLeaf(entry(draft)))).toEqual(entry(draft))
  })

  test('begins its trail with a genesis of its own domain', () => {
    expect(entry().prev).toBe(b64url(sha256(`bevis-audit/1 genesis\n${log}\n${trail}`)))
    expect(genesis(log, trail)).not.toEqual(genesis(log, trail.replace('9', '8')))
  })

  test('is hashed with the prefix of RFC 6962', () => {
    expect(leafHash(Uint8Array.of(1, 2))).toEqual(sha256(Uint8Array.of(0, 1, 2)))
  })

  test('follows the one before it', () => {
    const head = { log, trail, n: 6, hash: sha256('six') }
    expect(nextEntry(opened, head, '2026-03-01T10:00:00.000Z')).toMatchObject({ n: 7, prev: b64url(sha256('six')) })
  })

  test('never exceeds what a log can store', () => {
    const verdicts = Array.from({ length: 200 }, (_, index) => `${'v'.repeat(400)}${index}`)
    const large = entry({ ...cleared, data: { ...cleared.data, verdicts } })
    expect(() => buildLeaf(large)).toThrow(`entry-too-large: ${cleared.type}`)
    const fitting = (length: number) => ({ ...cleared.data, verdicts: [...verdicts.slice(0, 160), 'v'.repeat(length)] })
    const room = 65_535 - buildLeaf(entry({ ...cleared, data: fitting(1) })).length
    const largest = buildLeaf(entry({ ...cleared, data: fitting(1 + room) }))
    expect([largest.length, parseLeaf(largest).type]).toEqual([65_535, cleared.type])
    expect(() => buildLeaf(entry({ ...cleared, data: fitting(2 + room) }))).toThrow('entry-too-large')
    expect(() => parseLeaf(new Uint8Array(65_536))).toThrow('entry-too-large: $')
  })

  test.each([['a-code'], [7], [-7], [true], [false], [['a', 'b']], [[]]])('holds facts such as %j', (fact) => {
    expect(parseLeaf(buildLeaf(entry({ ...opened, data: { ...opened.data, fact } }))).data?.['fact']).toEqual(fact)
  })
})

describe('an entry is refused', () => {
  const base = entry()
  test.each([
    ['with free text as a reason', { act: { ...base.act, reason: 'Läraren var jävig' } }, 'act'],
    ['with a sentence among the codes of a list', { data: { ...base.data, list: ['a', 'b c'] } }, 'data'],
    ['with a number in a list of codes', { data: { ...base.data, list: [1] } }, 'data'],
    ['with an object among its facts', { data: { ...base.data, inner: {} } }, 'data'],
    ['with a fact that has a sentence for a name', { data: { ...base.data, 'a b': 1 } }, 'data'],
    ['with a list for its facts', { data: ['a'] }, 'data'],
    ['with a text among its digests', { _sd: ['x'] }, '_sd'],
    ['with evidence of no size', { ev: [{ digest, mt: 'text/plain' }] }, 'ev'],
    ['with a sign-in at no time', { actor: { ...decided.actor, authn: { acr: 'x' } } }, 'actor'],
    ['with a name in its data', { data: { ...base.data, name: 'Åsa' } }, 'data'],
    ['with a member nobody defined', { comment: 'x' }, 'comment'],
    ['with a member nobody defined inside', { actor: { ...base.actor, name: 'x' } }, 'actor'],
    ['with another version', { v: 'bevis-audit/2' }, 'v'],
    ['with a position before the first', { n: 0 }, 'n'],
    ['with a trail that is no random id', { trail: 'pers_1' }, 'trail'],
    ['with a time in another zone', { at: '2026-03-01T10:00:00.000+01:00' }, 'at'],
    ['with a day that is not', { at: '2026-02-30T10:00:00.000Z' }, 'at'],
    ['with a digest of the wrong length', { prev: 'AAAA' }, 'prev'],
    ['with the same digest twice', { _sd: [digest, digest] }, '_sd'],
    ['with no digests in its list', { _sd: [] }, '_sd'],
    ['with an actor of no kind', { actor: { ...base.actor, kind: 'robot' } }, 'actor'],
  ])('%s', (_, change, where) => {
    expect(() => buildLeaf({ ...base, ...change } as typeof base)).toThrow(`entry-malformed: ${where}`)
  })

  const lacking: readonly [string, EntryDraft, string][] = [
    ['when a person’s act does not say how they were known', { ...decided, actor: noAuthn() }, 'actor.authn'],
    ['when a service claims a person’s act', { ...decided, actor: opened.actor }, 'actor.kind'],
    ['when a decision has no reason', { ...decided, act: { meaning: 'approve', outcome: 'success' } }, 'act.reason'],
    ['when a decision binds nothing that was seen', without(decided, '_sd'), '_sd'],
    ['when its type’s facts are missing', { ...opened, data: { promised: 'A' } }, 'data.achievement'],
    ['when it has no facts at all', without(opened, 'data'), 'data.achievement'],
  ]
  test.each(lacking)('%s', (_, draft, where) => {
    expect(() => buildLeaf(entry(draft))).toThrow(`entry-type-violated: ${draft.type} ${where}`)
  })

  test('under a type nobody has defined, when written', () => {
    expect(() => buildLeaf(entry({ ...opened, type: 'case.forgotten/1' }))).toThrow('entry-type-unknown')
    expect(() => buildLeaf(entry({ ...opened, type: 'to-string.constructor/1' }))).toThrow('entry-type-unknown')
  })

  test('when read in another shape', () => {
    expect(() => parseLeaf(encode({ v: 'bevis-audit/1' }))).toThrow('entry-malformed: log')
    expect(() => parseLeaf(encode([]))).toThrow('entry-malformed: $')
  })

  test('in any spelling but its own', () => {
    const { v, ...rest } = base
    expect(() => parseLeaf(encode({ ...rest, v }))).toThrow('bytes-not-canonical')
  })
})

test('a refusal is known by its name, its code and its place, in whatever log it is printed', () => {
  const refusal = new AuditError('entry-malformed', 'act')
  expect(refusal).toMatchObject({ code: 'entry-malformed', where: 'act' })
  expect(String(refusal)).toBe('AuditError: entry-malformed: act')
})

test('a stored entry of a later type is still read', () => {
  const later = { ...entry(), type: 'case.forgotten/1' }
  const sorted = Object.fromEntries(Object.entries(later).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const { actor, act, data, ...rest } = sorted as typeof later
  const leaf = encode({
    act: { meaning: act.meaning, outcome: act.outcome },
    actor: { kind: actor.kind, ref: actor.ref, role: actor.role },
    at: rest.at,
    data,
    id: rest.id,
    log: rest.log,
    n: rest.n,
    prev: rest.prev,
    trail: rest.trail,
    type: rest.type,
    v: rest.v,
  })
  expect(parseLeaf(leaf).type).toBe('case.forgotten/1')
})

test('only people decide, propose and approve; only machines clear and sign', () => {
  const kinds = (type: string) => entryTypes[type]?.actors
  expect(kinds('decision.recorded/1')).toEqual(['human'])
  expect(kinds('revocation.proposed/1')).toEqual(['human'])
  expect(kinds('revocation.approved/1')).toEqual(['human'])
  expect(kinds('issuance.cleared/1')).not.toContain('human')
  expect(kinds('credential.issued/1')).not.toContain('human')
})

function noAuthn(): EntryDraft['actor'] {
  return { ref: decided.actor.ref, kind: 'human', role: 'examiner' }
}

function without(draft: EntryDraft, name: '_sd' | 'data'): EntryDraft {
  const { [name]: _, ...rest } = draft
  return rest
}

test('what has happened is the last word of a type', () => {
  expect([stepIn({ type: 'appeal.decided/1' }), stepIn({ type: 'complaint.progressed/12' })]).toEqual([
    'decided',
    'progressed',
  ])
})
