import { expect, test } from 'vitest'
import { problems } from '#api/problems.ts'

test('every problem has its title and its advice in Swedish and in English, as whole sentences', () => {
  for (const [code, { title, detail }] of Object.entries(problems)) {
    for (const language of ['sv', 'en'] as const) {
      expect(title[language].trim(), `${code} ${language}`).toMatch(/^\p{Lu}.*[^.\s]$/u)
      expect(detail[language].trim(), `${code} ${language}`).toMatch(/^\p{Lu}.*(?:[.]|…)$/u)
    }
    expect(title.sv, code).not.toBe(title.en)
    expect(detail.sv, code).not.toBe(detail.en)
  }
})

test('a code is one lower-case word that never changes with the language, with a status of a failure', () => {
  for (const [code, { status }] of Object.entries(problems)) {
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
    expect(status, code).toBeGreaterThanOrEqual(400)
  }
})
