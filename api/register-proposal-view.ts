/** A proposed change of the register as it is shown; what is approved or refused is exactly this. */
import type { z } from 'zod'
import type { RegisterDiff } from '#db/register-diff.ts'
import type { RegisterProposal } from '#db/register-proposals.ts'
import type { registerProposal, registerProposalDetail } from './schemas/register-proposal.ts'

/** A proposal with what it would change now; `seen` names exactly this. */
export interface ShownProposal {
  readonly proposal: RegisterProposal
  readonly change?: { readonly diff: RegisterDiff; readonly seen: string }
}

export function proposalView({ decided, ...proposal }: RegisterProposal): z.infer<typeof registerProposal> {
  return { ...proposal, ...(decided === undefined ? {} : { decidedBy: decided.by, decidedAt: decided.at }) }
}

export function proposalDetail({ proposal, change }: ShownProposal): z.infer<typeof registerProposalDetail> {
  if (change === undefined) return proposalView(proposal)
  const { revision, declaration, items, people, conflicts } = change.diff
  return {
    ...proposalView(proposal),
    seen: change.seen,
    diff: {
      revision,
      declaration: declaration.map((field) => ({ ...field })),
      items: items.map((item) => ({ ...item, fields: item.fields.map((field) => ({ ...field })) })),
      people: [...people],
      conflicts: conflicts.map(({ code: why, about }) => ({ code: why, about: [...about] })),
    },
  }
}
