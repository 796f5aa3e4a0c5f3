/** Why somebody looks; the API logs it. */
export const purposeOption = {
  value: '<code>',
  says: 'why you look: case-work (default), appeal, audit, support, revocation; it is logged',
} as const
