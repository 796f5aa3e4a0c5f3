/** The workflow bundle, built once for all test files: each build costs two seconds. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { failureConverterPath } from '#connectors/platform/payload-codec.ts'
import { withLock } from '#dev/servers/lock.ts'
import { writeWhole } from '#dev/servers/processes.ts'
import { root, testPaths } from './paths.ts'

/** Path of a bundle of the workflows as they are now. */
export async function workflowBundlePath(): Promise<string> {
  const path = join(testPaths.bundles, `${sourcesHash()}.js`)
  if (existsSync(path)) return path
  return await withLock(testPaths.bundleLock, async () => {
    if (existsSync(path)) return path
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(root, 'workflows', 'index.ts'),
      failureConverterPath,
      logger: new DefaultLogger('WARN'),
    })
    writeWhole(path, code)
    return path
  })
}

function sourcesHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  const folders = ['workflows', 'domain', 'activities', 'connectors/platform']
  for (const folder of folders) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).toSorted()
    for (const file of files.filter((name) => name.endsWith('.ts'))) {
      hash.update(`\0${folder}/${file}\0`).update(readFileSync(join(root, folder, file)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}
