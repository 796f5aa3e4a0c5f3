/** Changes to `audit/` that no test notices, and why none can or need: listed on the page (page.ts), which refuses a reason for nothing. */

export interface Stay {
  readonly file: string
  /** Part of the changed line. */
  readonly line: string
  /** Part of what it is changed to, where only some of the line's changes stay. */
  readonly to?: string
  readonly why: string
}

const switchDefault = 'the case falls together with the default, and is named so that the compiler sees every kind'
const sameByBuffer = 'without Buffer the same text comes out, ten times slower'
const lastLetter = 'the last letter is spelled behind the loop instead, and is the same'
const nothingFound = 'what is read of it stands behind its first place, and is undefined either way'

export const stay: readonly Stay[] = [
  { file: 'canonical', line: 'if (shared.has(part))', why: 'a part shared twice is written twice, to the same text' },
  { file: 'canonical', line: "case 'bigint':", why: switchDefault },
  { file: 'canonical', line: "case 'function':", why: switchDefault },
  { file: 'canonical', line: "case 'symbol':", why: switchDefault },
  { file: 'canonical', line: "case 'undefined':", why: switchDefault },
  { file: 'digest', line: 'if (spelling !== undefined)', why: sameByBuffer },
  { file: 'digest', line: 'bits >= 6', to: 'bits > 6', why: lastLetter },
  { file: 'digest', line: 'bits >= 5', to: 'bits > 5', why: lastLetter },
  {
    file: 'digest',
    line: "typeof part === 'string' && part.includes",
    to: 'true',
    why: 'no byte is a text of one zero',
  },
  {
    file: 'digest',
    line: 'const base32Letters =',
    why: 'changed while the module loads; the tests that spell base32 have loaded it before',
  },
  {
    file: 'digest',
    line: 'value < letters.length',
    why: 'beyond the last letter there is none, and its place in the table is none',
  },
  {
    file: 'tile-tree',
    line: 'if (hashes.length > 1)',
    why: 'keeps hashes that need not be kept: memory, not another answer',
  },
  { file: 'brackets', line: 'after.reduce', to: '>=', why: 'of two equal moments either is the latest' },
  { file: 'brackets', line: 'before.reduce', to: '<=', why: 'of two equal moments either is the earliest' },
  { file: 'brackets', line: 'before !== undefined', to: 'true', why: 'no moment is later than none' },
  { file: 'brackets', line: 'after !== undefined', to: 'true', why: 'no moment is earlier than none' },
  { file: 'add-checkpoint', line: 'if (end < 0)', to: '<= 0', why: 'an empty first line is refused a line later' },
  {
    file: 'add-checkpoint',
    line: "const [first = '',",
    why: 'a text split in lines has a first one; the default is for the compiler',
  },
  { file: 'add-checkpoint', line: '.exec(first) ?? []', why: nothingFound },
  { file: 'add-checkpoint', line: '} catch {', why: 'a function that ends answers undefined too' },
  { file: 'heads', line: '} catch {', why: 'a function that ends answers undefined too' },
]
