/** The page that verifies a package without network: choose, verify, read, print. Nothing of a package becomes markup. */

import { AuditError } from '#audit/errors.ts'
import { packageProfiles } from '#audit/package/profiles.ts'
import { type Policy, parsePolicy } from '#audit/policy.ts'
import { ConnectorError } from '#connectors/connector-error.ts'
import type { Text } from '#domain/words.ts'
import { asBorrowed } from '#verifier/borrowed.ts'
import type { PackageFiles } from '#verifier/files.ts'
import { PackageProblem } from '#verifier/problem.ts'
import type { PackageReport } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'
import { verifyPackage } from '#verifier/verify-package.ts'
import { el } from './element.ts'
import { openChosen } from './files.ts'
import { canJudgeStamps, stampsBy } from './stamps.ts'
import { resultView } from './view.ts'
import { type Language, page, profileWords } from './words.ts'

interface Shown {
  language: Language
  report?: PackageReport
  /** Dropped on the page, in place of what the fields hold. */
  dropped?: readonly File[]
}

const shown: Shown = { language: navigator.language.startsWith('sv') ? 'sv' : 'en' }
const say = (words: Text) => words[shown.language]

const archive = el('input', { type: 'file', id: 'archive', accept: '.zip,application/zip' })
const folder = el('input', { type: 'file', id: 'folder', webkitdirectory: '', multiple: '' })
const policy = el('input', { type: 'file', id: 'policy', accept: '.policy,.txt,text/plain' })
const tsa = el('input', { type: 'file', id: 'tsa', accept: '.pem,.crt,text/plain' })
const own = el('input', { type: 'radio', name: 'trust', id: 'own', checked: '' })
const borrowed = el('input', { type: 'radio', name: 'trust', id: 'borrowed' })
const promised = el('select', { id: 'promised' })
const status = el('p', { role: 'status', id: 'status' })
const result = el('div', { id: 'result' })
const root = el('main', {})
document.body.append(root)

function draw(): void {
  document.documentElement.lang = shown.language
  document.title = say(page.title)
  root.replaceChildren(
    el(
      'div',
      { class: 'languages', role: 'group', 'aria-label': say(page.language) },
      ...(['sv', 'en'] as const).map(languageButton),
    ),
    el('h1', {}, say(page.title)),
    el('p', {}, say(page.lead)),
    form(),
    status,
    result,
  )
  drawResult()
}

const languageNames = { sv: 'Svenska', en: 'English' } as const

function languageButton(language: Language): HTMLElement {
  const button = el(
    'button',
    { type: 'button', lang: language, 'aria-pressed': String(language === shown.language) },
    languageNames[language],
  )
  button.addEventListener('click', () => {
    shown.language = language
    status.textContent = ''
    draw()
    document.querySelector<HTMLElement>('.languages [aria-pressed="true"]')?.focus()
  })
  return button
}

function form(): HTMLElement {
  const button = el('button', { type: 'submit', class: 'primary' }, say(page.button))
  const made = el(
    'form',
    {},
    fieldset(
      page.choose,
      field(archive, page.archive),
      field(folder, page.folder),
      el('p', { class: 'facts' }, say(page.drop)),
    ),
    fieldset(
      page.trust,
      choice(own, page.own),
      field(policy, page.policyFile),
      choice(borrowed, page.borrowed),
      field(tsa, page.tsa),
      field(promisedChoice(), page.promised),
      el('p', { class: 'facts' }, say(page.promisedWhy)),
    ),
    fieldset(page.verify, button),
  )
  made.addEventListener('submit', (event) => {
    event.preventDefault()
    void verify()
  })
  return made
}

/** Keeps what was chosen when the language changes. */
function promisedChoice(): HTMLSelectElement {
  const { value } = promised
  promised.replaceChildren(
    el('option', { value: '' }, say(page.asStated)),
    ...packageProfiles.map((profile) => el('option', { value: profile }, say(profileWords[profile]))),
  )
  promised.value = value
  return promised
}

function fieldset(legend: Text, ...children: readonly HTMLElement[]): HTMLElement {
  return el('fieldset', {}, el('legend', {}, say(legend)), ...children)
}

function field(input: HTMLInputElement | HTMLSelectElement, label: Text): HTMLElement {
  return el('div', { class: 'field' }, el('label', { for: input.id }, say(label)), input)
}

function choice(input: HTMLInputElement, label: Text): HTMLElement {
  return el('div', { class: 'choice' }, input, el('label', { for: input.id }, say(label)))
}

function chosen(): readonly File[] {
  const files = shown.dropped ?? [...(archive.files ?? [])]
  return files.length > 0 ? files : [...(folder.files ?? [])]
}

async function verify(): Promise<void> {
  const files = chosen()
  if (files.length === 0) return tell(say(page.nothing))
  tell(say(page.working))
  // The words above are painted before the work begins.
  await new Promise((resolve) => setTimeout(resolve, 20))
  let opened: PackageFiles | undefined
  const open = async () => (opened ??= await openChosen(files))
  const trusted = await policyOf(open)
  if (trusted === undefined) return tell(say(page.noPolicy))
  if (typeof trusted === 'string') return tell(`${say(page.badPolicy)} (${trusted}).`)
  const stamp = await stampOf()
  if (typeof stamp === 'string') return tell(`${say(page.badTsa)} (${stamp}).`)
  const profile = packageProfiles.find((one) => one === promised.value)
  const found = await verifyPackage(open, {
    policy: trusted,
    at: new Date().toISOString(),
    ...(profile === undefined ? {} : { profile }),
    ...(stamp === undefined ? {} : { stamp }),
  })
  shown.report = borrowed.checked ? asBorrowed(found) : found
  tell('')
  drawResult()
  document.querySelector<HTMLElement>('#verdict')?.focus()
}

/** The policy, why it cannot be read, or undefined where none was chosen. */
async function policyOf(open: () => Promise<PackageFiles>): Promise<Policy | string | undefined> {
  const [file] = policy.files ?? []
  if (own.checked && file === undefined) return undefined
  try {
    return parsePolicy(own.checked && file !== undefined ? await file.text() : await ownPolicyOf(open))
  } catch (error) {
    if (error instanceof AuditError) return error.message
    throw error
  }
}

/** By the certificates that were chosen, why they cannot be read, or undefined where none were, or the browser cannot judge by them. */
async function stampOf(): Promise<Trust['stamp'] | string> {
  const [file] = tsa.files ?? []
  if (file === undefined || !canJudgeStamps()) return undefined
  try {
    return stampsBy(await file.text())
  } catch (error) {
    if (error instanceof ConnectorError) return error.code
    throw error
  }
}

/** A package that cannot be read has none: the verification itself then says why. */
async function ownPolicyOf(open: () => Promise<PackageFiles>): Promise<string> {
  try {
    return new TextDecoder().decode(await (await open()).read('policy.txt'))
  } catch (error) {
    if (error instanceof PackageProblem) return 'quorum none'
    throw error
  }
}

function tell(text: string): void {
  status.textContent = text
}

function drawResult(): void {
  if (shown.report === undefined) return result.replaceChildren()
  const print = el('button', { type: 'button', class: 'print' }, say(page.print))
  print.addEventListener('click', () => window.print())
  result.replaceChildren(resultView(shown.report, shown.language), print)
}

document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', (event) => {
  event.preventDefault()
  const files = [...(event.dataTransfer?.files ?? [])]
  if (files.length === 0) return
  shown.dropped = files.slice(0, 1)
  tell(files[0]?.name ?? '')
})
for (const input of [archive, folder]) input.addEventListener('change', () => delete shown.dropped)
draw()
