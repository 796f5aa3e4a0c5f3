/** One process per queue: two would give the same number to two events. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EmitterError } from './emitter-error.ts'

const mine = new Set<string>()

/** Takes the folder for this process; a process that was killed holds it no longer. @throws EmitterError `queue-in-use` */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock')
  for (let attempt = 1; ; attempt += 1) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
      mine.add(file)
      return () => {
        mine.delete(file)
        rmSync(file, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (attempt === 3 || isHeld(file))
        throw new EmitterError('queue-in-use', `another process has this queue open; if none has, remove ${file}`)
      rmSync(file, { force: true })
    }
  }
}

function isHeld(file: string): boolean {
  const pid = Number(readFileSync(file, 'utf8'))
  if (pid === process.pid) return mine.has(file)
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
