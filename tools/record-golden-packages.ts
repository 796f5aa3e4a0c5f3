/**
 * Records audit packages of this release for `test/golden`: whoever holds one must be able to verify it with every later release
 * (audit-log §12, K2). What is recorded stays; `--again` records this version anew, for a version that nobody has exported from yet.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePackages } from '../test/golden/make.ts'
import { root } from '../test/support/paths.ts'
import { joinServers, leaveServers } from '../test/support/test-servers.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const folder = join(root, 'test', 'golden', version)

if (existsSync(folder) && !process.argv.includes('--again')) {
  console.log(`${folder} is there already; --again records it anew`)
} else {
  await joinServers(process.pid)
  try {
    const { policy, tsa, packages } = await makePackages()
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'trust.policy'), policy)
    writeFileSync(join(folder, 'tsa.pem'), tsa)
    for (const [name, bytes] of packages) writeFileSync(join(folder, `${name}.zip`), bytes)
    console.log(`${packages.size} packages in ${folder}`)
  } finally {
    await leaveServers(process.pid)
  }
}
