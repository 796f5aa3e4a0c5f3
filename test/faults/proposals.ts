/** What keepers of the register do: without it those routes would never be walked while things die. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf } from '#config/register/read.ts'
import { expectStatus } from '#dev/demo/api.ts'
import { eventually } from './ground.ts'
import type { Stage } from './stage.ts'

interface Proposal {
  readonly id: string
  readonly state: 'proposed' | 'approved' | 'refused'
  readonly seen?: string
}

const proposals = '/register-proposals'
const proposer = 'officer-1'
const other = 'officer-2'

/** One change of the register that another officer turns down, and one that he puts into force; as long as it takes. */
export async function changeRegister(stage: Stage): Promise<void> {
  const { api } = stage.ground
  await decided(stage, 'refused', async ({ id }, tag) => {
    expectStatus(await api.post(other, `${proposals}/${id}/refuse`, { reason: 'not-agreed' }, tag), [200])
  })
  await decided(stage, 'approved', async ({ id, seen }, tag) => {
    expectStatus(await api.post(other, `${proposals}/${id}/approve`, { seen }, tag), [200])
  })
}

type Decide = (proposal: Proposal, tag: Readonly<Record<string, string>>) => Promise<void>

/** The key makes a proposal sent again the same one; what it has become is read before anybody decides once more. */
async function decided({ ground, register, rounds }: Stage, to: Proposal['state'], decide: Decide): Promise<void> {
  const { api, stack, patienceMs } = ground
  const files = changed(register, { stack, contact: `${to}-${rounds}@norrsken.example` })
  const headers = { 'idempotency-key': `${to}-${rounds}` }
  await eventually(
    `a proposed register is ${to}`,
    async () => {
      const answer = await api.post(proposer, proposals, { files, reason: 'new-contact' }, headers)
      const { id } = expectStatus(answer, [201]).body as Proposal
      const { body, etag } = await api.get(other, `${proposals}/${id}`)
      const proposal = body as Proposal
      if (proposal.state === 'proposed') await decide(proposal, { 'if-match': etag ?? '' })
      return proposal.state === to
    },
    patienceMs,
  )
}

/** The register in force with another contact; emitters' keys, which lie beside its folder, in their file. */
function changed(
  folder: string,
  { stack, contact }: { readonly stack: Stage['ground']['stack']; readonly contact: string },
): Record<string, string> {
  const paths = [...(filesOf(folder)?.keys() ?? [])]
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
  const keys = JSON.parse(readFileSync(keysBeside(stack.dir), 'utf8')) as Record<string, { jwk: object; nkey: string }>
  return {
    ...files,
    ...edited(files, 'institution.json', (institution) => ({ ...institution, contact })),
    ...edited(files, 'emitters.json', (declared) => ({
      ...declared,
      emitters: (declared['emitters'] as { id: string }[]).map((emitter) => {
        const { jwk, nkey } = keys[emitter.id] ?? {}
        return { ...emitter, nkey, keys: [{ jwk, from: '2000-01-01' }] }
      }),
    })),
  }
}

/** Where whoever applied the register left them (dev/demo/register.ts). */
function keysBeside(dir: string): string {
  return join(dir, 'secrets', 'nkeys', 'emitters', 'norrsken.keys.json')
}

type Declared = Readonly<Record<string, unknown>>

function edited(files: Readonly<Record<string, string>>, name: string, change: (declared: Declared) => Declared) {
  return { [name]: JSON.stringify(change(JSON.parse(files[name] ?? '{}') as Declared)) }
}
