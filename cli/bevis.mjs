#!/usr/bin/env node
/** `npx bevis` on whatever Node the system has: the program itself needs 24, and brings it (the dev dependency `node`). */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const bundled = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
const isNew = Number.parseInt(process.versions.node, 10) >= 24

if (!isNew && !existsSync(bundled)) {
  process.stderr.write('bevis needs Node 24. Run npm ci in the checkout (it brings one), or install Node 24.\n')
  process.exit(1)
}
const child = spawn(isNew ? process.execPath : bundled, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
// The terminal tells both of us of Ctrl-C; the child decides how to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  process.stderr.write(`bevis could not start: ${error.message}\n`)
  process.exit(1)
})
// Ended by a signal: interrupted (cli/exit-codes.ts).
child.on('exit', (code) => process.exit(code ?? 130))
