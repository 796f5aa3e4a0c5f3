/** The page `viewer.html` that goes with every package of trails; generated, so read from its file. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('../../audit/package/viewer.html', import.meta.url))

export const viewer: Uint8Array | undefined = existsSync(file) ? readFileSync(file) : undefined
