/** What the kit's tests share: a folder that goes away, a key, and a fact to tell. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JWK } from 'jose'
import type { EventDraft } from '../event.ts'

export function ownFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-kit-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

const pair = generateKeyPairSync('ed25519')
export const key: JWK = { ...(pair.privateKey.export({ format: 'jwk' }) as JWK), kid: 'kit-1' }
export const publicKey: JWK = { ...(pair.publicKey.export({ format: 'jwk' }) as JWK), kid: 'kit-1' }

export const origin = { institution: 'sandbox', source: 'own-system' }

export function fact(id: string, offering = 'kit-2026'): EventDraft {
  const data = { learner: { scheme: 'sandbox', value: 'learner-1' }, achievement: 'test-event', offering }
  return {
    type: 'org.beviskedja.completion.recorded.v1',
    id,
    data: { ...data, completedAt: '2026-11-20T15:00:00+01:00' },
  }
}
