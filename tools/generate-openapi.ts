/** Writes docs/openapi.json from the routes; a test fails when the committed one is older (style §10). */
import { writeFile } from 'node:fs/promises'
import { apiDocument } from '#api/document.ts'

const target = new URL('../docs/openapi.json', import.meta.url)
await writeFile(target, `${JSON.stringify(apiDocument(), null, 2)}\n`)
