/** Text that Postgres can keep, as the code refuses the rest of it (limits.ts) and as the document tells it. */

/** Without NUL. Half a surrogate pair, which is refused too, is no Unicode text at all, so no pattern of one needs to say so. */
const storable = '^[^\\u0000]*$'

/** Members of a schema that hold values, not schemas. */
const values = ['example', 'examples', 'default', 'const', 'enum']

/** The document with this said wherever a text, or the name of a free member, has no narrower form of its own. */
export function withStorableTexts<Node>(node: Node): Node {
  if (Array.isArray(node)) return node.map(withStorableTexts) as Node
  if (typeof node !== 'object' || node === null) return node
  const members = Object.entries(node).map(([name, value]) => [
    name,
    values.includes(name) ? value : withStorableTexts(value),
  ])
  return { ...Object.fromEntries(members), ...formOf(node) } as Node
}

function formOf(node: object): object {
  const schema = node as Readonly<Record<string, unknown>>
  if (isText(schema['type']) && !['pattern', 'format', 'enum', 'const'].some((name) => name in schema)) {
    return { pattern: storable }
  }
  const isOpen = typeof schema['additionalProperties'] === 'object' && schema['propertyNames'] === undefined
  return schema['type'] === 'object' && isOpen ? { propertyNames: { pattern: storable } } : {}
}

function isText(type: unknown): boolean {
  return type === 'string' || (Array.isArray(type) && type.includes('string'))
}
