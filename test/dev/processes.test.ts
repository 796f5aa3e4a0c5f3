import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tryLock, unlock } from '#dev/servers/lock.ts'
import { birthOf, readLive, recordOf, start, stopRecorded, waitUntil } from '#dev/servers/processes.ts'
import { ownFolder } from './support.ts'

describe('pid files', () => {
  let folder: ReturnType<typeof ownFolder>
  let pidFile: string
  beforeEach(() => {
    folder = ownFolder()
    pidFile = join(folder.dir, 'sleeper.pid')
  })
  afterEach(() => folder.remove())

  const sleeper = (code = 'setInterval(() => {}, 1000)') =>
    start({ command: process.execPath, args: ['-e', code], logFile: join(folder.dir, 'log'), pidFile })

  test('name the process they were written for while it lives', async () => {
    const { pid } = sleeper()
    expect(readLive(pidFile)?.pid).toBe(pid)
    await stopRecorded(pidFile, 'SIGTERM')
    expect(birthOf(pid)).toBeUndefined()
    expect(existsSync(pidFile)).toBe(false)
  })

  test('whose number belongs to another process by now are stale, and that process is left alone', async () => {
    const { pid, exited } = sleeper()
    const foreign = { pid, birth: 'some-other-boot/1' }
    writeFileSync(pidFile, JSON.stringify(foreign))
    expect(readLive(pidFile)).toBeUndefined()
    await stopRecorded(pidFile, 'SIGKILL')
    expect(birthOf(pid)).toBeDefined()
    expect(existsSync(pidFile)).toBe(false)
    writeFileSync(pidFile, JSON.stringify(recordOf(pid)))
    await stopRecorded(pidFile, 'SIGKILL')
    await exited
  })

  test.each(['', 'not json', '4711', '{"pid": "x"}', 'null'])('that hold %j count as stale', (content) => {
    writeFileSync(pidFile, content)
    expect(readLive(pidFile)).toBeUndefined()
  })

  test('a process that ignores the polite signal is ended by force', async () => {
    const { pid } = sleeper('process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)')
    await waitUntil(() => readFileSync(join(folder.dir, 'log'), 'utf8').includes('ready'), 10_000)
    await stopRecorded(pidFile, 'SIGTERM', 200)
    expect(birthOf(pid)).toBeUndefined()
  })

  test('a lock held by a living process is respected, a dead one’s is taken over', async () => {
    const { pid, exited } = sleeper()
    writeFileSync(pidFile, JSON.stringify(recordOf(pid)))
    expect(tryLock(pidFile)).toBe(false)
    process.kill(pid, 'SIGKILL')
    await exited
    expect(tryLock(pidFile)).toBe(true)
    unlock(pidFile)
    expect(existsSync(pidFile)).toBe(false)
  })
})
