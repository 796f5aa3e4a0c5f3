/** The border itself: bytes, all faults at once, advice, limits. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { as, type Instant } from '#domain/words.ts'
import { families, kindOfType } from '#events/catalogue.ts'
import { parseEvent } from '#events/parse.ts'
import type { Problem } from '#events/problems.ts'
import { exampleBytes, exampleJson, now } from './examples.ts'

const encode = (text: string) => new TextEncoder().encode(text)

function problemsOf(input: string | Uint8Array | object, at: Instant = now): readonly Problem[] {
  const bytes = input instanceof Uint8Array ? input : encode(typeof input === 'string' ? input : JSON.stringify(input))
  const answer = parseEvent(bytes, at)
  return answer.kind === 'invalid' ? answer.problems : []
}

const codesOf = (input: string | Uint8Array | object) => problemsOf(input).map(({ code }) => code)

/** The completion example, changed. */
function completion(change: (event: ReturnType<typeof exampleJson>) => void) {
  const event = exampleJson('completion.recorded.v1')
  change(event)
  return event
}

describe('bytes', () => {
  test('an event of exactly 256 KiB is read, one byte more is refused', () => {
    const text = new TextDecoder().decode(exampleBytes('completion.recorded.v1')).trimEnd()
    expect(codesOf(text.padEnd(256 * 1024))).toEqual([])
    expect(codesOf(text.padEnd(256 * 1024 + 1))).toEqual(['too-large'])
  })

  test.each([
    ['a broken byte', new Uint8Array([0x22, 0xff, 0x22])],
    ['UTF-16', new Uint8Array(Buffer.from('{}', 'utf16le')).fill(0xfe, 0, 1)],
    ['a byte order mark', encode('\uFEFF{}')],
  ])('%s is not UTF-8', (_, bytes) => {
    expect(codesOf(bytes)).toEqual(['not-utf8'])
  })

  test.each(['', '{', '{"a":1,}', "{'a':1}", 'nonsense', '{"a":01}', '{"a":NaN}'])('%j is not JSON', (text) => {
    expect(codesOf(text)).toEqual(['not-json'])
  })

  test.each(['[]', '"text"', 'null', '7'])('%s is JSON but not an object', (text) => {
    expect(codesOf(text)).toEqual(['not-an-object'])
  })

  test('a member written twice is refused where it stands, also under another spelling and deep inside', () => {
    const text = new TextDecoder().decode(exampleBytes('completion.recorded.v1'))
    const twice = text.replace('"scheme": "canvas"', '"scheme": "canvas", "sch\\u0065me": "eppn"')
    expect(problemsOf(twice)).toMatchObject([{ code: 'duplicate-member', pointer: '/data/learner/scheme' }])
  })

  test('the same member name in two objects of a list is no repetition', () => {
    expect(codesOf('{"a":[{"b":1},{"b":1}]}')).not.toContain('duplicate-member')
  })

  test('nesting deeper than 32 levels is refused without walking on', () => {
    expect(codesOf(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`)).toEqual(['too-deep'])
    expect(codesOf(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toEqual(['too-deep'])
  })

  test.each(['{"a":"\\ud800"}', '{"\\udc00":1}', '{"__proto__":{}}', '{"data":{"toJSON":1}}'])(
    '%s is unsafe',
    (text) => {
      expect(codesOf(text)).toEqual(['unsafe-text'])
    },
  )

  test.each(['{"a":1e999}', '{"a":[-9007199254740992]}'])('%s has a number that not everybody can read', (text) => {
    expect(codesOf(text)).toEqual(['number-out-of-range'])
  })
})

describe('all faults at once', () => {
  test('shape, meaning and frame are told together, each at its place', () => {
    const event = exampleJson('assessment.recorded.v1.stations')
    Object.assign(event, { sequence: 0, time: '2199-01-01T00:00:00Z', subject: 'somebody' })
    Object.assign(event.data, { purpose: 'final', passMark: undefined, at: 'yesterday', outcomes: ['lr1', 'lr1'] })
    delete event.data['organisation']
    const found = problemsOf(event).map(({ code, pointer }) => `${code} ${pointer}`)
    expect(found.toSorted()).toEqual(
      [
        'out-of-range /sequence',
        'unknown-member /subject',
        'time-in-future /time',
        'value-not-allowed /data/purpose',
        'bad-format /data/at',
        'missing-member /data/organisation',
        'pass-mark-missing /data/passMark',
        'duplicate-id /data/outcomes/1',
        'outcome-not-declared /data/items/0/outcomes/1',
        'outcome-not-declared /data/items/1/outcomes/0',
        'outcome-not-declared /data/items/1/outcomes/1',
        'outcome-not-declared /data/items/1/outcomes/2',
      ].toSorted(),
    )
  })

  test('an unknown type still has its frame checked', () => {
    const event = completion((it) => Object.assign(it, { type: 'org.example.done.v1', sequence: 'one' }))
    expect(problemsOf(event).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'unknown-type /type',
      'wrong-type /sequence',
    ])
  })

  test('an empty object is told every attribute it lacks', () => {
    expect(problemsOf({}).map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/specversion', '/id', '/source', '/institution', '/sequence', '/type']),
    )
  })

  test('more than a hundred problems are cut, and it says so', () => {
    const many = completion((it) => {
      for (let index = 0; index < 5_000; index++) it.data[`unknown${index}`] = index
    })
    const problems = problemsOf(many)
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)?.code).toBe('more-problems')
  })

  test('a list with tens of thousands of faults is answered like a short one', () => {
    const event = exampleJson('assessment.recorded.v1.stations')
    event.data['scorers'] = Array.from({ length: 60_000 }, () => 7)
    expect(codesOf(event)).toContain('too-many')
  })
})

describe('advice', () => {
  const adviceOf = (change: (event: ReturnType<typeof exampleJson>) => void) =>
    problemsOf(completion(change))[0]?.advice

  test.each([
    ['completed_at', 'completedAt'],
    ['CompletedAt', 'completedAt'],
    ['offerring', 'offering'],
  ])('%s is recognised as %s', (wrong, right) => {
    expect(adviceOf((it) => Object.assign(it.data, { [wrong]: 'x' }))).toBe(`did you mean \`${right}\`?`)
  })

  test('a near miss inside a list entry or a union branch is recognised too', () => {
    const event = exampleJson('identity.checked.v1.login')
    const check = event.data['check'] as { assertion: Record<string, unknown> }
    check.assertion['autTime'] = 'x'
    expect(problemsOf(event)[0]).toMatchObject({
      pointer: '/data/check/assertion/autTime',
      advice: 'did you mean `authTime`?',
    })
  })

  test('a near miss of a type is recognised, a stranger is told the list', () => {
    expect(adviceOf((it) => Object.assign(it, { type: 'org.beviskedja.completion.recorded' }))).toContain(
      'did you mean org.beviskedja.completion.recorded.v1?',
    )
    expect(adviceOf((it) => Object.assign(it, { type: 'something.else' }))).toContain('write one of')
  })

  test('what CloudEvents allows and we do not is explained', () => {
    expect(adviceOf((it) => Object.assign(it, { subject: 'x' }))).toContain('data.learner')
    expect(adviceOf((it) => Object.assign(it, { constructor: 'x' }))).toContain('known here')
  })

  test('no value of the sender is repeated, however wrong', () => {
    const secret = '19121212-1212'
    const event = completion((it) => {
      Object.assign(it, { type: secret, source: secret, sequence: secret })
      Object.assign(it.data, { completedAt: secret, learner: { scheme: secret, value: `${secret} ` } })
    })
    expect(JSON.stringify(problemsOf(event))).not.toContain(secret)
    const known = completion((it) =>
      Object.assign(it.data, { completedAt: secret, attempt: secret, group: `${secret} ` }),
    )
    expect(JSON.stringify(problemsOf(known))).not.toContain(secret)
  })

  test('a member name as long as a book does not fill the record', () => {
    expect(JSON.stringify(problemsOf({ ['x'.repeat(100_000)]: 1 })).length).toBeLessThan(10_000)
  })
})

describe('whatever is sent', () => {
  const names = ['completion.recorded.v1', 'assessment.recorded.v1.stations', 'proctoring.reported.v1.on-site']

  test('any bytes get an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseEvent(bytes, now)).toMatchObject({ kind: 'invalid' })
      }),
    )
  })

  test('any value in any place gets an answer, and what is accepted has canonical bytes', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('2026-11-14T15:45:00Z', 'lr1', 1, true, null))
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), value, (name, place, thrown) => {
        const event = exampleJson(name)
        const places = placesIn(event)
        const [holder, member] = places[place % places.length] ?? [event, 'id']
        Object.assign(holder, { [member]: thrown })
        const answer = parseEvent(encode(JSON.stringify(event)), now)
        if (answer.kind === 'invalid') expect(answer.problems).not.toHaveLength(0)
        else expect(canonicalBytes(answer.jcsReady, { numbers: 'finite' }).byteLength).toBeGreaterThan(0)
      }),
      { numRuns: 400 },
    )
  })
})

/** Every member and list position inside a value. */
function placesIn(value: unknown): [holder: object, member: string][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, inner]) => [[value, member], ...placesIn(inner)])
}

describe('what is given on', () => {
  test('moments become UTC with milliseconds, attempt is filled in, the payload stays as sent', () => {
    const answer = parseEvent(exampleBytes('completion.recorded.v1'), now)
    expect(answer).toMatchObject({
      kind: 'event',
      event: { data: { completedAt: '2026-11-14T14:45:00.000Z', attempt: 1 } },
      jcsReady: { data: { completedAt: '2026-11-14T15:45:00+01:00' } },
    })
  })

  test('fractions of a millisecond are cut and a leap day is a day', () => {
    const event = completion((it) => Object.assign(it.data, { completedAt: '2024-02-29T23:59:59.999999-14:00' }))
    const answer = parseEvent(encode(JSON.stringify(event)), now)
    expect(answer).toMatchObject({ event: { data: { completedAt: '2024-03-01T13:59:59.999Z' } } })
  })

  test.each([
    '2026-11-14',
    '2026-11-14T15:45:00',
    '2026-11-14T15:45+01:00',
    '2026-02-29T00:00:00Z',
    '2026-11-31T00:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-11-14t15:45:00z',
    '1826-11-14T15:45:00Z',
  ])('%s is no moment', (moment) => {
    expect(codesOf(completion((it) => Object.assign(it.data, { completedAt: moment })))).toEqual(['bad-format'])
  })

  test('five minutes ahead is a clock, six are the future', () => {
    const event = exampleJson('completion.recorded.v1')
    const at = (clock: string) => problemsOf(event, as<Instant>(clock)).map(({ pointer }) => pointer)
    expect(at('2026-11-14T15:15:00.000Z')).toEqual([])
    expect(at('2026-11-14T15:14:59.000Z')).toEqual(['/time'])
    expect(at('2026-11-14T14:39:00.000Z')).toEqual(['/time', '/data/completedAt'])
  })

  test('every event that is accepted has canonical bytes', () => {
    const answer = parseEvent(exampleBytes('assessment.recorded.v1.stations'), now)
    if (answer.kind === 'invalid') expect.fail('the example is valid')
    expect(canonicalBytes(answer.jcsReady, { numbers: 'finite' }).byteLength).toBeGreaterThan(0)
  })

  test('every type reports one kind of fact', () => {
    expect(families.map(({ type }) => kindOfType(type))).toEqual([
      'completion',
      'identity',
      'participation',
      'result',
      'proctoring',
      'withdrawal',
    ])
  })
})

describe('future moments inside each family', () => {
  test.each([
    [
      'identity.checked.v1.login',
      (data: Data) => ((data.check.assertion.authTime = ahead), '/data/check/assertion/authTime'),
    ],
    ['identity.checked.v1.document', (data: Data) => ((data.at = ahead), '/data/at')],
    ['participation.recorded.v1.webinar', (data: Data) => ((data.until = ahead), '/data/until')],
    ['assessment.recorded.v1.formative', (data: Data) => ((data.at = ahead), '/data/at')],
    ['proctoring.reported.v1.online', (data: Data) => ((data.incidents[0].at = ahead), '/data/incidents/0/at')],
    ['proctoring.reported.v1.on-site', (data: Data) => ((data.identity.at = ahead), '/data/identity/at')],
    ['fact.withdrawn.v1', (data: Data) => ((data.at = ahead), '/data/at')],
  ])('%s', (name, change) => {
    const event = exampleJson(name)
    const pointer = change(event.data as unknown as Data)
    expect(problemsOf(event)).toMatchObject([{ code: 'time-in-future', pointer }])
  })
})

const ahead = '2026-11-24T00:05:01Z'
interface Data {
  at: string
  until: string
  check: { assertion: { authTime: string } }
  incidents: [{ at: string }]
  identity: { at: string }
}
