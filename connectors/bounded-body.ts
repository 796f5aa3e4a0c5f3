/** The body of an answer, no larger than it may be: without it a server that never stops sending would fill our memory. */

/**
 * Undefined when there is more than `most` bytes; the rest is then not read. Rejects when the line breaks.
 *
 * @param came told, whenever some have come, how many bytes there are
 */
export async function bodyWithin(
  response: Response,
  most: number,
  came?: (bytes: number) => void,
): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  if (response.body === null) return new Uint8Array()
  const stream = response.body as unknown as AsyncIterable<Uint8Array>
  for await (const part of stream) {
    size += part.byteLength
    // Leaving the loop cancels the stream.
    if (size > most) return undefined
    parts.push(part)
    came?.(size)
  }
  return Buffer.concat(parts)
}
