/** What must hold in every world after a test file, whatever was told or tried in it. */
import { expect } from 'vitest'
import { brokenTrails, count, doubles, gaps, streams } from '../faults/invariants.ts'
import type { System } from './system.ts'

/** `walked` false where cases were led off their way on purpose. Dense trails, one credential per award, nothing left to send, nothing unacknowledged. */
export async function expectSound({ admin, world }: System, { walked = true } = {}): Promise<void> {
  const line = { url: world.nats.url, ...world.nats.identity('admin') }
  await expect.poll(() => count(admin, 'undelivered')).toBe(0)
  await expect.poll(() => streams(line)).toMatchObject({ pending: 0, unacknowledged: 0 })
  expect(await doubles(admin)).toEqual([])
  expect(await gaps(admin)).toEqual([])
  expect(await brokenTrails(admin, { walked })).toEqual([])
}
