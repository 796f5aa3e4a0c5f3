import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { viewerPage } from '../../tools/generate-viewer.ts'
import { root } from '../support/paths.ts'

test('audit/package/viewer.html is the verifier as it is now; else run tools/generate-viewer.ts', async () => {
  const committed = readFileSync(join(root, 'audit', 'package', 'viewer.html'), 'utf8')
  expect(committed === (await viewerPage())).toBe(true)
})
