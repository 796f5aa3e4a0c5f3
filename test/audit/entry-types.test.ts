/** What every entry says, whatever its type, and that nobody writes one from outside (docs/conformance/audit-checklist.md, A1, A2, B1). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildLeaf, type Entry } from '#audit/entry.ts'
import { type EntryType, entryTypes } from '#audit/entry-types.ts'
import { fields } from '#config/settings.ts'
import { root } from '../support/paths.ts'
import { decided, digest, entry, opened } from './sample.ts'

/** The barest entry of a type that is taken. */
function barest(name: string, { actors, data, reason, digests }: EntryType): Entry {
  const actor = actors.includes('human') ? decided.actor : opened.actor
  const other = (index: number) => `${'ABCDEFGH'.charAt(index)}${digest.slice(1)}`
  return {
    ...entry({
      id: `case_x:${name}`,
      type: name,
      actor,
      act: { meaning: 'x', outcome: 'success', ...(reason ? { reason: 'R-1' } : {}) },
      data: Object.fromEntries(data.map((member) => [member, 'x'])),
    }),
    ...(digests > 0 ? { _sd: Array.from({ length: digests }, (_, index) => other(index)) } : {}),
  }
}

/** The entry without one member, at a path of two at most. */
function without(value: Entry, [name = '', inner]: readonly string[]): Entry {
  const copy: Record<string, unknown> = { ...value }
  if (inner === undefined) delete copy[name]
  else {
    const part = { ...(copy[name] as object) }
    Reflect.deleteProperty(part, inner)
    copy[name] = part
  }
  return copy as unknown as Entry
}

const always = [
  'type',
  'at',
  'log',
  'trail',
  'n',
  'prev',
  'id',
  'actor',
  'actor.ref',
  'actor.kind',
  'actor.role',
  'act',
  'act.meaning',
  'act.outcome',
]

describe('an entry', () => {
  test.each(Object.entries(entryTypes))(
    'of every type says what happened, when, where, by whom and how it ended: %s',
    (name, type) => {
      const whole = barest(name, type)
      expect(() => buildLeaf(whole)).not.toThrow()
      const demanded = [
        ...always,
        ...type.data.map((member) => `data.${member}`),
        ...(type.reason ? ['act.reason'] : []),
        ...(type.digests > 0 ? ['_sd'] : []),
      ]
      for (const path of demanded) expect(() => buildLeaf(without(whole, path.split('.'))), path).toThrow('entry-')
    },
  )

  test('of a person names a meaning, and what somebody decides on somebody else has a reason', () => {
    const decides = ['decision.recorded/1', 'revocation.proposed/1', 'revocation.refused/1', 'register.proposed/1']
    for (const name of decides) expect([name, entryTypes[name]?.reason]).toEqual([name, true])
  })
})

test('trails can be asked for over the API and written by nobody, and no setting turns them off', () => {
  const { paths } = JSON.parse(readFileSync(join(root, 'docs', 'openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>
  }
  // A package is made from trails, and writes only that it left.
  const ofTrails = Object.entries(paths).filter(
    ([path]) => /\/(trails?|entries|access-log)(\/|$)/.test(path) && !path.includes('/audit-packages/'),
  )
  expect(ofTrails.length).toBeGreaterThan(1)
  for (const [path, operations] of ofTrails) expect([path, Object.keys(operations)]).toEqual([path, ['get']])
  const switches = Object.values(fields).filter(({ variable }) => /AUDIT|TRAIL|ENTRIES/.test(variable))
  expect(switches.map(({ variable }) => variable)).toEqual([])
})
