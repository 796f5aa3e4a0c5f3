/** Names that an object has twice: `JSON.parse` lets the last one win, another reader the first, and the two would judge different proofs. */

/** Whether an object anywhere in a text that is known to be JSON has one name twice, however it is spelled. */
export function repeatsMember(json: string): boolean {
  const open: (Set<string> | undefined)[] = []
  for (let at = 0; at < json.length; at += 1) {
    const sign = json[at]
    if (sign === '{') open.push(new Set())
    else if (sign === '[') open.push(undefined)
    else if (sign === '}' || sign === ']') open.pop()
    else if (sign === '"') {
      const end = endOfText(json, at)
      const names = open.at(-1)
      if (names !== undefined && isName(json, end)) {
        const name = JSON.parse(json.slice(at, end)) as string
        if (names.has(name)) return true
        names.add(name)
      }
      at = end - 1
    }
  }
  return false
}

/** Behind the closing quotation mark of the text that begins at `from`. */
function endOfText(json: string, from: number): number {
  let at = from + 1
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

const afterName = /[\t\n\r ]*:/y

function isName(json: string, end: number): boolean {
  afterName.lastIndex = end
  return afterName.test(json)
}
