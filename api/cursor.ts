/** Opaque places in a list. Signed, so that nobody reads on where they were not, and bound to the filters they belong to. */

import type { Keys } from '#db/client.ts'
import { contentDigest } from '#db/crypto.ts'
import type { InstitutionId } from '#domain/words.ts'
import { Problem } from './problem.ts'

export interface CursorScope {
  readonly keys: Keys
  readonly institution: InstitutionId
  /** List and filters, the same on every page. */
  readonly list: string
}

const macBytes = 16

/** Text form of the last row of a page. */
export function writeCursor(scope: CursorScope, place: readonly string[]): string {
  const body = Buffer.from(JSON.stringify(place)).toString('base64url')
  return `${body}.${macOf(scope, body)}`
}

/** @throws Problem `invalid_cursor` for a text that is not ours or belongs to other filters */
export function readCursor(scope: CursorScope, cursor: string): readonly string[] {
  const [body = '', mac = '', ...more] = cursor.split('.')
  // A wrong guess tells nothing worth timing: a cursor grants no access, only a place.
  if (more.length > 0 || mac !== macOf(scope, body)) throw new Problem('invalid_cursor')
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as readonly string[]
}

function macOf({ keys, institution, list }: CursorScope, body: string): string {
  const mac = contentDigest(keys, institution, Buffer.from(JSON.stringify(['cursor', list, body])))
  return Buffer.from(mac.subarray(0, macBytes)).toString('base64url')
}
