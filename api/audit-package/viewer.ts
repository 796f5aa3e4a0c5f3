/** The page `viewer.html` that goes with every package of cases; generated, so read from its file. */
import { readFileSync } from 'node:fs'

export const viewer: Uint8Array = readFileSync(new URL('../../audit/package/viewer.html', import.meta.url))
