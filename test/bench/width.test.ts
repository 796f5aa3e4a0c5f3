import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { wide } from '../../bench/width.ts'

test('everything is worked through, and never more than so many at a time', async () => {
  let [now, most] = [0, 0]
  const done: number[] = []
  await wide([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    now += 1
    most = Math.max(most, now)
    await sleep(1)
    now -= 1
    done.push(item)
  })
  expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
})

test('the first failure is told, and nothing new is begun after it', async () => {
  const begun: number[] = []
  const work = async (item: number) => {
    begun.push(item)
    await sleep(1)
    if (item === 2) throw new Error('two is bad')
  }
  await expect(wide([1, 2, 3, 4, 5], 1, work)).rejects.toThrow('two is bad')
  expect(begun).toEqual([1, 2])
})
