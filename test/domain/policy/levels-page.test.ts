/** The page a quality officer reads says what the code judges. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { rows } from '#domain/gates/verdict.ts'
import { levels } from '#domain/policy/levels.ts'
import { bands } from '#domain/words.ts'
import { freshPage } from '../../../tools/generate-levels.ts'

const page = readFileSync(new URL('../../../docs/levels.md', import.meta.url), 'utf8')

describe('docs/levels.md', () => {
  test('is fresh', () => {
    expect(freshPage(page)).toBe(page)
  })

  test('has a line for every cell, with its words, source and rule id', () => {
    for (const band of bands) {
      for (const row of rows) {
        const { rule, source, text } = levels.byBand[band][row]
        expect(page).toContain(`| ${band} | ${text.sv} | ${text.en} | ${source} | \`${rule}\` |`)
      }
    }
  })
})

describe('every cell', () => {
  test('is cited by band and row, once', () => {
    const rules = bands.flatMap((band) => rows.map((row) => levels.byBand[band][row].rule))
    expect(rules).toEqual(bands.flatMap((band) => rows.map((row) => `${band}.${row}`)))
  })

  test('belongs to the profile of its band and can be read aloud in both languages', () => {
    for (const band of bands) {
      expect(levels.byBand[band].band).toBe(band)
      for (const row of rows) {
        const { text } = levels.byBand[band][row]
        expect(text.sv.length).toBeGreaterThan(3)
        expect(text.en.length).toBeGreaterThan(3)
      }
    }
  })
})
