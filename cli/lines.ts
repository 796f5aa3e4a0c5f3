/** Lines of a stream as they come, each within bounds; a line without end must not become a process without memory. */

/** Longest line, in bytes; enough for a note of 1 MiB with every letter escaped. */
const longest = 8 * 1024 * 1024

/**
 * Each line as text without its newline; undefined for one that is too long or no UTF-8. What follows the last newline is a line
 * where there is something.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let parts: Uint8Array[] = []
  let length = 0
  const take = (part: Uint8Array) => {
    length += part.length
    // Of a line that is too long only its length is kept.
    if (length > longest) parts = []
    else parts.push(part)
  }
  const finish = () => {
    const line = length > longest ? undefined : textOf(parts)
    parts = []
    length = 0
    return line
  }
  for await (const chunk of stream) {
    let rest = chunk
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      take(rest.subarray(0, end))
      yield finish()
      rest = rest.subarray(end + 1)
    }
    if (rest.length > 0) take(rest)
  }
  if (length > 0) yield finish()
}

function textOf(parts: readonly Uint8Array[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts))
  } catch {
    return undefined
  }
}
