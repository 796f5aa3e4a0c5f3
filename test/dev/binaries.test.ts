import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BinaryOptions, ensureBinaries } from '#dev/servers/binaries.ts'
import { waitUntil } from '#dev/servers/processes.ts'
import { isAtLeast, releasePlatform, releases, type ServerRelease, type Tool } from '#dev/servers/versions.ts'
import { root } from '../support/paths.ts'
import { begin, emptyFolder, ownFolder } from './support.ts'

const tools = ['temporal', 'nats-server'] as const

/** A program that says it is some version, in place of a real server. */
const program = (version: string) => `#!/bin/sh\necho "version ${version}"\n`

function place(file: string, text: string): void {
  writeFileSync(file, text)
  chmodSync(file, 0o755)
}

describe('versions', () => {
  test.each([
    ['1.8.2', '1.8.2', true],
    ['1.10.0', '1.8.2', true],
    ['2.0', '1.8.2', true],
    ['1.8.1', '1.8.2', false],
    ['1.8', '1.8.2', false],
    ['strange', '1.8.2', false],
  ])('%s against at least %s is %s', (found, wanted, answer) => {
    expect(isAtLeast(found, wanted)).toBe(answer)
  })

  test('every pinned checksum is a SHA-256, and both servers are pinned for Linux and macOS on both kinds of CPU', () => {
    for (const { sha256 } of releases) {
      expect(Object.keys(sha256).toSorted()).toEqual(['darwin-amd64', 'darwin-arm64', 'linux-amd64', 'linux-arm64'])
      for (const sum of Object.values(sha256)) expect(sum).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})

describe('getting the servers', () => {
  let folder: ReturnType<typeof ownFolder>
  let empty: string
  let said: string[]
  beforeEach(() => {
    folder = ownFolder()
    empty = emptyFolder(join(folder.dir, 'bin'))
    said = []
    const moduleDir = emptyFolder(join(folder.dir, 'module'))
    writeFileSync(join(moduleDir, 'go.sum'), 'pinned')
  })
  afterEach(() => folder.remove())

  const get = (options: BinaryOptions = {}) =>
    ensureBinaries({
      moduleDir: join(folder.dir, 'module'),
      cacheRoot: join(folder.dir, 'cache'),
      path: empty,
      releaseHost: false,
      log: (line) => said.push(line),
      ...options,
    })
  const cache = () =>
    join(folder.dir, 'cache', `servers-${createHash('sha256').update('pinned').digest('hex').slice(0, 16)}`)
  const left = () => readdirSync(join(folder.dir, 'cache'), { recursive: true, encoding: 'utf8' }).toSorted()

  test('good versions on PATH are used as they are', async () => {
    place(join(empty, 'temporal'), program('1.9.0'))
    place(join(empty, 'nats-server'), program('2.15.2'))
    expect(await get()).toEqual({ temporal: join(empty, 'temporal'), 'nats-server': join(empty, 'nats-server') })
    expect(said).toEqual([])
  })

  test('an old version on PATH gives way to the cache', async () => {
    place(join(empty, 'temporal'), program('1.5.1'))
    mkdirSync(cache(), { recursive: true })
    for (const tool of tools) place(join(cache(), tool), program('9.9.9'))
    expect(await get()).toEqual({ temporal: join(cache(), 'temporal'), 'nats-server': join(cache(), 'nats-server') })
  })

  test('where no way is open, one message says why each failed and which ways there are', async () => {
    place(join(empty, 'nats-server'), program('2.9.10'))
    const message = await get().catch((error: Error) => error.message)
    expect(message).toContain('is 2.9.10, 2.12.0 or newer is needed')
    expect(message).toContain('downloads are off because CI is set')
    expect(message).toContain('there is no Go')
    expect(message).toContain('put temporal 1.8.2 or newer, nats-server 2.12.0 or newer on PATH')
    expect(message).toContain(cache())
  })

  describe('from release archives', () => {
    let server: Server
    let asked: string[]
    let archives: Map<string, Buffer>
    let host: string
    beforeEach(async () => {
      asked = []
      archives = new Map()
      server = createServer((request, response) => {
        asked.push(request.url ?? '')
        const archive = archives.get(request.url ?? '')
        if (request.url?.startsWith('/moved'))
          response.writeHead(302, { location: request.url.slice('/moved'.length) }).end()
        else if (archive === undefined) response.writeHead(404).end()
        else response.end(archive)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterEach(() => new Promise((resolve) => server.close(resolve)))

    function release(tool: Tool): ServerRelease {
      const work = emptyFolder(join(folder.dir, `archive-${tool}`, 'inner'))
      place(join(work, tool), program('9.9.9'))
      const packed = join(folder.dir, `${tool}.tar.gz`)
      spawnSync('tar', ['-czf', packed, '-C', join(folder.dir, `archive-${tool}`), `inner/${tool}`])
      archives.set(`/${tool}.tar.gz`, readFileSync(packed))
      const sha256 = createHash('sha256').update(readFileSync(packed)).digest('hex')
      const atLeast = '9.9.9'
      return {
        tool,
        atLeast,
        version: atLeast,
        archive: () => `/moved/${tool}.tar.gz`,
        member: () => `inner/${tool}`,
        sha256: { [releasePlatform()]: sha256 },
      }
    }

    test('the pinned archive is fetched, unpacked and kept', async () => {
      const found = await get({ releaseHost: host, accepted: tools.map(release) })
      expect(spawnSync(found.temporal, { encoding: 'utf8' }).stdout).toContain('9.9.9')
      expect(left()).toEqual([cache(), ...tools.map((tool) => join(cache(), tool))].map(inCache).toSorted())
      const before = asked.length
      await get({ releaseHost: host, accepted: tools.map(release) })
      expect(asked).toHaveLength(before)
    })

    test('an archive with another checksum is refused and nothing of it is kept', async () => {
      const [temporal, nats] = [release('temporal'), release('nats-server')]
      archives.set('/nats-server.tar.gz', Buffer.from('something else'))
      const message = await get({ releaseHost: host, accepted: [temporal, nats] }).catch(
        (error: Error) => error.message,
      )
      expect(message).toContain('not the pinned one: refused')
      expect(left()).toEqual([cache(), join(cache(), 'temporal')].map(inCache).toSorted())
    })

    test('a platform without a pinned checksum is never asked for', async () => {
      const accepted = tools.map((tool) => ({ ...release(tool), sha256: {} }))
      await expect(get({ releaseHost: host, accepted })).rejects.toThrow('no checksum is pinned')
      expect(asked).toEqual([])
    })

    const inCache = (path: string) => path.slice(join(folder.dir, 'cache').length + 1)
  })

  describe('from source', () => {
    /** A Go in place of the real one: takes a while, writes half a binary, then whole ones. */
    const slowGo = (seconds: number) =>
      [
        '#!/bin/sh',
        'if [ "$1" = version ]; then echo "go version go1.27.0 linux/amd64"; exit; fi',
        'while [ "$1" != -o ]; do shift; done',
        'out=$2',
        'printf half > "$out/temporal"',
        `sleep ${seconds}`,
        ...tools.map((tool) => `printf '#!/bin/sh\\necho 9.9.9\\n' > "$out/${tool}"; chmod +x "$out/${tool}"`),
      ].join('\n')
    const env = () => ({
      ...process.env,
      PATH: `${empty}:/usr/bin:/bin`,
      XDG_CACHE_HOME: join(folder.dir, 'home'),
      CI: '1',
    })
    const home = () => join(folder.dir, 'home', 'beviskedja')
    const script = fileURLToPath(new URL('../../dev/servers/binaries.ts', import.meta.url))

    test('both are built and kept, with a word about what takes so long', async () => {
      place(join(empty, 'go'), slowGo(0))
      const found = await get({ path: `${empty}:/usr/bin:/bin` })
      expect(found).toEqual({ temporal: join(cache(), 'temporal'), 'nats-server': join(cache(), 'nats-server') })
      expect(said[0]).toMatch(/from source: 4 to 8 minutes, once/)
      expect(readdirSync(join(folder.dir, 'cache'))).toEqual([cache().split('/').at(-1)])
    })

    test.each(['SIGINT', 'SIGKILL'] as const)(
      'a build ended by %s leaves nothing half, and the next one is whole',
      async (signal) => {
        place(join(empty, 'go'), slowGo(60))
        const build = begin([script], { env: env() })
        await waitUntil(() => existsSync(home()) && halfBuilt(home()), 20_000)
        build.child.kill(signal)
        await build.ended
        expect(servers(home())).toEqual([])
        place(join(empty, 'go'), slowGo(0))
        const again = begin([script], { env: env() })
        expect((await again.ended).code).toBe(0)
        expect(servers(home())).toEqual([...tools].toSorted())
        expect(readdirSync(home()).filter((name) => name.includes('.new'))).toEqual([])
      },
    )

    const halfBuilt = (folderName: string) =>
      readdirSync(folderName, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith('temporal'))
    /** What the final folder holds. */
    const servers = (folderName: string) => {
      const final = readdirSync(folderName).find((name) => /^servers-[0-9a-f]{16}$/.test(name))
      return final === undefined ? [] : readdirSync(join(folderName, final)).toSorted()
    }

    test('the pinned module names both servers', () => {
      const module = readFileSync(join(root, 'tools', 'servers', 'go.mod'), 'utf8')
      expect(module).toContain('github.com/nats-io/nats-server/v2 v2.15')
      expect(module).toContain('github.com/temporalio/cli v1.8.2')
    })
  })
})
