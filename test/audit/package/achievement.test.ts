/** What a reader computes again to see that the criteria in a package are those that were published. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { achievementDigest } from '#audit/package/achievement.ts'
import type { Achievement } from '#domain/register.ts'
import { promised } from '../../domain/fixtures.ts'

test('an achievement is known by the SHA-256 of its canonical JSON, numbers with fractions included', () => {
  const small = { version: 1, id: 'å', credits: { points: 7.5 } } as unknown as Achievement
  const canonical = '{"credits":{"points":7.5},"id":"å","version":1}'
  expect(achievementDigest(small)).toBe(createHash('sha256').update(canonical).digest('base64url'))
})

test('no word of what it says changes without changing what it is known by', () => {
  const achievement = promised['B-C1']().achievement
  const renamed = { ...achievement, name: { ...achievement.name, en: 'Another' } }
  expect(achievementDigest(renamed)).not.toBe(achievementDigest(achievement))
})
