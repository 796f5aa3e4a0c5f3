/** A headless Chromium: from the PATH, else the one that the package @sparticuz/chromium carries. Nothing is downloaded. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import packed from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome']

export async function openBrowser(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const installed = folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => existsSync(file))
  const executablePath = installed ?? (await packed.executablePath())
  // Of the packed one's own options none: they are for a place without memory, and switch off what a page is safe by.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}
