/** Writes docs/cli.md from the catalogue of commands; a test fails when the committed one is older (style §10). */
import { writeFile } from 'node:fs/promises'
import { catalogue } from '#cli/catalogue.ts'
import { referencePage } from '#cli/reference.ts'

await writeFile(new URL('../docs/cli.md', import.meta.url), await referencePage(catalogue))
