/** Every way a register can be wrong, each told at its place; what no test has seen refused may as well be accepted. */
import { describe, expect, test } from 'vitest'
import { type RegisterProblemCode, registerProblemMeanings } from '#config/register/problems.ts'
import { type Loose, part, problemsAfter, type Spoiled } from './register-folder.ts'

type Case = [code: RegisterProblemCode, place: string, change: (register: Spoiled) => void]

/** An entry of a list, by id. */
function entry(json: Loose, list: string, id: string): Loose {
  const found = Object.values(part(json, list)).find((each) => part(each)['id'] === id)
  if (found === undefined) throw new Error(`no ${id} in ${list}`)
  return part(found)
}

const set =
  (file: string, list: string, id: string, change: object) =>
  (register: Spoiled): void =>
    register.edit(file, (json) => Object.assign(entry(json, list, id), change))

const achievement =
  (id: string, change: (json: Loose) => void) =>
  (register: Spoiled): void =>
    register.edit(`achievements/${id}.v1.json`, change)

const unset = (member: string) => (json: Loose) => {
  delete json[member]
}

const sameKey = 'UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4'
const jwk = (kid: string, x: string, more: object = {}) => ({
  jwk: { kty: 'OKP', crv: 'Ed25519', x: x.repeat(43), kid, ...more },
  from: '2026-01-01',
})

const cases: Case[] = [
  [
    'loosens-table',
    'tightenings.json /tightenings/0/demand',
    set('tightenings.json', 'tightenings', 'langre-undervisningskarens', { band: 'A', demand: { teachingDays: 30 } }),
  ],
  [
    'sandbox-awards',
    'achievements/klinisk-bedomning.v1.json /test',
    (register) => register.edit('institution.json', (json) => Object.assign(json, { sandbox: true })),
  ],
  [
    'list-not-allowed',
    'achievements/klinisk-bedomning.v1.json /listApproval',
    (register) =>
      register.edit('achievements/klinisk-bedomning.v1.json', (json) => Object.assign(json, { listApproval: true })),
  ],
  ['folder-missing', '', (register) => register.remove('')],
  ['file-missing', 'mandates.json', (register) => register.remove('mandates.json')],
  ['file-unknown', 'mandats.json', (register) => register.write('mandats.json', '{}')],
  ['file-unknown', 'achievements/notes.txt', (register) => register.write('achievements/notes.txt', '')],
  ['not-json', 'people.json', (register) => register.write('people.json', '{ // people')],
  ['not-json', 'people.json', (register) => register.write('people.json', new Uint8Array([0x22, 0xff, 0x22]))],
  ['missing-member', 'institution.json /host', (register) => register.edit('institution.json', unset('host'))],
  ['unknown-member', 'units.json /units/0/colour', set('units.json', 'units', 'norrsken/ledning', { colour: 'blue' })],
  [
    'bad-value',
    'mandates.json /mandates/0/from',
    set('mandates.json', 'mandates', 'norrsken-bransch', { from: '2026-02-30' }),
  ],
  [
    'bad-value',
    'emitters.json /emitters/0/nkey',
    set('emitters.json', 'emitters', 'canvas-norrsken', { nkey: `${sameKey.slice(0, -1)}5` }),
  ],
  [
    'duplicate-id',
    'emitters.json /emitters/1/id',
    set('emitters.json', 'emitters', 'provsal-omvardnad', { id: 'canvas-norrsken' }),
  ],
  [
    'duplicate-id',
    'conflicts.json /conflicts/2',
    (register) =>
      register.edit('conflicts.json', (json) =>
        Object.assign(part(json, 'conflicts'), { 2: part(json, 'conflicts', 0) }),
      ),
  ],
  ['duplicate-version', 'achievements/x.json /version', (register) => copyAchievement(register, 1)],
  ['duplicate-reference', 'people.json /people/1/references/3', (register) => sameReference(register)],
  [
    'unknown-id',
    'institution.json /organisation',
    (register) => register.edit('institution.json', (json) => Object.assign(json, { organisation: 'nowhere' })),
  ],
  [
    'unknown-id',
    'appointments.json /appointments/0/person',
    set('appointments.json', 'appointments', 'examinator-kb-1', { person: 'pers_nobody' }),
  ],
  [
    'unknown-id',
    'appointments.json /appointments/0/achievements/0',
    set('appointments.json', 'appointments', 'examinator-kb-1', { achievements: ['nothing'] }),
  ],
  [
    'unknown-id',
    'accreditations.json /accreditations/0/organisation',
    set('accreditations.json', 'accreditations', 'certus-slb-7', { organisation: 'nowhere' }),
  ],
  [
    'unknown-id',
    'people.json /people/0/employments/0/unit',
    set('people.json', 'people', 'pers_head_1', {
      employments: [{ organisation: 'norrsken', unit: 'norrsken/nowhere', from: '2020-01-01' }],
    }),
  ],
  [
    'unknown-id',
    'people.json /people/0/linked/0',
    set('people.json', 'people', 'pers_head_1', { linked: ['pers_nobody'] }),
  ],
  [
    'unknown-id',
    'conflicts.json /conflicts/0/learner',
    (register) =>
      register.edit('conflicts.json', (json) => Object.assign(part(json, 'conflicts', 0), { learner: 'pers_nobody' })),
  ],
  [
    'unknown-id',
    'emitters.json /emitters/0/owner/organisation',
    set('emitters.json', 'emitters', 'canvas-norrsken', { owner: { organisation: 'nowhere' } }),
  ],
  [
    'unknown-id',
    'achievements/klinisk-bedomning.v1.json /syllabus/establishedBy',
    achievement('klinisk-bedomning', (json) => Object.assign(part(json, 'syllabus'), { establishedBy: 'nowhere' })),
  ],
  [
    'unknown-scheme',
    'people.json /people/0/references/0/scheme',
    set('people.json', 'people', 'pers_head_1', { references: [{ scheme: 'facebook', value: 'x' }] }),
  ],
  [
    'wrong-role',
    'achievements/steril-beredning.v1.json /examines',
    achievement('steril-beredning', (json) => Object.assign(json, { examines: 'provtjanst' })),
  ],
  [
    'wrong-role',
    'achievements/handledning-i-varden.v1.json /contractEducation/commissioner',
    achievement('handledning-i-varden', (json) =>
      Object.assign(json, { contractEducation: { commissioner: 'certus' } }),
    ),
  ],
  [
    'wrong-role',
    'accreditations.json /accreditations/0/by',
    set('accreditations.json', 'accreditations', 'certus-slb-7', { by: 'norrsken' }),
  ],
  ['awards-elsewhere', 'institution.json', (register) => awardedElsewhere(register)],
  [
    'unit-elsewhere',
    'people.json /people/0/employments/0/unit',
    set('people.json', 'people', 'pers_head_1', {
      employments: [{ organisation: 'norrsken', unit: 'certus/provning', from: '2020-01-01' }],
    }),
  ],
  [
    'unit-elsewhere',
    'emitters.json /emitters/0/owner/unit',
    set('emitters.json', 'emitters', 'canvas-norrsken', {
      owner: { organisation: 'norrsken', unit: 'certus/provning' },
    }),
  ],
  [
    'unit-elsewhere',
    'units.json /units/0/parent',
    set('units.json', 'units', 'norrsken/ledning', { parent: 'certus/provning' }),
  ],
  [
    'validity-order',
    'mandates.json /mandates/0/until',
    set('mandates.json', 'mandates', 'norrsken-bransch', { until: '2024-01-01' }),
  ],
  [
    'validity-order',
    'people.json /people/0/employments/0/until',
    set('people.json', 'people', 'pers_head_1', {
      employments: [{ organisation: 'norrsken', from: '2020-01-01', until: '2019-01-01' }],
    }),
  ],
  [
    'circular-managers',
    'people.json /people/0/managers',
    set('people.json', 'people', 'pers_head_1', { managers: ['pers_head_1'] }),
  ],
  [
    'circular-units',
    'units.json /units/0/parent',
    set('units.json', 'units', 'norrsken/ledning', { parent: 'norrsken/ledning' }),
  ],
  [
    'linked-to-self',
    'people.json /people/0/linked/0',
    set('people.json', 'people', 'pers_head_1', { linked: ['pers_head_1'] }),
  ],
  [
    'band-not-open',
    'achievements/steril-beredning.v1.json /trains',
    achievement('steril-beredning', (json) => Object.assign(json, { trains: 'norrsken' })),
  ],
  [
    'band-not-open',
    'achievements/steril-beredning.v1.json /trains',
    achievement('steril-beredning', (json) => Object.assign(json, { examines: 'provlyftet' })),
  ],
  [
    'band-not-open',
    'achievements/klinisk-bedomning.v1.json /awards',
    set('organisations.json', 'organisations', 'norrsken', { higherEducation: false }),
  ],
  [
    'key-private',
    'emitters.json /emitters/0/keys/0/jwk/d',
    set('emitters.json', 'emitters', 'canvas-norrsken', { keys: [jwk('k1', 'a', { d: 'secret' })] }),
  ],
  [
    'key-shared',
    'emitters.json /emitters/1/nkey',
    (register) => shareKeys(register, { nkey: sameKey }, { nkey: sameKey }),
  ],
  [
    'key-shared',
    'emitters.json /emitters/1/keys/0/jwk',
    (register) => shareKeys(register, { keys: [jwk('k1', 'a')] }, { keys: [jwk('k2', 'a')] }),
  ],
  [
    'key-shared',
    'emitters.json /emitters/1/keys/0/jwk/kid',
    (register) => shareKeys(register, { keys: [jwk('k1', 'a')] }, { keys: [jwk('k1', 'b')] }),
  ],
]

/** What the definition row of each band demands, taken away. */
const incomplete: [achievement: string, member: string, change: (json: Loose) => void][] = [
  ['steril-beredning', 'outcomes', (json) => Object.assign(json, { structured: false })],
  ['steril-beredning', 'standard', unset('standard')],
  ['steril-beredning', 'placement', unset('placement')],
  ['steril-beredning', 'placement', (json) => Object.assign(part(json, 'placement'), { basis: 'self-referenced' })],
  ['steril-beredning', 'method', unset('method')],
  ['klinisk-bedomning', 'eligibility', unset('eligibility')],
  ['klinisk-bedomning', 'creditable', unset('creditable')],
  ['klinisk-bedomning', 'syllabus', unset('syllabus')],
  ['handledning-i-varden', 'courseDescription', unset('courseDescription')],
  ['handledning-i-varden', 'outcomes', (json) => Object.assign(json, { outcomes: [] })],
  [
    'etik-webbinarium',
    'eventDescription',
    (json) => [unset('eventDescription'), unset('courseDescription')].forEach((change) => change(json)),
  ],
  ['validering-information', 'knowledgeContent', unset('knowledgeContent')],
  ['hygien-inspelning', 'resource', unset('resource')],
]

function copyAchievement(register: Spoiled, version: number): void {
  register.edit('achievements/klinisk-bedomning.v1.json', (json) =>
    register.write('achievements/x.json', JSON.stringify({ ...json, version })),
  )
}

function sameReference(register: Spoiled): void {
  register.edit('people.json', (json) => {
    const shared = part(json, 'people', 0, 'references', 0)
    Object.assign(part(json, 'people', 1, 'references'), { 3: shared })
  })
}

function awardedElsewhere(register: Spoiled): void {
  register.edit('institution.json', (json) => Object.assign(json, { organisation: 'sydhamn' }))
}

function shareKeys(register: Spoiled, first: object, second: object): void {
  set('emitters.json', 'emitters', 'canvas-norrsken', first)(register)
  set('emitters.json', 'emitters', 'provsal-omvardnad', second)(register)
}

const placesOf = (change: (register: Spoiled) => void) =>
  problemsAfter(change).map(({ code, file, pointer }) => `${code} ${file} ${pointer}`.trim())

describe('one fault', () => {
  test.each(cases.filter(([code]) => code !== 'awards-elsewhere'))('%s at %s', (code, place, change) => {
    expect(placesOf(change)).toContain(`${code} ${place}`.trim())
  })

  test('awards-elsewhere is told for every achievement that another body awards', () => {
    const found = placesOf(awardedElsewhere)
    expect(found).toHaveLength(7)
    expect(found).toContain('awards-elsewhere achievements/klinisk-bedomning.v1.json /awards')
  })

  test.each(incomplete)('profile-incomplete for %s without %s', (id, member, change) => {
    expect(placesOf(achievement(id, change))).toEqual([`profile-incomplete achievements/${id}.v1.json /${member}`])
  })

  test('every code of the closed list has been seen', () => {
    const seen = new Set<string>([...cases.map(([code]) => code), 'profile-incomplete'])
    expect(Object.keys(registerProblemMeanings).filter((code) => !seen.has(code))).toEqual([])
  })
})

describe('many faults', () => {
  test('shapes of all files are told at once', () => {
    const found = placesOf((register) => {
      register.write('people.json', '[')
      register.edit('institution.json', unset('url'))
      set('mandates.json', 'mandates', 'norrsken-bransch', { basis: 'wish' })(register)
    })
    expect(found).toEqual([
      'missing-member institution.json /url',
      'not-json people.json',
      'bad-value mandates.json /mandates/0/basis',
    ])
  })

  test('what does not fit together is told at once', () => {
    const found = placesOf((register) => {
      set('people.json', 'people', 'pers_head_1', { managers: ['pers_teacher_1'] })(register)
      set('appointments.json', 'appointments', 'drift-1', { person: 'pers_nobody' })(register)
    })
    expect(found.toSorted()).toEqual([
      'circular-managers people.json /people/0/managers',
      'circular-managers people.json /people/1/managers',
      'unknown-id appointments.json /appointments/17/person',
    ])
  })

  test('a second version of an achievement is no fault', () => {
    expect(placesOf((register) => copyAchievement(register, 2))).toEqual([])
  })

  test('a long circle of managers is found and ends', () => {
    const found = placesOf((register) => {
      set('people.json', 'people', 'pers_head_1', { managers: ['pers_officer_1'] })(register)
      set('people.json', 'people', 'pers_officer_1', { managers: ['pers_teacher_1'] })(register)
    })
    expect(found).toHaveLength(3)
  })
})

test('advice never repeats what the file says about a person', () => {
  const problems = problemsAfter((register) =>
    register.edit('people.json', (json) =>
      Object.assign(part(json, 'people', 0), {
        birthDate: '12 December 1912',
        references: [{ scheme: 'eppn', value: 'two words' }],
      }),
    ),
  )
  expect(problems).toHaveLength(2)
  expect(JSON.stringify(problems)).not.toMatch(/1912|two words/)
})
