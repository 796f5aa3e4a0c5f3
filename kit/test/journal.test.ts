import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Letter } from '../door.ts'
import { Journal } from '../journal.ts'
import { ownFolder } from './ground.ts'

let ground: ReturnType<typeof ownFolder>
beforeEach(() => {
  ground = ownFolder()
})
afterEach(() => ground.remove())

const letter = (sequence: number, size = 5): Letter => ({
  id: `e-${sequence}`,
  sequence,
  payload: new TextEncoder().encode('å'.repeat(size)),
  signature: `h..${sequence}`,
})
const path = () => join(ground.folder, 'journal')
const waiting = ({ waiting: letters }: Journal) => [...letters.keys()]

async function open<T>(work: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await Journal.open(ground.folder)
  try {
    return await work(journal)
  } finally {
    await journal.close()
  }
}

test('what was added is there again, byte for byte and in order', async () => {
  await open(async (journal) => {
    await journal.add([letter(1), letter(2)])
    await journal.add([letter(3)])
    await journal.taken('e-1')
    await journal.refuse('e-2', { code: 'unknown-achievement', problems: [] })
  })
  await open(async (journal) => {
    expect(waiting(journal)).toEqual(['e-3'])
    expect([...journal.refused.values()]).toEqual([
      { letter: letter(2), refusal: { code: 'unknown-achievement', problems: [] } },
    ])
    expect(journal.sequence).toBe(3)
  })
})

test('cut off at any byte, it opens with what was whole before the cut, and takes the next', async () => {
  const ends: { length: number; waiting: string[] }[] = [{ length: 0, waiting: [] }]
  const note = (journal: Journal) => ends.push({ length: readFileSync(path()).length, waiting: waiting(journal) })
  await open(async (journal) => {
    await journal.add([letter(1)])
    note(journal)
    await journal.add([letter(2), letter(3)])
    note(journal)
    await journal.taken('e-1')
    note(journal)
    await journal.refuse('e-2', { code: 'bad-signature', problems: [] })
    note(journal)
  })
  const whole = readFileSync(path())
  for (let length = 0; length <= whole.length; length += 1) {
    writeFileSync(path(), whole.subarray(0, length))
    const before = ends.findLast((end) => end.length <= length)?.waiting
    await open(async (journal) => {
      expect([length, waiting(journal)]).toEqual([length, before])
      await journal.add([letter(9)])
    })
    await open(async (journal) => expect([length, waiting(journal)]).toEqual([length, [...(before ?? []), 'e-9']]))
  }
})

test('a changed byte in the middle is no crash, and is not passed over', async () => {
  await open(async (journal) => {
    await journal.add([letter(1)])
    await journal.add([letter(2)])
  })
  const bytes = readFileSync(path())
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(path(), bytes)
  await expect(Journal.open(ground.folder)).rejects.toMatchObject({ code: 'queue-damaged' })
})

test('an emptied file is written anew, and keeps the count and what was refused', async () => {
  await open(async (journal) => {
    await journal.add([letter(1)])
    await journal.refuse('e-1', { code: 'unknown-key', problems: [] })
    for (let sequence = 2; sequence <= 60; sequence += 1) {
      await journal.add([letter(sequence, 50_000)])
      await journal.taken(`e-${sequence}`)
    }
    expect(readFileSync(path()).length).toBeLessThan(4 * 1024 * 1024)
    await journal.add([letter(61)])
  })
  await open(async (journal) => {
    expect([journal.sequence, waiting(journal), [...journal.refused.keys()]]).toEqual([61, ['e-61'], ['e-1']])
  })
})
