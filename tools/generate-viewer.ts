/** Writes audit/package/viewer.html: the verifier and its page in one file that needs no network; a test fails when the committed one is older. */
import { hash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** The whole page, the same bytes each time. */
export async function viewerPage(): Promise<string> {
  const [script, style] = await Promise.all([
    bundle(at('verifier/viewer/main.ts')),
    readFile(at('verifier/viewer/style.css'), 'utf8'),
  ])
  const policy = [
    "default-src 'none'",
    `script-src '${digest(script)}'`,
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
  return [
    '<!doctype html>',
    '<html lang="sv">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<title>Granskningsunderlag · Audit package</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<noscript>Sidan räknar i din webbläsare och behöver skript. This page computes in your browser and needs scripts. Else: bevis verify package.zip --policy trust.policy</noscript>',
    `<script type="module">${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function digest(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`
}

/** A module and all it imports as one script. Refuses what could not run alone: an import nobody resolved would be asked of the network. */
export async function bundle(input: string): Promise<string> {
  const { output } = await build({
    input,
    cwd: at(''),
    platform: 'browser',
    logLevel: 'silent',
    resolve: { alias: { 'node:crypto': at('verifier/viewer/node-crypto.ts') } },
    transform: { inject: { Buffer: [at('verifier/viewer/buffer.ts'), 'Buffer'] } },
    output: { format: 'es', minify: true, codeSplitting: false },
    write: false,
  })
  const missing = [...output[0].imports, ...output[0].dynamicImports]
  if (missing.length > 0) throw new Error(`the bundle would import ${missing.join(', ')}, which cannot be resolved`)
  const code = output[0].code.trim()
  // A script element ends at the first of these, wherever it stands.
  if (/<\/script|<!--/i.test(code)) throw new Error('the bundle holds what would end its own element')
  return code
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(at('audit/package/viewer.html'), await viewerPage())
