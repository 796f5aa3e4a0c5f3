import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle, viewerPage } from '../../tools/generate-viewer.ts'
import { root } from '../support/paths.ts'

test('audit/package/viewer.html is the verifier as it is now; else run tools/generate-viewer.ts', async () => {
  const committed = readFileSync(join(root, 'audit', 'package', 'viewer.html'), 'utf8')
  expect(committed === (await viewerPage())).toBe(true)
})

test.each([
  ['no file', "import { one } from './nowhere.ts'\nconsole.log(one)\n", './nowhere.ts'],
  ['no package', "import { one } from 'no-such-package'\nconsole.log(one)\n", 'no-such-package'],
  ['nothing a browser has', "import { readFileSync } from 'node:fs'\nreadFileSync('x')\n", 'node:fs'],
  ['a later moment', "console.log(await import('./nowhere.ts'))\n", './nowhere.ts'],
])('is not made with an import of %s in it', async (_what, source, specifier) => {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-bundle-'))
  const entry = join(folder, 'main.ts')
  writeFileSync(entry, source)
  await expect(bundle(entry)).rejects.toThrow(specifier)
  rmSync(folder, { recursive: true })
})
