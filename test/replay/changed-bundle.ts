/** A bundle of the workflows with one change in them: without it nobody would know whether a replay notices anything. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { onTestFinished } from 'vitest'
import { failureConverterPath } from '#connectors/platform/payload-codec.ts'
import { root } from '../support/paths.ts'

export interface Change {
  /** Path in the project. */
  readonly file: string
  readonly from: string | RegExp
  readonly to: string
}

/** Copies what the bundle is made of, changes it, and gives the path of the bundle, which is gone after the test. */
export async function changedBundle({ file, from, to }: Change): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of ['package.json', 'workflows', 'domain', 'activities/contracts.ts']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

  const before = readFileSync(join(folder, file), 'utf8')
  const after = before.replace(from, to)
  if (after === before) throw new Error(`${file} has no ${from}; the change must follow the workflow`)
  writeFileSync(join(folder, file), after)

  const logger = new DefaultLogger('ERROR', () => undefined)
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(folder, 'workflows/index.ts'),
    failureConverterPath,
    logger,
  })
  const path = join(folder, 'bundle.js')
  writeFileSync(path, code)
  return path
}
