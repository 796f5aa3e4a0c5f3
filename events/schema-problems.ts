/** What a schema refused, told so that a sender can mend it; zod's own messages speak to programmers of zod. */
import { z } from 'zod'
import { nearest } from './near.ts'
import { longestList, type Path, type Problem, type ProblemCode, pointerOf } from './problems.ts'

type Issue = z.core.$ZodIssue

/** The problems of one schema over `value`, and the sketch: `value` with every refused part cut out. Without problems, what the schema makes of it. */
export function schemaProblems(
  schema: z.ZodType,
  value: unknown,
): { problems: Problem[]; sketch: unknown; parsed?: unknown } {
  const result = schema.safeParse(value)
  if (result.success) return { problems: [], sketch: value, parsed: result.data }
  const problems = result.error.issues.slice(0, enough).flatMap((issue) => tell(issue, { schema, value }))
  const refused = result.error.issues.filter((issue) => issue.code !== 'unrecognized_keys')
  return { problems, sketch: cut(value, refused.map(pathOf)) }
}

/** One more than is listed, so that the list says that there are more. */
const enough = longestList + 1

interface Asked {
  readonly schema: z.ZodType
  readonly value: unknown
}

function tell(issue: Issue, asked: Asked): Problem[] {
  const path = pathOf(issue)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, enough).map((key) => unknownMember(key, path, asked))
  const absent = isAbsent(asked.value, path)
  if (absent) return [at(path, 'missing-member', 'is missing', `add \`${String(path.at(-1))}\`${kindOf(issue)}`)]
  return [at(path, ...sayWhat(issue))]
}

function sayWhat(issue: Issue): [ProblemCode, detail: string, advice: string] {
  switch (issue.code) {
    case 'invalid_type':
      return ['wrong-type', `is not ${typeName(issue.expected)}`, `write ${typeName(issue.expected)}`]
    case 'invalid_value':
      return ['value-not-allowed', 'is not one of the allowed values', `write ${oneOf(issue.values)}`]
    case 'invalid_union':
      return ['value-not-allowed', 'is not one of the allowed values', `write ${oneOf(optionsOf(issue))}`]
    case 'too_small':
    case 'too_big':
      return outsideLimits(issue)
    case 'invalid_format':
    case 'custom':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return ['bad-format', 'does not have the demanded form', issue.message]
  }
}

function outsideLimits(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
): [ProblemCode, detail: string, advice: string] {
  const [small, limit] = issue.code === 'too_small' ? [true, issue.minimum] : [false, issue.maximum]
  const bound = `at ${small ? 'least' : 'most'} ${limit}`
  if (issue.origin === 'string')
    return small
      ? ['too-short', 'is too short', `write ${bound} characters`]
      : ['too-long', 'is too long', `write ${bound} characters`]
  if (issue.origin === 'array')
    return small
      ? ['too-few', 'has too few entries', `give ${bound}`]
      : ['too-many', 'has too many entries', `give ${bound}`]
  return ['out-of-range', 'is outside the allowed range', `write ${bound}`]
}

/** Where a zod union without discriminator keeps its options depends on the version, so only what is there is told. */
function optionsOf(issue: z.core.$ZodIssueInvalidUnion): readonly unknown[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : []
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => `\`${String(value)}\``)
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

function kindOf(issue: Issue): string {
  return issue.code === 'invalid_type' ? `, ${typeName(issue.expected)}` : ''
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}

function typeName(expected: string): string {
  return typeNames[expected] ?? expected
}

/** Names under which senders like to put personal values. */
const personalNames = [
  'name',
  'givenname',
  'familyname',
  'firstname',
  'lastname',
  'fullname',
  'birthdate',
  'dateofbirth',
  'email',
  'mail',
  'phone',
  'address',
  'personnummer',
  'personalidentitynumber',
  'nationalid',
  'documentnumber',
  'photo',
]

function unknownMember(key: string, path: Path, { schema }: Asked): Problem {
  const where = [...path, key.length > 64 ? `${key.slice(0, 64)}…` : key]
  if (personalNames.includes(key.toLowerCase().replaceAll(/[-_]/g, '')))
    return at(
      where,
      'personal-data-in-plain',
      'would carry personal data in plain',
      'leave it out; names and birth dates travel as compact JWE in `personal` of an identity event, nothing else at all',
    )
  const special = attributeAdvice.get(key)
  if (path.length === 0 && special !== undefined) return at(where, 'unknown-member', 'is not accepted', special)
  const known = membersAt(schema, path)
  const meant = nearest(key, known)
  const advice = meant === undefined ? `leave it out; known here: ${known.join(', ')}` : `did you mean \`${meant}\`?`
  return at(where, 'unknown-member', 'is not in the contract', advice)
}

/** CloudEvents allows these; we do not, and say why. */
const attributeAdvice = new Map([
  ['subject', 'leave it out; whom the event is about is said in `data.learner`'],
  ['data_base64', 'send JSON in `data`'],
  ['dataschema', 'leave it out; `type` names the schema and its version'],
])

/** Member names the schema knows at `path`; of a union, those of all its branches. */
function membersAt(schema: z.ZodType, path: Path): string[] {
  let schemas: unknown[] = [schema]
  for (const part of path) schemas = schemas.flatMap(branches).flatMap((each) => stepInto(each, part))
  return [...new Set(schemas.flatMap(branches).flatMap((each) => Object.keys(shapeOf(each))))]
}

function branches(schema: unknown): unknown[] {
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return branches(schema.unwrap())
  return schema instanceof z.ZodDiscriminatedUnion ? schema.options.flatMap(branches) : [schema]
}

function stepInto(schema: unknown, part: string | number): unknown[] {
  if (schema instanceof z.ZodArray) return [schema.element]
  const member: unknown = shapeOf(schema)[part]
  return member === undefined ? [] : [member]
}

function shapeOf(schema: unknown): Record<string, unknown> {
  return schema instanceof z.ZodObject ? schema.shape : {}
}

const at = (path: Path, code: ProblemCode, detail: string, advice: string): Problem => ({
  code,
  pointer: pointerOf(path),
  detail,
  advice,
})

function pathOf(issue: Issue): Path {
  return issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
}

function isAbsent(value: unknown, path: Path): boolean {
  if (path.length === 0) return false
  let at: unknown = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return true
    at = (at as Record<string | number, unknown>)[part]
  }
  return false
}

/** A copy with the values at `paths` made undefined; positions in lists stay. */
function cut(value: unknown, paths: readonly Path[]): unknown {
  const copy = { root: structuredClone(value) }
  for (const path of paths) blank(copy, ['root', ...path])
  return copy.root
}

function blank(value: unknown, [part, ...rest]: Path): void {
  if (part === undefined || typeof value !== 'object' || value === null) return
  const parent = value as Record<string | number, unknown>
  if (rest.length === 0) parent[part] = undefined
  else blank(parent[part], rest)
}
