/** Writes docs/conformance/audit-checklist.md and entry-types.md; a test fails when the committed pages are older. */
import { writeFileSync } from 'node:fs'
import { pages, pathTo } from './checklist.ts'

for (const [name, make] of Object.entries(pages)) writeFileSync(pathTo(name), make())
