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
const noName =
  'a line of another form has no name, and what stands for it is none either; then nothing else of it is read'
const rethrown = 'nothing else is thrown there; a fault of ours would come through'
const forCompiler = 'the default is for the compiler: the words of a line are there, or a later check refuses it'
const judged = 'only a trail that has entries is judged; for the compiler'

export const stay: readonly Stay[] = [
  {
    file: 'appeal',
    line: 'decisions[type] !== undefined',
    why: 'of a type that is no decision the member asked for would be called undefined, and no entry has one of that name',
  },
  {
    file: 'appeal',
    line: 'n > decided.n',
    to: '>=',
    why: 'the decision itself is neither of the two that can follow it',
  },
  {
    file: 'package/report',
    line: 'isHolder: true, decided: false',
    to: 'true',
    why: 'of a holder nobody asks whether they decided',
  },
  {
    file: 'package/manifest',
    line: 'path.toLowerCase()',
    why: 'the letters of a path are A–Z, which differ in either case alike',
  },
  { file: 'verify-trail', line: 'links[0]?.entry', why: judged },
  { file: 'verify-trail', line: 'links.at(-1)?.', why: judged },
  { file: 'verify-trail', line: 'if (last !== undefined && isSeal(last))', why: judged },
  { file: 'verify-trail', line: 'return back < 0', to: '<= 0', why: 'no entry is earlier than itself' },
  { file: 'shape', line: 'Object.hasOwn(optional, name)', why: 'a member that is there has a check; for the compiler' },
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
  { file: 'add-checkpoint', line: '.exec(text)?.[1]', why: 'what is thrown there is caught, and no request either' },
  { file: 'add-checkpoint', line: '} catch {', why: 'a function that ends answers undefined too' },
  { file: 'check-log', line: '} catch (error) {', why: rethrown },
  { file: 'check-log', line: 'if (error instanceof AuditError)', why: rethrown },
  { file: 'judge-checkpoint', line: 'if (error instanceof AuditError)', why: rethrown },
  { file: 'note-key', line: 'if (error instanceof AuditError)', why: rethrown },
  { file: 'note-key', line: "const [, name = ''", why: noName },
  { file: 'note', line: "const [, name = ''", why: noName },
  { file: 'tile', line: 'place?.replaceAll', why: 'a path of this form has a place; for the compiler' },
  {
    file: 'checkpoint',
    line: 'if (origin === undefined',
    why: 'with a root there are an origin and a size; the others are for the compiler',
  },
  { file: 'checkpoint', line: 'text.length === 44', why: 'the bytes are counted a line later' },
  {
    file: 'tlog-proof',
    line: "const [index = '',",
    why: 'no line and a line that is no index are refused alike',
  },
  { file: 'policy', line: 'function readGroup(', why: forCompiler },
  { file: 'policy', line: 'name === undefined ||', why: forCompiler },
  { file: 'policy', line: 'line.split(', why: 'the empty words between two blanks are left out either way' },
  { file: 'policy', line: 'default:', why: 'a function that ends answers undefined, which refuses the line too' },
  { file: 'policy', line: '.test(text) ? Number(text)', why: 'a number with words behind it is no number' },
  {
    file: 'heads',
    line: 'wanted: false',
    why: 'a way to the root is kept that nobody asks for: memory, not another answer',
  },
  { file: 'heads', line: 'if (held !== undefined && next < asked.length)', why: 'the same of the last leaf' },
]
