/** Imported before a command of ours: tells on standard error, as it ends, the most memory it ever had, in kilobytes (Linux). */
import { readFileSync } from 'node:fs'

process.on('exit', () => {
  const [, highest] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  process.stderr.write(`\n${highest}\n`)
})
