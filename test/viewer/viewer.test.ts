/** The page inside every package, in a real browser from a disk: the same answers as the command line, no network, no markup from data. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes } from '#audit/canonical.ts'
import { utf8 } from '#audit/digest.ts'
import { disclose } from '#audit/disclosure.ts'
import { parsePolicy } from '#audit/policy.ts'
import { judgeBy, readTrustedTsa } from '#connectors/time-stamp/verify.ts'
import type { Trust } from '#verifier/trust.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { openZip } from '#verifier/zip.ts'
import { openBrowser } from '../support/browser.ts'
import { documentSigner } from '../support/documents.ts'
import { caseTrail, policyText, trust } from '../support/memory-log.ts'
import { type Files, filesOf, opened, sealed, soundPackage, zipped } from '../support/package.ts'
import { cutTo } from '../support/package-profile.ts'
import { root } from '../support/paths.ts'
import { makeTsa } from '../support/tsa.ts'

const folder = mkdtempSync(join(tmpdir(), 'bevis-viewer-'))
const at = (name: string) => join(folder, name)
const page = join(root, 'audit', 'package', 'viewer.html')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let sound: Files
beforeAll(async () => {
  browser = await openBrowser()
  const signer = await documentSigner()
  const { files, of } = await soundPackage('A', signer.sign)
  await signer.close()
  sound = files
  writeFileSync(at('trust.policy'), policyText)
  writeFileSync(at('package.zip'), await zipped(files))
  const tampered = filesOf(of)
  tampered.set(`trails/${caseTrail}/0003.json`, utf8('{}'))
  writeFileSync(at('tampered.zip'), await zipped(sealed(tampered)))
  writeFileSync(at('public.zip'), await zipped(cutTo('public', files)))
  writeFileSync(at('hostile.zip'), await zipped(await hostile()))
}, 120_000)
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

/** Texts that become markup, script or another layout wherever somebody forgets that they are texts. */
const payloads = [
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '"><svg onload=window.pwned=1>',
  "javascript:window.pwned=1//'",
  '</title></style></script><iframe srcdoc="<script>parent.pwned=1</script>">',
  '{{constructor.constructor("window.pwned=1")()}}',
  '\u202Egnp.exe\u0000\u0007',
]

/** Names, codes and disclosed values are all payloads; the log has signed every one of them. */
async function hostile(): Promise<Files> {
  const { of } = await soundPackage('A')
  const persons = payloads.map((name, index) => ({
    ref: ['pseudonym-of-decision-maker', 'pseudonym-of-external-reviewer'][index] ?? `ref-${index}`,
    id: ['pers_decider', 'pers_teacher', 'pers_scorer'][index] ?? `pers_${index}`,
    name,
  }))
  const files = filesOf(of).set('persons.json', canonicalBytes(persons))
  const stray = payloads.map((value) => disclose(value.replaceAll('\0', ''), value, new Uint8Array(16)).disclosure)
  files.set(`trails/${caseTrail}/disclosures.json`, canonicalBytes({ 1: stray }))
  return sealed(files, { purpose: '<b>purpose</b>', requester: '<img/src=x>' })
}

interface Opened {
  readonly view: Page
  readonly context: BrowserContext
  /** Whatever the page asked of a network, and whatever it was stopped from doing. */
  readonly asked: string[]
  readonly errors: string[]
}

async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Opened> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const asked: string[] = []
  const errors: string[] = []
  await context.route(/^(?!file:|blob:)/, (route) => {
    asked.push(route.request().url())
    return route.abort()
  })
  const view = await context.newPage()
  view.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  view.on('pageerror', (error) => errors.push(error.message))
  await view.goto(pathToFileURL(page).href)
  return { view, context, asked, errors }
}

async function verify(view: Page, name: string, policy: 'own' | 'borrowed' = 'own'): Promise<void> {
  await view.setInputFiles('#archive', at(name))
  if (policy === 'own') await view.setInputFiles('#policy', at('trust.policy'))
  else await view.check('#borrowed')
  await view.click('button[type=submit]')
  await view.waitForSelector('#verdict')
}

function bytesOf(file: string) {
  const bytes = new Uint8Array(readFileSync(file))
  return { size: bytes.length, read: async (from: number, length: number) => bytes.subarray(from, from + length) }
}

const outcomesIn = (view: Page) =>
  view.$$eval('.result table:has(details) tbody tr td:nth-child(2)', (cells) => cells.map((cell) => cell.className))

/** Pictures for whoever wants to look: BEVIS_SCREENSHOTS names a folder. */
async function picture(view: Page, name: string): Promise<void> {
  const folderOf = process.env['BEVIS_SCREENSHOTS']
  if (folderOf !== undefined) await view.screenshot({ path: join(folderOf, `${name}.png`), fullPage: true })
}

async function violations(view: Page): Promise<unknown> {
  // The page's own policy lets no script in but its own; the debugger is no page.
  const session = await view.context().newCDPSession(view)
  await session.send('Runtime.evaluate', { expression: axe })
  const { result } = await session.send('Runtime.evaluate', {
    expression:
      'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => JSON.stringify(r.violations.map((v) => [v.id, v.nodes.map((n) => n.target)])))',
    awaitPromise: true,
  })
  return JSON.parse(String(result.value))
}

describe('the viewer', () => {
  test('gives check by check the answers that the command line gives, and asks nobody', async () => {
    const { view, context, asked, errors } = await openPage()
    await verify(view, 'package.zip')
    const report = await verifyPackage(opened(sound), { ...trust, at: new Date().toISOString() })
    const expected = [...report.checks, ...report.trails.flatMap((trail) => trail.checks)].map(({ outcome }) => outcome)
    expect(await outcomesIn(view)).toEqual(expected)
    expect(await view.textContent('#verdict')).toBe(report.verdict.en)
    expect([asked, errors]).toEqual([[], []])
    await picture(view, 'sound')
    await context.close()
  })

  test('refuses a tampered one, and says so before anything else', async () => {
    const { view, context } = await openPage()
    await verify(view, 'tampered.zip')
    expect(await view.textContent('#verdict')).toMatch(/^The package does not hold\./)
    expect(await outcomesIn(view)).toContain('failed')
    await picture(view, 'tampered')
    await context.close()
  })

  test('calls nothing genuine by the package’s own policy', async () => {
    const { view, context } = await openPage()
    await verify(view, 'package.zip', 'borrowed')
    expect(await view.textContent('#verdict')).toMatch(/agrees with itself/)
    expect(await view.$('.verdict.passed')).toBeNull()
    await context.close()
  })

  test('does not let a package without inputs look like one whose gates were judged again, and demands what was promised', async () => {
    const { view, context } = await openPage()
    await verify(view, 'public.zip')
    expect(await view.textContent('#verdict')).toMatch(/^Every entry is genuine and unchanged, but the gates were not/)
    expect(await view.$('.verdict.passed')).toBeNull()
    await picture(view, 'public')
    await view.selectOption('#promised', 'accreditor')
    await view.click('button[type=submit]')
    await view.locator('.verdict.could-not-check').waitFor()
    expect(await view.textContent('#verdict')).toMatch(/says it is of profile public, and you demand accreditor[.]$/)
    await context.close()
  })

  const golden = (name: string) => join(root, 'test', 'golden', '0.1.0', name)
  const stampedCourt = async (view: Page, tsa?: string) => {
    await view.setInputFiles('#archive', golden('court.zip'))
    await view.setInputFiles('#policy', golden('trust.policy'))
    if (tsa !== undefined) await view.setInputFiles('#tsa', tsa)
    await view.click('button[type=submit]')
    await view.waitForSelector('#verdict')
  }
  const goldenReport = (stamp?: Trust['stamp']) =>
    verifyPackage(async () => openZip(bytesOf(golden('court.zip'))), {
      policy: parsePolicy(readFileSync(golden('trust.policy'), 'utf8')),
      at: new Date().toISOString(),
      ...(stamp === undefined ? {} : { stamp }),
    })

  test('judges time-stamps by the certificates its reader brings, check by check as the command line does', async () => {
    const { view, context, errors } = await openPage()
    await stampedCourt(view, golden('tsa.pem'))
    const report = await goldenReport(judgeBy(readTrustedTsa(readFileSync(golden('tsa.pem'), 'utf8'))))
    const expected = [...report.checks, ...report.trails.flatMap((trail) => trail.checks)]
    expect(await outcomesIn(view)).toEqual(expected.map(({ outcome }) => outcome))
    expect(await view.textContent('#verdict')).toBe(report.verdict.en)
    const stamps = view.getByRole('row', { name: /^Time-stamps/ })
    expect(await stamps.textContent()).toMatch(/passed.*The time-stamp from outside holds[.]/)
    expect(errors).toEqual([])
    await picture(view, 'stamped')
    await context.close()
  })

  test('refuses a time-stamp of an authority its reader does not trust', async () => {
    const { view, context } = await openPage()
    const stranger = makeTsa()
    writeFileSync(at('stranger.pem'), stranger.root)
    stranger.dispose()
    await stampedCourt(view, at('stranger.pem'))
    expect(await view.textContent('#verdict')).toMatch(/^The package does not hold[.] .*untrusted/)
    await view.setInputFiles('#tsa', golden('trust.policy'))
    await view.click('button[type=submit]')
    await view.getByText('The certificates cannot be read').waitFor()
    await context.close()
  })

  test('says of time-stamps without certificates that they were not judged, and counts none as passed', async () => {
    const { view, context } = await openPage()
    await stampedCourt(view)
    const stamps = view.getByRole('row', { name: /^Time-stamps/ })
    expect(await stamps.textContent()).toMatch(/could not check.*not judged.*Choose their certificates above[.]/)
    expect(await stamps.locator('td').first().getAttribute('class')).toBe('could-not-check')
    expect(await view.textContent('#verdict')).toBe('The package is genuine and unchanged. 2 checks could not be made.')
    await context.close()
  })

  test('says plainly where a browser cannot judge them, and who can', async () => {
    const { view, context } = await openPage()
    await view.evaluate('delete Crypto.prototype.subtle')
    await stampedCourt(view, golden('tsa.pem'))
    const stamps = view.getByRole('row', { name: /^Time-stamps/ })
    expect(await stamps.textContent()).toMatch(/could not check.*use the command line: bevis verify --tsa[.]/)
    await context.close()
  })

  test('tells reasons, roles, purpose and states in words, none as a code', async () => {
    const { view, context } = await openPage({ locale: 'sv-SE' })
    await stampedCourt(view)
    const told = (await view.textContent('main')) ?? ''
    for (const words of [
      'skäl: utsedd genom lottning',
      'skäl: reglerna kräver en persons godkännande',
      'av systemet: mottagning',
      'ändamåldomstol',
      'ärendet är utfärdat',
      'kontrollsumma av handlingen: ',
    ])
      expect(told).toContain(words)
    await picture(view, 'words')
    await context.close()
  })

  test('shows what a hostile package says as text, and runs none of it', async () => {
    const { view, context, asked, errors } = await openPage()
    const dialogs: string[] = []
    view.on('dialog', (dialog) => dialogs.push(dialog.message()))
    await verify(view, 'hostile.zip')
    expect(await view.evaluate('window.pwned')).toBeUndefined()
    expect(
      await view.$$eval('main :is(img, script, iframe, svg, b, object, style, link, a)', (found) => found.length),
    ).toBe(0)
    expect(await view.textContent('main')).toContain(payloads[0])
    expect([asked, errors, dialogs]).toEqual([[], [], []])
    await context.close()
  })

  test('forbids itself every script, style and address but its own', async () => {
    const { view, context, asked } = await openPage()
    await view.evaluate(`(() => {
      for (const name of ['script', 'style']) {
        const one = document.createElement(name)
        try { one.textContent = name === 'script' ? 'window.pwned = 1' : 'body { display: none }' } catch {}
        document.head.append(one)
      }
      const image = document.createElement('img')
      image.src = 'https://example.org/seen.png'
      document.body.append(image)
      return fetch('https://example.org/').catch(() => 0)
    })()`)
    expect(await view.evaluate('window.pwned')).toBeUndefined()
    expect(await view.isVisible('h1')).toBe(true)
    expect(asked).toEqual([])
    await context.close()
  })

  test.each([
    ['a desk', { viewport: { width: 1280, height: 900 } }],
    ['a phone', { viewport: { width: 360, height: 740 }, locale: 'sv-SE' }],
    ['a phone in the dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ] as const)('is accessible on %s, before and after', async (name, options) => {
    const { view, context } = await openPage(options)
    expect(await violations(view)).toEqual([])
    await verify(view, 'package.zip')
    await view.locator('summary').first().click()
    expect(await violations(view)).toEqual([])
    const width = await view.evaluate('[document.documentElement.scrollWidth, window.innerWidth]')
    expect((width as number[])[0]).toBeLessThanOrEqual((width as number[])[1] ?? 0)
    await picture(view, name.replaceAll(' ', '-'))
    await context.close()
  })

  test('changes its language and keeps the result, by keyboard alone', async () => {
    const { view, context } = await openPage()
    await verify(view, 'package.zip')
    await view.locator('.languages button').first().focus()
    await view.keyboard.press('Enter')
    expect(await view.evaluate('document.documentElement.lang')).toBe('sv')
    expect(await view.textContent('#verdict')).toMatch(/^Underlaget är äkta och oförändrat\./)
    expect(await view.evaluate('document.activeElement.lang')).toBe('sv')
    await context.close()
  })

  test('prints the verdict and the checks without its form', async () => {
    const { view, context } = await openPage()
    await verify(view, 'package.zip')
    await view.emulateMedia({ media: 'print' })
    expect([await view.isVisible('form'), await view.isVisible('#verdict')]).toEqual([false, true])
    await picture(view, 'print')
    await context.close()
  })

  test('tells what is still to be chosen', async () => {
    const { view, context } = await openPage()
    await view.click('button[type=submit]')
    expect(await view.textContent('#status')).toBe('Choose a package first.')
    await view.setInputFiles('#archive', at('package.zip'))
    await view.click('button[type=submit]')
    await view.getByText('Choose a policy').first().waitFor()
    await view.setInputFiles('#policy', at('package.zip'))
    await view.click('button[type=submit]')
    await view.getByText('The policy file cannot be read').first().waitFor()
    await context.close()
  })
})
