import { describe, expect, test } from 'vitest'
import { progressLine, type Stage, startProgress } from '#cli/progress.ts'

/** A terminal, or a file, and a clock that is set by hand. */
function stage(isTerminal: boolean): Stage & { written: string[]; clock: { at: number } } {
  const written: string[] = []
  const clock = { at: 0 }
  return { isTerminal, columns: 80, written, clock, now: () => clock.at, write: (text) => written.push(text) }
}

describe('progress', () => {
  test('shows nothing of short work', () => {
    const s = stage(true)
    const progress = startProgress('Verifying', 10, s)
    s.clock.at = 900
    progress.step(10)
    progress.end()
    expect(s.written).toEqual([])
  })

  test('is one bar on a terminal with rate and time left, taken away at the end', () => {
    const s = stage(true)
    const progress = startProgress('Verifying', 100, s)
    for (const at of [1_000, 1_050, 2_000]) {
      s.clock.at = at
      progress.step(10)
    }
    progress.end()
    expect(s.written).toHaveLength(3)
    expect(s.written[1]).toMatch(/^\r.*Verifying {2}\[#{9}\.{21}\] {2}30\/100 {2}15\/s {2}5 s left$/)
    expect(s.written[2]).toBe('\r\u001B[2K')
    expect(s.written.join('')).not.toContain('\n')
  })

  test('is a plain line now and then elsewhere', () => {
    const s = stage(false)
    const progress = startProgress('Replaying', 1_000, s)
    for (let at = 0; at <= 35_000; at += 500) {
      s.clock.at = at
      progress.step()
      if (at < 10_000) expect(s.written, 'nothing of what is soon done').toEqual([])
    }
    progress.end()
    expect(s.written).toHaveLength(3)
    for (const line of s.written) expect(line).toMatch(/^Replaying {2}.*\d+\/1000 {2}\d\.\d\/s {2}.* left\n$/)
  })

  test.each([
    [20, 'Work  50/100  10/s  5'],
    [60, 'Work  [#############..............]  50/100  10/s  5 s left'],
  ])('fits a terminal of %i columns', (columns, line) => {
    const drawn = progressLine({ label: 'Work', done: 50, total: 100, elapsedMs: 5_000, columns })
    expect(drawn.length).toBeLessThan(columns + 5)
    expect(drawn).toContain(line.slice(0, columns - 1))
  })
})
