/** The README: it says what is in this package, and nothing that is not. */
import { describe, expect, test } from 'vitest'
import { openings, packageProfiles } from '#audit/package/profiles.ts'
import { type ReadmeFacts, readme } from '#audit/package/readme.ts'
import type { Language } from '#audit/package/words.ts'

const languages = ['sv', 'en'] as const
const facts: ReadmeFacts = {
  kind: 'trail',
  log: 'audit.example.org/uni-a',
  size: 1_204_331,
  profile: 'accreditor',
  trails: 3,
}
const paragraphs = (language: Language, changed: Partial<ReadmeFacts> = {}) =>
  readme({ ...facts, ...changed }, language).split('\n\n')
/** What nobody translates: commands, paths and codes. */
const codes = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code)

describe.each(['trail', 'sample', 'log'] as const)('of a package of kind %s', (kind) => {
  test.each(languages)(
    'the text in %s is paragraphs with something in each, under one title, and ends its line',
    (language) => {
      const text = readme({ ...facts, kind }, language)
      const all = paragraphs(language, { kind })
      expect(all.filter((one) => one.trim() === '')).toEqual([])
      expect(text.match(/^# .+$/gm)).toEqual([all[0]])
      expect(text).toMatch(/[^\n]\n$/)
      expect(text).not.toContain('undefined')
    },
  )

  test('both languages have the same parts and name the same files', () => {
    const [swedish, english] = [paragraphs('sv', { kind }), paragraphs('en', { kind })]
    const shape = (all: readonly string[]) => all.map((one) => /^(#+ |```|)/.exec(one)?.[1])
    expect(shape(swedish)).toEqual(shape(english))
    const inEnglish = (code = '') =>
      code
        .replace('tillit.policy', 'trust.policy')
        .replace('paket.zip', 'package.zip')
        .replace('report.sv', 'report.en')
    expect(swedish.flatMap(codes).map(inEnglish)).toEqual(english.flatMap(codes))
  })
})

describe('of cases', () => {
  test('says how many of which log at which checkpoint, in words for one', () => {
    const ofLog = 'the audit log audit.example.org/uni-a, as it stood at checkpoint 1204331.'
    expect(paragraphs('en')[1]).toContain(`3 cases from ${ofLog}`)
    expect(paragraphs('en', { trails: 1 })[1]).toContain(`One case from ${ofLog}`)
    expect(paragraphs('sv')[1]).toMatch(/^3 ärenden ur granskningsloggen audit\.example\.org\/uni-a, .+ 1204331\./)
    expect(paragraphs('sv', { trails: 1 })[1]).toMatch(/^Ett ärende ur granskningsloggen/)
  })

  test('says how to verify it, against a policy that came another way', () => {
    expect(readme(facts, 'en')).toContain('```sh\nbevis verify package.zip --policy trust.policy\n```')
    expect(readme(facts, 'sv')).toContain('```sh\nbevis verify paket.zip --policy tillit.policy\n```')
  })

  test.each(packageProfiles)('promises a reader of profile %s what it can show, and no more', (profile) => {
    const [swedish, english] = [readme({ ...facts, profile }, 'sv'), readme({ ...facts, profile }, 'en')]
    const canJudge = openings[profile].opens.includes('inputs')
    expect(english.includes('you can judge every gate again')).toBe(canJudge)
    expect(english.includes('You cannot judge the gates again')).toBe(!canJudge)
    expect(swedish.includes('kan du pröva varje grind på nytt')).toBe(canJudge)
    expect(swedish.includes('Grindarna kan du inte pröva på nytt')).toBe(!canJudge)
    const isOpen = profile !== 'public'
    for (const text of [swedish, english]) expect(text.includes('disclosures.json')).toBe(isOpen)
    expect(english.includes('None of it is opened for you.')).toBe(!isOpen)
    expect(swedish.includes('Inget av det är öppnat för dig.')).toBe(!isOpen)
  })

  test.each([
    ['public', 'vem som helst', 'anyone'],
    ['employer', 'en arbetsgivare', 'an employer'],
    ['accreditor', 'ett ackrediterings- eller tillsynsorgan', 'an accreditation or supervisory body'],
    ['court', 'domstol', 'a court'],
    ['subject', 'den som uppgifterna rör', 'the person the data are about'],
  ] as const)('says that profile %s is for %s', (profile, swedish, english) => {
    expect(paragraphs('sv', { profile })[1]).toMatch(new RegExp(`gjort för ${swedish}\\.$`))
    expect(paragraphs('en', { profile })[1]).toMatch(new RegExp(`made for ${english}\\.$`))
  })
})

test('of a whole log says how many entries of which log, and how to compute its root again', () => {
  expect(paragraphs('en', { kind: 'log' })[1]).toMatch(/^All 1204331 entries of the log audit\.example\.org\/uni-a, /)
  expect(paragraphs('sv', { kind: 'log' })[1]).toMatch(/^Alla 1204331 poster i loggen audit\.example\.org\/uni-a, /)
  for (const language of languages) {
    expect(paragraphs(language, { kind: 'log' })).toContain('```sh\nbevis log fsck --dir .\n```')
  }
})
