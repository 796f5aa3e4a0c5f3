import { describe, expect, test } from 'vitest'
import { parseTraceparent, traceparentOf } from '#domain/trace-context.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'

describe('a traceparent from outside', () => {
  test.each([
    [`00-${trace}-${span}-01`, true],
    [`00-${trace}-${span}-00`, false],
    // Flags of later levels; only the first is ours to read
    [`00-${trace}-${span}-03`, true],
    // A later version with more to say (§4)
    [`cc-${trace}-${span}-01-what-the-future-holds`, true],
    [`cc-${trace}-${span}-01`, true],
  ])('%s says where in which trace', (text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId: trace, spanId: span, sampled })
  })

  test.each([
    ['nothing', undefined],
    ['no text', 17],
    ['an empty text', ''],
    ['other text', 'Åsa Berg'],
    ['the version nobody may use', `ff-${trace}-${span}-01`],
    ['more than version 00 says', `00-${trace}-${span}-01-more`],
    ['a dash at its end', `00-${trace}-${span}-01-`],
    ['capitals', `00-${trace.toUpperCase()}-${span}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['a parent of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['a short id', `00-${trace.slice(1)}-${span}-01`],
    ['a line break', `00-${trace}-${span}-01\n`],
    ['a text without end', `cc-${trace}-${span}-01-${'x'.repeat(100_000)}`],
    ['a personal number with zeros before it', `00-${'199001011234'.padStart(32, '0')}-${span}-01`],
  ])('is ignored where it is %s', (_what, text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })

  test('travels on in the version we speak', () => {
    const context = parseTraceparent(`cc-${trace}-${span}-01-more`)
    expect(context === undefined ? '' : traceparentOf(context)).toBe(`00-${trace}-${span}-01`)
  })
})
