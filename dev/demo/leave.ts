/** What the demo leaves for other tools: credentials, trails, keys, lists, events and a summary under `.bevis/demo`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Api } from './api.ts'
import type { Sent } from './emitters.ts'

interface Trail {
  readonly log: string
  readonly trail: string
  readonly entries: readonly { readonly leaf: string }[]
  readonly disclosures: readonly unknown[]
  readonly next: string | null
}

/** The folder, emptied: it holds one run. */
export function emptyFolder(base: string): string {
  const folder = join(base, 'demo')
  rmSync(folder, { recursive: true, force: true })
  for (const name of ['credentials', 'trails', 'status-lists', 'events'])
    mkdirSync(join(folder, name), { recursive: true })
  return folder
}

export function leave(folder: string, name: string, content: unknown): void {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`)
}

/** Exact leaf bytes and what opens their digests; the officer's look is an entry of its own, after these. */
export async function leaveTrail(folder: string, api: Api, caseId: string): Promise<void> {
  const pages: Trail[] = []
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)?.next ?? null) {
    const query = `purpose=audit${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
    pages.push((await api.get('officer-1', `/cases/${caseId}/trail?${query}`)).body as Trail)
  }
  const entries = pages.flatMap((page) => page.entries.map(({ leaf }) => ({ leaf })))
  const disclosures = pages.flatMap((page) => page.disclosures)
  leave(folder, `trails/${caseId}.json`, { log: pages[0]?.log, trail: pages[0]?.trail, entries, disclosures })
}

export function leaveEvents(folder: string, sent: readonly Sent[]): void {
  for (const [index, { source, subject, headers, payload }] of sent.entries()) {
    const number = String(index + 1).padStart(3, '0')
    leave(folder, `events/${number}-${source}.json`, {
      subject,
      headers,
      payload: JSON.parse(new TextDecoder().decode(payload)) as unknown,
    })
  }
}
