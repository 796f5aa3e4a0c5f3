/** Every manipulation of the detection matrix (audit-log §8), by the hand that tries it; what a forger knows how to do well stands in forger.ts. */
import { asApplication } from './manipulations/application.ts'
import { inFiles } from './manipulations/files.ts'
import { withLogKey } from './manipulations/log-key.ts'
import type { Manipulation } from './manipulations/manipulation.ts'
import { asOwner } from './manipulations/owner.ts'
import { inTransit } from './manipulations/package.ts'
import { inRecord } from './manipulations/record.ts'
import { asSuperuser } from './manipulations/superuser.ts'

export const manipulations: readonly Manipulation[] = [
  ...asApplication,
  ...asOwner,
  ...asSuperuser,
  ...inRecord,
  ...withLogKey,
  ...inFiles,
  ...inTransit,
]
