/** The signed bytes put together from parts that were spelled before; two thirds of a credential are the same for everybody who earned it. */
import { isObject } from '#credentials/bytes.ts'

/** No known part stands deeper: `credentialSubject.achievement`, an item of `evidence`, the inline context in its list. */
const deepest = 2

/**
 * UTF-8 of the JSON text of a document, exactly as `JSON.stringify` spells it, with the parts whose bytes are `known` put in as they are.
 *
 * @throws TypeError where a member has no value: nothing may get lost between the document that was checked and the one that is signed
 */
export function spell(document: object, known: (part: unknown) => Uint8Array | undefined): Uint8Array {
  const pieces: Uint8Array[] = []
  let text = ''
  const write = (value: unknown, depth: number): void => {
    const bytes = known(value)
    if (bytes !== undefined) {
      pieces.push(Buffer.from(text), bytes)
      text = ''
    } else if (depth < deepest && Array.isArray(value)) {
      let before = '['
      for (const item of value) {
        text += before
        write(item, depth + 1)
        before = ','
      }
      text += value.length === 0 ? '[]' : ']'
    } else if (depth < deepest && isObject(value)) {
      let before = '{'
      for (const name of Object.keys(value)) {
        text += `${before}${JSON.stringify(name)}:`
        write(value[name], depth + 1)
        before = ','
      }
      text += before === '{' ? '{}' : '}'
    } else text += written(value)
  }
  write(document, 0)
  return Buffer.concat([...pieces, Buffer.from(text)])
}

function written(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new TypeError('a member without a value')
  return text
}
