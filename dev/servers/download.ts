/** Official release archives, used only with the pinned checksum: without the check a tampered server would run with our keys. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { dirname, join } from 'node:path'

const CONNECT_MS = 3_000
const SILENCE_MS = 30_000
const MAX_REDIRECTS = 5

export interface DownloadOptions {
  readonly url: string
  readonly sha256: string
  /** The binary's path inside the archive. */
  readonly member: string
  /** Where the binary shall lie; it appears whole or not at all. */
  readonly target: string
  readonly log: (line: string) => void
}

/** Fetches, checks and unpacks one archive. Gives the reason where it did not work; never throws for a bad network or archive. */
export async function download(options: DownloadOptions): Promise<string | undefined> {
  const temporary = `${options.target}.${process.pid}.download`
  try {
    options.log(`Downloading ${options.url} …`)
    const archive = await fetchBytes(options.url, MAX_REDIRECTS)
    const sum = createHash('sha256').update(archive).digest('hex')
    if (sum !== options.sha256)
      return `the archive from ${options.url} has checksum ${sum}, not the pinned one: refused`
    mkdirSync(temporary, { recursive: true })
    writeFileSync(join(temporary, 'archive.tar.gz'), archive)
    execFileSync('tar', ['-xzf', 'archive.tar.gz', options.member], { cwd: temporary, stdio: 'pipe' })
    chmodSync(join(temporary, options.member), 0o755)
    mkdirSync(dirname(options.target), { recursive: true })
    renameSync(join(temporary, options.member), options.target)
    return undefined
  } catch (error) {
    return `${options.url} could not be used (${error instanceof Error ? error.message : String(error)})`
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

async function fetchBytes(url: string, redirectsLeft: number): Promise<Buffer> {
  const response = await open(url)
  const { statusCode = 0, headers } = response
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    response.destroy()
    if (redirectsLeft === 0) throw new Error('too many redirects')
    return await fetchBytes(new URL(headers.location, url).href, redirectsLeft - 1)
  }
  if (statusCode !== 200) {
    response.destroy()
    throw new Error(`answered ${statusCode}`)
  }
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The limit of 3 s is for reaching the host, not for the archive itself; a stalled transfer ends after 30 s. */
function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? getSecure : getPlain)(url, resolve)
    const connectTimer = setTimeout(() => request.destroy(new Error('not reached within 3 seconds')), CONNECT_MS)
    request.once('socket', (socket) => {
      const reached = () => clearTimeout(connectTimer)
      if (!socket.connecting) reached()
      socket.once(url.startsWith('https:') ? 'secureConnect' : 'connect', reached)
    })
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error('no data for 30 seconds')))
    request.once('error', (error) => {
      clearTimeout(connectTimer)
      reject(error)
    })
  })
}
